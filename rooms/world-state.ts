/** The synchronized state of a world: what every client may rely on, and entries as the game's rules name their fields. */
import { type MapSchema, schema, t } from '@colyseus/schema';
import type { WorldGame } from '../src/games/world.ts';
import type { WorldState as WireState } from '../src/protocol.ts';
import { fieldsOf } from './table-state.ts';

export type EntryState = Record<string, number | string | boolean>;
export type WorldState = Omit<WireState, 'entries'> & { entries: MapSchema<EntryState> };

export interface WorldStateClasses {
  readonly State: new () => WorldState;
  readonly Entry: new () => EntryState;
}

export function worldStateOf(game: WorldGame): WorldStateClasses {
  const Entry = schema(fieldsOf(game.entry), `${game.name}_entry`);
  const State = schema(
    {
      world: t.number().default(0),
      slot: t.uint8().default(0),
      title: t.string().default(''),
      owner: t.string().default(''),
      isPublic: t.boolean().default(false),
      version: t.number().default(0),
      now: t.number().default(0),
      players: t.number().default(0),
      entries: t.map(Entry),
    },
    `${game.name}State`,
  );
  return { State, Entry } as unknown as WorldStateClasses;
}
