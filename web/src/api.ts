/** The REST calls of the page. A call that is answered UNAUTHENTICATED renews the token and is made once more. */
import type {
  Bet,
  Building,
  Game,
  GameStateEntry,
  GameStatePatch,
  Item,
  NewGameState,
  Page,
  Proof,
  Wallet,
} from '../../src/protocol.ts';
import { ensureFreshToken, renewAfterRefusal } from './account/session.ts';
import { client } from './client.ts';
import { toFailure } from './failure.ts';

export const getWallet = () => get<Wallet>('/me/wallet');
export const getBets = (limit: number, cursor: string | null = null) =>
  get<Page<Bet>>(
    `/me/bets?limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
  );
export const getBet = (betId: string) => get<Bet>(`/me/bets/${encodeURIComponent(betId)}`);
export const getGames = () => get<Page<Game>>('/games');
export const getProof = (roundId: string) =>
  get<Proof>(`/rounds/${encodeURIComponent(roundId)}/proof`);

/** The catalogue of worlds, and the player's own saves: all of each. */
export const getItems = () => getAll<Item>('/items');
export const getBuildings = () => getAll<Building>('/buildings');
export const getSaves = () => getAll<GameStateEntry>('/me/game-states');
export const openSave = (wish: NewGameState) =>
  answered<GameStateEntry>(() => client.http.post(`${ROOT}/me/game-states`, { body: wish }));
export const changeSave = (id: number, patch: GameStatePatch) =>
  answered<GameStateEntry>(() =>
    client.http.patch(`${ROOT}/me/game-states/${id}`, { body: patch }),
  );
export const deleteSave = (id: number) =>
  answered<unknown>(() => client.http.delete(`${ROOT}/me/game-states/${id}`));

const ROOT = '/api/v1';
const PAGE = 100;
/** More than these is not a list that a page shows. */
const MAX_PAGES = 50;

const get = <T>(path: string): Promise<T> => answered(() => client.http.get(ROOT + path));

async function getAll<T>(path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null && page < MAX_PAGES; page += 1) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { items, nextCursor }: Page<T> = await get(`${path}?limit=${PAGE}${after}`);
    all.push(...items);
    cursor = nextCursor;
  }
  return all;
}

async function answered<T>(call: () => Promise<{ data: unknown }>): Promise<T> {
  try {
    await ensureFreshToken();
    return (await call()).data as T;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== 'UNAUTHENTICATED') throw failure;
    await renewAfterRefusal();
    return call().then(
      ({ data }) => data as T,
      (again) => {
        throw toFailure(again);
      },
    );
  }
}
