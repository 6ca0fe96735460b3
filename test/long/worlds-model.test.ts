import { describeLives } from '../worlds/model/lives.ts';

describeLives(50_000);
