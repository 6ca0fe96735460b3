/** Whether bots, betStatus, REST and books tell one story after all the kills; and the figures of it. */
import assert from 'node:assert/strict';
import type { Database } from '../../src/database/connection.ts';
import type { Bet } from '../../src/protocol.ts';
import type { Account, BetRecord, SeatRecord } from './orders.ts';
import type { Phase } from './phases.ts';
import { assertSeats } from './seats-story.ts';

/** A killed server may leave a bet or a seat without an answer; with these refusals it said itself that it did not know. */
const NO_ANSWER = new Set(['BUSY', 'ROOM_MOVED', 'INTERNAL']);

/** What the test counted while it killed. */
export interface Figures {
  readonly kills: Record<Phase, number>;
  killedWhileStarting: number;
  /** Rounds with bets that were open when the server died, by how far they were. */
  readonly roundsHit: Record<'betting' | 'running' | 'outcome committed' | 'bets resolved', number>;
  /** The same of matches with seats taken. */
  readonly matchesHit: Record<
    'one seat' | 'bets open' | 'bets closed' | 'end committed' | 'paid',
    number
  >;
  readonly reachMs: number[];
  readonly restartMs: number[];
  readonly backMs: number[];
}

/** What the bots were told, what betStatus and REST say, and what the books hold is the same. */
export async function assertOneStory(
  books: Database,
  accounts: readonly Account[],
  startBalance: number,
): Promise<void> {
  type Row = Pick<Bet, 'betId' | 'roundId' | 'amount' | 'status' | 'multiplier' | 'payout'> & {
    userId: number;
  };
  const { rows } = await books.pool.query<Row>(
    `SELECT id AS "betId", round_id AS "roundId", user_id AS "userId", amount, status, multiplier, payout FROM bets`,
  );
  const stored = new Map(rows.map((row) => [row.betId, row]));
  const wallets = await books.pool.query<{ userId: number; balance: number; sum: number }>(
    `SELECT w.user_id AS "userId", w.balance, sum(t.amount)::bigint AS sum
     FROM wallets w JOIN transactions t ON t.wallet_id = w.id WHERE w.user_id IS NOT NULL GROUP BY w.id`,
  );
  const ledger = new Map(wallets.rows.map((row) => [row.userId, row]));
  const gains = await assertSeats(books, accounts, NO_ANSWER);
  const sent = new Set<string>();
  for (const { userId, bets, balance } of accounts) {
    let own = startBalance + (gains.get(userId) ?? 0);
    for (const record of bets) {
      const row = stored.get(record.betId);
      sent.add(record.betId);
      assertOneAnswer(record);
      const answer = record.answers.at(-1) as Bet | 'NOT_FOUND';
      if (answer === 'NOT_FOUND') {
        assert.equal(row, undefined, 'NOT_FOUND, but in the books');
        assert.equal(record.accepted, undefined, `an acknowledged bet is missing: ${record.betId}`);
        continue;
      }
      assert.ok(row, `known to betStatus and not in the books: ${record.betId}`);
      const { betId, roundId, amount, status, multiplier, payout } = answer;
      assert.deepEqual({ betId, roundId, userId, amount, status, multiplier, payout }, row);
      assert.equal(amount, record.amount);
      assert.notEqual(status, 'accepted', 'an open bet in a closed round');
      if (record.accepted) {
        assert.deepEqual([record.accepted.roundId, record.accepted.amount], [roundId, amount]);
      } else if (record.refused) {
        assert.ok(
          NO_ANSWER.has(record.refused),
          `refused with ${record.refused}, but in the books`,
        );
      }
      for (const told of [record.cashed, record.told]) {
        if (told)
          assert.deepEqual(
            [told.status, told.multiplier, told.payout],
            [status, multiplier, payout],
          );
      }
      own += (payout as number) - amount;
    }
    assert.equal(balance, own, 'the balance is what the bot counts');
    assert.deepEqual(ledger.get(userId), { userId, balance, sum: balance });
  }
  for (const betId of stored.keys()) assert.ok(sent.has(betId), `nobody sent ${betId}`);
  const { rows: rounds } = await books.pool.query(
    `SELECT r.id FROM rounds r JOIN live_rooms l ON l.room_id = r.room_id
     WHERE l.closed_at IS NOT NULL AND r.phase NOT IN ('settled', 'void')`,
  );
  assert.deepEqual(rounds, []);
}

function assertOneAnswer({ betId, answers, sentAgain }: BetRecord): void {
  assert.ok(answers.length >= 2, `${betId} was asked about twice`);
  const definite = answers.map((answer) => {
    if (typeof answer === 'string') {
      assert.equal(answer, 'NOT_FOUND', betId);
      return answer;
    }
    // The wallet goes on, and a bet that was open at the first question may be resolved at the second.
    const { balance: _, status, multiplier, payout, ...rest } = answer;
    return status === 'accepted' ? rest : { ...rest, resolved: { status, multiplier, payout } };
  });
  const resolved = definite.filter((answer) => typeof answer === 'object' && 'resolved' in answer);
  for (const answer of resolved) assert.deepEqual(answer, resolved[0], betId);
  const isThere = new Set(definite.map((answer) => answer !== 'NOT_FOUND'));
  assert.equal(
    isThere.size,
    1,
    `${betId}${sentAgain ? ' (sent again)' : ''} was there and was not`,
  );
}

/** What happened, in a few lines. */
export function print(figures: Figures, accounts: readonly Account[]): void {
  const records = accounts.flatMap((account) => account.bets);
  const seats = accounts.flatMap((account) => account.seats);
  const seatsThat = (what: (record: SeatRecord) => unknown) => seats.filter(what).length;
  const count = (what: (record: BetRecord) => unknown) => records.filter(what).length;
  const unknown = records.filter(
    ({ accepted, refused, sentAgain }) => sentAgain || (!accepted && !refused),
  );
  const found = unknown.filter(({ answers }) => answers.at(-1) !== 'NOT_FOUND').length;
  const status = (wanted: Bet['status']) =>
    count(({ answers }) => (answers.at(-1) as Bet | undefined)?.status === wanted);
  console.log(
    [
      `kills: ${JSON.stringify(figures.kills)}, and ${figures.killedWhileStarting} while starting`,
      `rounds that a kill met: ${JSON.stringify(figures.roundsHit)}`,
      `bets sent ${records.length}, acknowledged ${count(({ accepted }) => accepted)}, refused ${count(({ refused }) => refused)}`,
      `without an answer ${unknown.length}: ${found} found afterwards, ${unknown.length - found} not` +
        ` (${count(({ sentAgain }) => sentAgain)} sent again)`,
      `cash-outs asked ${count(({ askedToCash }) => askedToCash)}, acknowledged ${count(({ cashed }) => cashed)}`,
      `bets refunded ${status('refunded')}, cashed ${status('cashed')}, lost ${status('lost')}`,
      `matches that a kill met: ${JSON.stringify(figures.matchesHit)}`,
      `seats asked for ${seats.length}, taken ${seatsThat(({ taken }) => taken)}, refused ${seatsThat(({ refused }) => refused)}` +
        ` (${seatsThat(({ sentAgain }) => sentAgain)} asked for again); ends sent ${seatsThat(({ askedToEnd }) => askedToEnd)},` +
        ` acknowledged ${seatsThat(({ endAcknowledged }) => endAcknowledged)}, shown ${seatsThat(({ shown }) => shown)}`,
      `phase reached (least / median / most): ${spread(figures.reachMs)}`,
      `restart (least / median / most): ${spread(figures.restartMs)}; nine of ten bots back: ${spread(figures.backMs)}`,
    ]
      .map((line) => `        ${line}`)
      .join('\n'),
  );
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b).map((ms) => (ms / 1_000).toFixed(1));
  return `${sorted[0]} / ${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)} s`;
}
