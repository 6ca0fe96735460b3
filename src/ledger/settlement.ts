/**
 * The end of a round, the same for a live room and for a recovery (M9): with an outcome every open bet is resolved by
 * the rules, without one every open bet is refunded; then escrow is emptied and the round closed. Each step may be
 * repeated after a crash: what is resolved stays as it is.
 */

import type { RoundGame } from '../games/contract.ts';
import type { RoundId } from '../ids.ts';
import { metrics } from '../metrics.ts';
import type { Ledger } from './ledger.ts';
import type { ClosedRound } from './rounds.ts';
import type { OpenBet, OwnedRoom, ResolveBet, ResolvedBet } from './types.ts';

/** Bets of a round that are read from the books at once. */
const OPEN_BETS_CHUNK = 20_000;

/**
 * `known` are the open bets that the caller has at hand; what the books hold beyond them is read from there.
 * `onResolved` is told of each chunk after its commit.
 */
export async function settle(
  ledger: Ledger,
  game: RoundGame,
  room: OwnedRoom,
  roundId: RoundId,
  outcome: object | null,
  known: readonly OpenBet[] = [],
  onResolved: (bets: readonly ResolvedBet[]) => void = () => {},
): Promise<ClosedRound> {
  let open = known;
  do {
    const resolutions = open.map((bet) => resolution(game, room, roundId, outcome, bet));
    await ledger.resolveAll(resolutions, onResolved);
    open = await ledger.rounds.openBets(roundId, OPEN_BETS_CHUNK);
  } while (open.length > 0);
  const closed = await ledger.rounds.close(room, roundId);
  metrics.roundsClosed.inc({ game: room.gameName, phase: closed.phase });
  return closed;
}

function resolution(
  game: RoundGame,
  room: OwnedRoom,
  roundId: RoundId,
  outcome: object | null,
  bet: OpenBet,
): ResolveBet {
  const { betId, amount } = bet;
  if (outcome === null) {
    return {
      room,
      roundId,
      betId,
      status: 'refunded',
      by: 'void',
      multiplier: 100,
      payout: amount,
    };
  }
  const { status, multiplier, payout } = game.resolve(bet, outcome);
  const by = status === 'cashed' ? 'auto' : 'outcome';
  return { room, roundId, betId, status, by, multiplier, payout };
}
