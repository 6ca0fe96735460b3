/** Carries a command out: each is decided by one function, from the state of this moment. */
import type { Holder, WorldCatalogue } from '../world.ts';
import type { TownCommand } from './commands.ts';
import type { Decision } from './holdings.ts';
import { build, demolish, move, upgrade } from './sites.ts';
import type { TownState } from './state.ts';
import { collect, supply } from './stores.ts';
import { buy, craft, sell } from './trade.ts';

export function carryOut(
  state: TownState,
  command: TownCommand,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  switch (command.type) {
    case 'build':
      return build(state, command, holder, catalogue);
    case 'upgrade':
      return upgrade(state, command, holder, catalogue);
    case 'move':
      return move(state, command, holder, catalogue);
    case 'demolish':
      return demolish(state, command, holder, catalogue);
    case 'collect':
      return collect(state, command, holder, catalogue);
    case 'supply':
      return supply(state, command, holder, catalogue);
    case 'craft':
      return craft(state, command, holder, catalogue);
    case 'buy':
      return buy(state, command, holder, catalogue);
    case 'sell':
      return sell(state, command, holder, catalogue);
  }
}
