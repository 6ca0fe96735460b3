/** What the page of a town does for its player: commands, and the word about the last of them. */
import type { TownBuilding, TownStore } from '../../../../src/protocol.ts';
import type { World } from '../../rooms/world.ts';
import { createStore, type ReadableStore } from '../../store.ts';
import { toastError } from '../../toasts.ts';
import { createTownCommands, type TownCommands } from './commands.ts';
import { readCatalogue, shelf } from './shelf.ts';
import { doneText } from './words.ts';

export type TownWorld = World<TownBuilding, TownStore>;

export interface Desk {
  readonly commands: TownCommands;
  readonly word: ReadableStore<string>;
  say(text: string): void;
}

export function createDesk(world: TownWorld): Desk {
  const word = createStore('');
  const titleOf = (id: number) => {
    const building = world.state.get()?.entries[id]?.building;
    return shelf.get()?.kinds.get(building ?? '')?.title ?? 'The building';
  };
  const commands = createTownCommands({
    command: world.command,
    done(command, answer) {
      const catalogue = shelf.get();
      if (catalogue !== null) word.set(doneText(command, answer, catalogue, titleOf));
    },
    refuse(text) {
      toastError(text);
      // What it was taken for may have changed.
      void readCatalogue();
    },
  });
  return { commands, word, say: word.set };
}
