/** The REST calls of the page. A call that is answered UNAUTHENTICATED renews the token and is made once more. */
import type { Bet, Game, Page, Proof, Wallet } from '../../src/protocol.ts';
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

async function get<T>(path: string): Promise<T> {
  try {
    await ensureFreshToken();
    return await once<T>(path);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== 'UNAUTHENTICATED') throw failure;
    await renewAfterRefusal();
    return once<T>(path).catch((again) => {
      throw toFailure(again);
    });
  }
}

async function once<T>(path: string): Promise<T> {
  return (await client.http.get(`/api/v1${path}`)).data as T;
}
