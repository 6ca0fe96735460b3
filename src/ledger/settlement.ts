/**
 * The end of a round, the same for a live room and for a recovery (M9): with an outcome every open bet is resolved by
 * the rules, without one every open bet is refunded; the pot of a match goes to its winner or back; then escrow is
 * emptied and the round closed. Each step may be repeated after a crash: what is resolved stays as it is.
 */

import type { BetRules, Stakes } from '../games/contract.ts';
import type { MatchOutcome } from '../games/match.ts';
import type { RoundId } from '../ids.ts';
import { metrics } from '../metrics.ts';
import type { Ledger } from './ledger.ts';
import type { ClosedRound } from './rounds.ts';
import type { OpenBet, OwnedRoom, ResolveBet, ResolvedBet } from './types.ts';

/** Bets of a round that are read from the books at once. */
const OPEN_BETS_CHUNK = 20_000;
/**
 * So many bets or more are resolved by two calls at a time, each for its own players: their wallets do not meet, and the
 * escrow, which is the same, is taken last.
 */
const MIN_BESIDE = 1_000;

/** What a settlement asks of a game. */
export type SettlementRules = Pick<BetRules, 'resolve' | 'stakeKey' | 'rakePercent'>;

/**
 * `known` are the open bets that the caller has at hand; what the books hold beyond them is read from there.
 * `onResolved` is told of each chunk after its commit.
 */
export async function settle(
  ledger: Ledger,
  rules: SettlementRules,
  room: OwnedRoom,
  roundId: RoundId,
  outcome: object | null,
  known: readonly OpenBet[] = [],
  onResolved: (bets: readonly ResolvedBet[]) => void = () => {},
): Promise<ClosedRound> {
  let open = known;
  const stakes = await stakesOf(ledger, rules, roundId, outcome);
  do {
    const resolveAll = (bets: readonly OpenBet[]) =>
      ledger.resolveAll(
        bets.map((bet) => resolution(rules, room, roundId, outcome, stakes, bet)),
        onResolved,
      );
    // Both are over before a failure of one is told: nothing is left running behind the caller's back.
    const ends = await Promise.allSettled(parts(open).map(resolveAll));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    open = await ledger.rounds.openBets(roundId, OPEN_BETS_CHUNK);
  } while (open.length > 0);
  if (rules.rakePercent !== undefined) {
    const { winner } = (outcome as MatchOutcome | null) ?? { winner: null };
    await ledger.pots.pay({ room, roundId }, winner, rules.rakePercent);
  }
  const closed = await ledger.rounds.close(room, roundId);
  metrics.roundsClosed.inc({ game: room.gameName, phase: closed.phase });
  return closed;
}

/** All stakes of the round, also of bets that are resolved already: a repetition divides the same pool. */
async function stakesOf(
  ledger: Ledger,
  rules: SettlementRules,
  roundId: RoundId,
  outcome: object | null,
): Promise<Stakes> {
  const stakes = new Map<string, number>();
  if (!rules.stakeKey || outcome === null) return stakes;
  for (const { selection, staked } of await ledger.rounds.stakes(roundId)) {
    const key = rules.stakeKey(selection);
    stakes.set(key, (stakes.get(key) ?? 0) + staked);
  }
  return stakes;
}

/** In two parts that have no player in common, when there are many. */
function parts(bets: readonly OpenBet[]): (readonly OpenBet[])[] {
  if (bets.length < MIN_BESIDE) return [bets];
  const byPlayer = bets.toSorted((a, b) => a.userId - b.userId);
  const middle = byPlayer[byPlayer.length >> 1]?.userId;
  const at = byPlayer.findIndex(({ userId }) => userId === middle);
  return [byPlayer.slice(0, at), byPlayer.slice(at)];
}

function resolution(
  rules: SettlementRules,
  room: OwnedRoom,
  roundId: RoundId,
  outcome: object | null,
  stakes: Stakes,
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
  const { status, multiplier, payout } = rules.resolve(bet, outcome, stakes);
  const by = status === 'cashed' ? 'auto' : 'outcome';
  return { room, roundId, betId, status, by, multiplier, payout };
}
