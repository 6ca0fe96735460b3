/** Town: buildings on an island that go on while their owner is away; friends come to look. */
import type { TownBuilding, TownStore } from '../../../../src/protocol.ts';
import { worldView } from '../view.ts';
import { TownPage } from './TownPage.tsx';

export const town = worldView<TownBuilding, TownStore>({
  name: 'town',
  title: 'Town',
  World: TownPage,
});
