import assert from 'node:assert/strict';
import {
  type BookedBet,
  contradictions,
  type Entry,
  type Event,
  type Mark,
  type Pages,
  type PlayerHistory,
} from './contradictions.ts';

const ALICE = 1;
const BOB = 2;
const START = 1_000;
const OPENING: Mark = { seq: 0, balance: 0 };
const CURRENCY = 'COIN';

interface History {
  entries: Entry[];
  bets: BookedBet[];
  events: Event[];
}

/** A sound history of a few bets, made as a server and a client would; the tests falsify it. */
function history(userId: number, since: Mark = OPENING): History {
  const entries: Entry[] = [];
  const bets: BookedBet[] = [];
  const events: Event[] = [];
  let { balance } = since;
  const book = (amount: number, betId: string | null, postingId: string) => {
    balance += amount;
    const seq = since.seq + entries.length + 1;
    entries.push({ userId, seq, amount, balanceAfter: balance, betId, postingId });
    const wallet = { currency: CURRENCY, balance, seq };
    if (seq > 1) events.push({ kind: 'wallet', wallet });
    return wallet;
  };
  const place = (name: string, amount: number) => {
    const betId = `${name}-of-${userId}`;
    events.push({ kind: 'sent', betId, amount });
    book(-amount, betId, `stake of ${betId}`);
    bets.push({ userId, betId, amount, status: 'accepted', payout: null });
    return betId;
  };
  const acknowledge = (betId: string) =>
    events.push({ kind: 'placed', bet: { betId, status: 'accepted', payout: null, balance } });
  const resolve = (betId: string, status: 'cashed' | 'lost' | 'refunded', payout: number) => {
    if (payout > 0) book(payout, betId, `payout of ${betId}`);
    const at = bets.findIndex((bet) => bet.betId === betId);
    bets[at] = { ...(bets[at] as BookedBet), status, payout };
    return { betId, status, payout, balance };
  };

  if (since === OPENING) book(START, null, 'the opening');
  acknowledge(place('cashed', 10));
  acknowledge(place('lost', 20));
  const unanswered = place('unanswered', 30);
  events.push({ kind: 'sent', betId: `refused-of-${userId}`, amount: 5 });
  events.push({ kind: 'refused', betId: `refused-of-${userId}`, code: 'BETTING_CLOSED' });
  events.push({ kind: 'sent', betId: `absent-of-${userId}`, amount: 5 });
  events.push({ kind: 'absent', betId: `absent-of-${userId}` });
  events.push({ kind: 'cashed', bet: resolve(`cashed-of-${userId}`, 'cashed', 15) });
  events.push({ kind: 'asked', postingId: `a present to ${userId}`, amount: 7 });
  const wallet = book(7, null, `a present to ${userId}`);
  events.push({ kind: 'granted', postingId: `a present to ${userId}`, wallet });
  events.push({ kind: 'told', bet: resolve(`lost-of-${userId}`, 'lost', 0) });
  resolve(unanswered, 'refunded', 30);
  return { entries, bets, events };
}

function found(alice: History, players?: PlayerHistory[]): string[] {
  const bob = history(BOB);
  const pages: Pages = {
    entries: [...alice.entries, ...bob.entries],
    bets: [...alice.bets, ...bob.bets],
  };
  return contradictions(
    pages,
    players ?? [
      { userId: ALICE, events: alice.events },
      { userId: BOB, events: bob.events },
    ],
  );
}

/** Seq and balances as a database would give them to these amounts in this order. */
function chained(entries: readonly Entry[]): Entry[] {
  let balanceAfter = 0;
  return entries.map((entry, index) => {
    balanceAfter += entry.amount;
    return { ...entry, seq: index + 1, balanceAfter };
  });
}

const isStakeOf =
  (name: string) =>
  ({ betId, amount }: Entry) =>
    betId === `${name}-of-${ALICE}` && amount < 0;
const isPayoutOf =
  (name: string) =>
  ({ betId, amount }: Entry) =>
    betId === `${name}-of-${ALICE}` && amount > 0;

/** Each turns a sound history into one that no sound server could have; and what must be said of it. */
const LIES: Record<string, { doctor: (sound: History) => Partial<History>; says: RegExp }> = {
  'an acknowledged stake is lost, and its bet': {
    doctor: ({ entries, bets }) => ({
      entries: chained(entries.filter((entry) => entry.betId !== `cashed-of-${ALICE}`)),
      bets: bets.filter(({ betId }) => betId !== `cashed-of-${ALICE}`),
    }),
    says: /placed cashed-of-1: 0 in the books/,
  },
  'an acknowledged payout is lost': {
    doctor: ({ entries }) => ({
      entries: chained(entries.filter((entry) => !isPayoutOf('cashed')(entry))),
    }),
    says: /cashed cashed-of-1: 0 in the books/,
  },
  'an acknowledged grant is lost': {
    doctor: ({ entries }) => ({ entries: chained(entries.filter(({ amount }) => amount !== 7)) }),
    says: /granted a present to 1: 0 in the books/,
  },
  'a stake is taken twice': {
    doctor: ({ entries }) => ({
      entries: chained([...entries, entries.find(isStakeOf('lost')) as Entry]),
    }),
    says: /placed lost-of-1: 2 in the books/,
  },
  'a stake that nobody was answered is taken twice': {
    doctor: ({ entries }) => ({
      entries: chained([...entries, entries.find(isStakeOf('unanswered')) as Entry]),
    }),
    says: /2 stakes of unanswered-of-1/,
  },
  'a payout is made twice': {
    doctor: ({ entries }) => ({
      entries: chained([...entries, entries.find(isPayoutOf('unanswered')) as Entry]),
    }),
    says: /2 payouts of unanswered-of-1/,
  },
  'a grant is made twice': {
    doctor: ({ entries }) => ({
      entries: chained([...entries, entries.find(({ amount }) => amount === 7) as Entry]),
    }),
    says: /granted a present to 1: 2 in the books/,
  },
  'two stakes are in the other order': {
    doctor: ({ entries }) => ({
      entries: chained(entries.with(1, entries[2] as Entry).with(2, entries[1] as Entry)),
    }),
    says: /placed lost-of-1: seq 2 after 3/,
  },
  'an amount is another one': {
    doctor: ({ entries }) => ({
      entries: chained(
        entries.map((entry) => (isStakeOf('lost')(entry) ? { ...entry, amount: -21 } : entry)),
      ),
    }),
    says: /placed lost-of-1: told -20, in the books -21/,
  },
  'a balance drifts': {
    doctor: ({ entries }) => ({
      entries: entries.map((entry) =>
        entry.seq > 4 ? { ...entry, balanceAfter: entry.balanceAfter + 1 } : entry,
      ),
    }),
    says: /seq 5: 940 and 15 make 956/,
  },
  'a transaction is gone from the chain': {
    doctor: ({ entries }) => ({ entries: entries.filter(({ seq }) => seq !== 4) }),
    says: /seq 5 follows 3/,
  },
  'a refused bet is in the books': {
    doctor: ({ events }) => ({
      events: events.with(
        events.findIndex(({ kind }) => kind === 'placed'),
        { kind: 'refused', betId: `cashed-of-${ALICE}`, code: 'INSUFFICIENT_FUNDS' },
      ),
    }),
    says: /refused \(INSUFFICIENT_FUNDS\) cashed-of-1, but in the books/,
  },
  'a bet that was said to be absent is in the books': {
    doctor: ({ events }) => ({
      events: [...events, { kind: 'absent', betId: `unanswered-of-${ALICE}` }],
    }),
    says: /said to be absent unanswered-of-1, but in the books/,
  },
  'a bet that was said to be there is not': {
    doctor: ({ events }) => ({
      events: [...events, { kind: 'found', betId: `refused-of-${ALICE}` }],
    }),
    says: /found refused-of-1, and not in the books/,
  },
  'a lost bet was paid': {
    doctor: ({ entries, bets }) => ({
      entries: chained([
        ...entries,
        { ...(entries.find(isStakeOf('lost')) as Entry), amount: 40, postingId: 'a win' },
      ]),
      bets: bets.map((bet) => (bet.betId === `lost-of-${ALICE}` ? { ...bet, payout: 40 } : bet)),
    }),
    says: /told of the loss of lost-of-1, which was paid/,
  },
  'a bet has another status than its player was told': {
    doctor: ({ bets }) => ({
      bets: bets.map((bet) =>
        bet.betId === `lost-of-${ALICE}` ? { ...bet, status: 'accepted', payout: null } : bet,
      ),
    }),
    says: /told that lost-of-1 is lost, in the books accepted/,
  },
  'a bet is in the books that nobody sent': {
    doctor: ({ events }) => ({
      events: events.filter(
        (event) => event.kind !== 'sent' || event.betId !== `unanswered-of-${ALICE}`,
      ),
    }),
    says: /nobody sent the bet unanswered-of-1/,
  },
  'money moves that nobody asked for': {
    doctor: ({ events }) => ({
      events: events.filter(({ kind }) => kind !== 'asked' && kind !== 'granted'),
    }),
    says: /nobody asked for the posting a present to 1/,
  },
  'a bet has no stake': {
    doctor: ({ bets }) => ({
      bets: [
        ...bets,
        { userId: ALICE, betId: 'free', amount: 5, status: 'accepted', payout: null },
      ],
    }),
    says: /the bet free has no stake of 5/,
  },
  'wallet messages come in another order': {
    doctor: ({ events }) => ({ events: events.toReversed() }),
    says: /wallet message \d after \d/,
  },
  'a client is told a balance that never was': {
    doctor: ({ events }) => ({
      events: [
        ...events,
        { kind: 'wallet', wallet: { currency: CURRENCY, seq: 8, balance: START } },
      ],
    }),
    says: /wallet message 8/,
  },
};

describe('the check of histories', () => {
  it('[M5] [M6] finds nothing in a sound history', () => {
    assert.deepEqual(found(history(ALICE)), []);
  });

  it('[M5] goes on where an earlier check left off', () => {
    const since = { seq: 17, balance: 432 };
    const { events, ...pages } = history(ALICE, since);
    const from = (mark: Mark) => contradictions(pages, [{ userId: ALICE, events, since: mark }]);
    assert.deepEqual(from(since), []);
    assert.match(from({ ...since, seq: 16 }).join('\n'), /seq 18 follows 16/);
    assert.match(from({ ...since, balance: 433 }).join('\n'), /seq 18: 433 and -10 make 422/);
  });

  it('[M5] finds a player who is none of the clients', () => {
    const alice = history(ALICE);
    const lines = found(alice, [{ userId: ALICE, events: alice.events }]);
    assert.deepEqual(lines, ['player 2 is in the books and is none of the clients']);
  });

  for (const [lie, { doctor, says }] of Object.entries(LIES)) {
    it(`[M5] [M6] finds it when ${lie}`, () => {
      const sound = history(ALICE);
      const lines = found({ ...sound, ...doctor(sound) });
      assert.match(lines.join('\n'), says);
      assert.ok(
        lines.every((line) => line.startsWith(`player ${ALICE}: `)),
        'and nothing about the other player',
      );
    });
  }
});
