import { describeLives } from './model/lives.ts';

describeLives(1_000);
