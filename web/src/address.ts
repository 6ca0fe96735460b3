/**
 * Game and table are part of the address (#/roulette/main), so that they can be shared and survive a reload. A table
 * that the server shall choose has no name until it is joined; then the address takes it over.
 */
import { createStore, type ReadableStore } from './store.ts';

export const DEFAULT_TABLE = 'main';
export const TABLE_NAME = /^[a-z0-9-]{1,32}$/;

/** What a join says beyond the table, e.g. `{private: true}`. */
export type JoinWish = Readonly<Record<string, unknown>>;

export interface Place {
  readonly game: string;
  /** Null: whichever the server chooses for `wish`. */
  readonly table: string | null;
  readonly wish: JoinWish;
  /** Another visit is another seat. */
  readonly visit: number;
}

const ADDRESS = /^#\/([a-z0-9-]{1,32})(?:\/(.*))?$/;
const FIRST_GAME = 'crash';

const current = createStore<Place>({ ...placeInAddress(), wish: {}, visit: 0 });
export const place: ReadableStore<Place> = current;
addEventListener('hashchange', () => {
  const { game, table } = placeInAddress();
  const here = current.get();
  if (game !== here.game || table !== here.table) visit(game, table, {});
});

/** Without a table: the usual one, and an address that is the game's alone. */
export function openTable(game: string, table?: string, wish: JoinWish = {}): void {
  const here = current.get();
  const wanted = table ?? DEFAULT_TABLE;
  if (game === here.game && wanted === here.table && Object.keys(wish).length === 0) return;
  visit(game, wanted, wish);
  location.hash = table === undefined ? `/${game}` : `/${game}/${table}`;
}

/** What others open to come to a place. */
export function linkTo(game: string, table: string): string {
  return new URL(`#/${game}/${table}`, location.href).href;
}

/** Joins whichever table the server has for this wish, e.g. one where somebody waits with this stake. */
export function findTable(game: string, wish: JoinWish): void {
  visit(game, null, wish);
}

/** The table that was found, or that goes by another name than was asked for. */
export function nameTable(ofVisit: number, table: string): void {
  const here = current.get();
  if (ofVisit !== here.visit || here.table === table) return;
  current.set({ ...here, table });
  history.replaceState(null, '', `#/${here.game}/${table}`);
}

function visit(game: string, table: string | null, wish: JoinWish): void {
  current.set({ game, table, wish, visit: current.get().visit + 1 });
}

function placeInAddress(): { game: string; table: string } {
  const [, game = FIRST_GAME, table = ''] = ADDRESS.exec(location.hash) ?? [];
  return { game, table: TABLE_NAME.test(table) ? table : DEFAULT_TABLE };
}
