/** What the books hold of a stage, and what a spec says that they hold, in the same words: to be compared as JSON. */
import type { RoomId } from '../../../src/ids.ts';
import type { Books, Player } from '../fixture.ts';
import type { Spec } from './spec.ts';

export interface Holdings {
  readonly wallets: readonly { balance: number; seq: number }[];
  readonly tables: readonly { node: string; fence: number; escrow: number }[];
  /** Id, phase, crash point. */
  readonly rounds: readonly unknown[][];
  /** Id, round, amount, status, multiplier, payout. */
  readonly bets: readonly unknown[][];
}

export async function heldBy(
  books: Books,
  players: readonly Player[],
  rooms: readonly RoomId[],
): Promise<Holdings> {
  const rounds = await books.rows<{ id: string; phase: string; at: number | null }>(
    `SELECT id, phase, (outcome ->> 'crashPoint')::int AS at FROM rounds
     WHERE room_id = ANY ($1) ORDER BY id`,
    [rooms],
  );
  const bets = await books.rows(
    `SELECT id, round_id AS round, amount, status, multiplier, payout FROM bets
     WHERE round_id = ANY ($1::uuid[]) ORDER BY id`,
    [rounds.map(({ id }) => id)],
  );
  const wallets = await books.rows<{ balance: number; seq: number }>(
    'SELECT balance, seq FROM wallets WHERE id = ANY ($1) ORDER BY array_position($1, id)',
    [players.map(({ walletId }) => walletId)],
  );
  const tables = await books.rows<{ node: string; fence: number; escrow: number }>(
    `SELECT l.node_id AS node, l.fence, w.balance AS escrow FROM live_rooms l
     JOIN wallets w ON w.account = 'escrow:' || l.room_id
     WHERE l.room_id = ANY ($1) ORDER BY array_position($1, l.room_id)`,
    [rooms],
  );
  return {
    wallets,
    tables,
    rounds: rounds.map(({ id, phase, at }) => [id, phase, at]),
    bets: bets.map((bet) => Object.values(bet)),
  };
}

export function expectedOf(spec: Spec): Holdings {
  const byId = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
  return {
    wallets: spec.wallets.map(({ balance, seq }) => ({ balance, seq })),
    tables: spec.rooms.map(({ node, fence }, at) => ({ node, fence, escrow: spec.escrow(at) })),
    rounds: [...spec.rounds].map(([id, r]) => [id, r.phase, r.crashPoint]).sort(byId),
    bets: [...spec.bets.values()]
      .map((b) => {
        const resolution = b.status === 'accepted' ? [null, null] : [b.multiplier, b.payout];
        return [b.id, b.round, b.amount, b.status, ...resolution];
      })
      .sort(byId),
  };
}
