/** What the bots are to play, as the server describes it: any game it has, without a line of its own here. */
import type { Building, Game, Item, Page } from '../src/protocol.ts';
import { PAGE_LIMIT_MAX } from '../src/protocol.ts';
import { OptionError } from './options.ts';
import { type TownTables, tablesOf } from './town-commands.ts';

export type GameToPlay = RoundsToPlay | MatchesToPlay | WorldsToPlay;

export interface RoundsToPlay {
  readonly kind: 'round';
  readonly name: string;
  /** Whether open bets can be cashed out by hand. */
  readonly cashOut: boolean;
  /** What a bet may say beyond its id and amount. */
  readonly examples: readonly object[];
}

export interface MatchesToPlay {
  readonly kind: 'match';
  readonly name: string;
  readonly seats: number;
  /** What the house keeps of the pot, in per cent, rounded down. */
  readonly rakePercent: number;
}

/** What may be asked for in a world is its own; the bots know the commands of towns. */
export interface WorldsToPlay {
  readonly kind: 'world';
  readonly name: string;
  readonly tables: TownTables;
}

const TOWN = 'town';

/** @throws OptionError when the server has no such game, or it is a world that the bots do not know */
export async function gameToPlay(url: string, name: string): Promise<GameToPlay> {
  const game = (await all<Game>(url, 'games')).find((item) => item.name === name);
  switch (game?.kind) {
    case 'round': {
      const { cashOut, examples } = game.parameters as { cashOut: boolean; examples: object[] };
      return { kind: 'round', name, cashOut, examples };
    }
    case 'match': {
      const { seats, rakePercent } = game.parameters as { seats: number; rakePercent: number };
      return { kind: 'match', name, seats, rakePercent };
    }
    case 'world': {
      if (name !== TOWN) throw new OptionError(`--game: of worlds the bots play ${TOWN} only.`);
      const [items, buildings] = await Promise.all([
        all<Item>(url, 'items'),
        all<Building>(url, 'buildings'),
      ]);
      return { kind: 'world', name, tables: tablesOf(items, buildings) };
    }
    default:
      throw new OptionError(`--game: this server has no game "${name}".`);
  }
}

async function all<Entry>(url: string, list: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const address = `${url}/api/v1/${list}?limit=${PAGE_LIMIT_MAX}${query}`;
    const response = await fetch(address).catch((cause) => {
      throw new Error('nobody could join: the server does not answer', { cause });
    });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const page = (await response.json()) as Page<Entry>;
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}
