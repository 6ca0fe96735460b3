/**
 * Sequences: random commands of several players at two tables, through two processes, with connections that are lost now
 * and then. What arrives in one batch is answered in order of arrival, so that the model knows each answer beforehand.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { roundByName } from '../../../src/games/registry.ts';
import type { RoomId } from '../../../src/ids.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { settle } from '../../../src/ledger/settlement.ts';
import type { OwnedRoom, PlaceBet } from '../../../src/ledger/types.ts';
import type { NodeLease } from '../../../src/live/lease.ts';
import { recoverAbandonedRooms } from '../../../src/live/recovery.ts';
import { type Fault, faulty } from '../faulty.ts';
import { type Books, bet, cashOut, crash, type Player, silent } from '../fixture.ts';
import { PLAYERS, START, TABLES } from './scripts.ts';

type Place = { do: 'place'; player: number; table: number; amount: number; auto: number | null };
type CashOut = { do: 'cashOut'; bet: number; multiplier: number };
type Grant = { do: 'grant'; player: number; amount: number };
export type Step = { through: number; faults: Fault[] } & (
  | { do: 'places'; places: Place[] }
  | { do: 'repeats'; repeats: { bet: number; changed: boolean }[] }
  | { do: 'cashOuts'; cashOuts: CashOut[] }
  | { do: 'mixed'; mixed: (Place | CashOut | Grant)[] }
  | { do: 'lock'; table: number }
  | { do: 'settle'; table: number; crashPoint: number }
  | { do: 'void'; table: number }
  | { do: 'recover'; table: number; ended: boolean; crashPoint: number }
);

const player = fc.nat({ max: PLAYERS - 1 });
const table = fc.nat({ max: TABLES - 1 });
const which = fc.nat({ max: 30 });
const amount = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }));
const multiplier = fc.integer({ min: 101, max: 400 });
const place: fc.Arbitrary<Place> = fc.record({
  do: fc.constant('place' as const),
  player,
  table,
  amount,
  auto: fc.option(multiplier),
});
const cashing: fc.Arbitrary<CashOut> = fc.record({
  do: fc.constant('cashOut' as const),
  bet: which,
  multiplier,
});
const granting: fc.Arbitrary<Grant> = fc.record({
  do: fc.constant('grant' as const),
  player,
  amount,
});
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 8 });
const kinds = fc.oneof(
  { weight: 5, arbitrary: few(place).map((places) => ({ do: 'places' as const, places })) },
  {
    weight: 2,
    arbitrary: few(fc.record({ bet: which, changed: fc.boolean() })).map((repeats) => ({
      do: 'repeats' as const,
      repeats,
    })),
  },
  { weight: 3, arbitrary: few(cashing).map((cashOuts) => ({ do: 'cashOuts' as const, cashOuts })) },
  {
    weight: 3,
    arbitrary: few(fc.oneof(place, cashing, granting)).map((mixed) => ({
      do: 'mixed' as const,
      mixed,
    })),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lock' as const), table }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('settle' as const), table, crashPoint: multiplier }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), table }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('recover' as const),
      table,
      ended: fc.boolean(),
      crashPoint: multiplier,
    }),
  },
);
const fault = fc.constantFrom<Fault>('before', 'after');
const faults = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fault[]>([]) },
  { weight: 1, arbitrary: fc.array(fault, { minLength: 1, maxLength: 2 }) },
);
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc
    .tuple(kinds, fc.nat({ max: 1 }), faults)
    .map(([kind, through, lost]) => ({ ...kind, through, faults: lost })),
  { minLength: 5, maxLength: 30 },
);

interface ModelBet {
  readonly placing: PlaceBet;
  readonly player: number;
  readonly table: number;
  readonly first: { balance: number; seq: number };
  status: 'accepted' | 'won' | 'lost' | 'cashed' | 'refunded';
  multiplier: number;
  payout: number;
}

interface ModelTable {
  room: OwnedRoom;
  roundId: PlaceBet['roundId'];
  number: number;
  phase: 'betting' | 'running';
}

type Wallet = { balance: number; seq: number };

export class Play {
  readonly books: Books;
  readonly dbs: Books['db'][];
  readonly players: Player[];
  readonly wallets: Wallet[];
  readonly tables: ModelTable[] = [];
  readonly bets: ModelBet[] = [];
  ledger: Ledger;

  constructor(books: Books, dbs: Books['db'][], players: Player[]) {
    this.books = books;
    this.dbs = dbs;
    this.players = players;
    this.wallets = players.map(() => ({ balance: START, seq: 1 }));
    this.ledger = books.ledger;
  }

  /** All tables of one node, as a process has them. */
  async openTables(): Promise<void> {
    const node = await this.books.node();
    for (let at = 0; at < TABLES; at++) {
      const room = await this.books.room(node);
      const roundId = await this.books.round(room);
      this.tables[at] = { room, roundId, number: 1, phase: 'betting' };
    }
  }

  async step(step: Step): Promise<void> {
    const pattern = /place_bets|resolve_bets|post\(|_round|_room\(/;
    const db = this.dbs[step.through] as Books['db'];
    this.ledger = this.books.ledgerOn(faulty(db, pattern, step.faults));
    switch (step.do) {
      case 'places':
        return this.places(step.places);
      case 'repeats':
        return this.repeats(step.repeats);
      case 'cashOuts':
        return this.cashOuts(step.cashOuts);
      case 'mixed':
        return this.mixed(step.mixed);
      case 'lock':
        return this.lock(step.table);
      case 'settle':
        return this.settle(step.table, step.crashPoint);
      case 'void':
        return this.settle(step.table, null);
      case 'recover':
        return this.recover(step);
    }
  }

  /** All in one turn, so in one batch, in order of arrival: the model knows each answer. */
  async places(places: Place[]): Promise<void> {
    const placings = places.map((p) => this.placing(p));
    const answers = await Promise.allSettled(placings.map((p) => this.ledger.placeBet(p)));
    for (const [i, p] of places.entries()) {
      const wallet = this.wallets[p.player] as Wallet;
      const answer = answers[i] as (typeof answers)[number];
      if (this.tableAt(p.table).phase !== 'betting') refused(answer, 'BETTING_CLOSED');
      else if (wallet.balance < p.amount) refused(answer, 'INSUFFICIENT_FUNDS');
      else {
        wallet.balance -= p.amount;
        wallet.seq += 1;
        assert.ok(
          answer.status === 'fulfilled',
          String(answer.status === 'rejected' && answer.reason),
        );
        const { first, balance, seq, status } = answer.value;
        assert.deepEqual(
          { first, balance, seq, status },
          { first: true, ...wallet, status: 'accepted' },
        );
        this.entered(p, placings[i] as PlaceBet, { balance, seq });
      }
    }
  }

  async repeats(repeats: { bet: number; changed: boolean }[]): Promise<void> {
    if (this.bets.length === 0) return;
    const asked = repeats.map(({ bet: at, changed }) => ({ known: this.betAt(at), changed }));
    const answers = await Promise.allSettled(
      asked.map(({ known, changed }) => {
        const placing = this.now(known);
        return this.ledger.placeBet(changed ? { ...placing, amount: placing.amount + 1 } : placing);
      }),
    );
    for (const [i, { known, changed }] of asked.entries()) {
      const answer = answers[i] as (typeof answers)[number];
      if (changed) {
        refused(answer, 'BET_CONFLICT');
        continue;
      }
      assert.ok(answer.status === 'fulfilled');
      const { first, balance, seq, status } = answer.value;
      assert.deepEqual(
        { first, balance, seq, status },
        { first: false, ...known.first, status: known.status },
      );
    }
  }

  /** The first of a bet's cash-outs stands; what comes later, in this batch or after, is told it. */
  async cashOuts(cashOuts: CashOut[]): Promise<void> {
    if (this.bets.length === 0) return;
    const asked = cashOuts.map((c) => ({ known: this.betAt(c.bet), multiplier: c.multiplier }));
    const answers = await Promise.all(
      asked.map(({ known, multiplier: at }) =>
        this.ledger.resolveBet(cashOut(this.now(known), at)),
      ),
    );
    asked.forEach(({ known, multiplier: at }, i) => {
      const open = known.status === 'accepted';
      if (open) this.resolved(known, 'cashed', at, Math.floor((known.placing.amount * at) / 100));
      const { first, status, multiplier: paidAt, payout } = answers[i] as (typeof answers)[number];
      const { status: s, multiplier: m, payout: p } = known;
      assert.deepEqual(
        { first, status, paidAt, payout },
        { first: open, status: s, paidAt: m, payout: p },
      );
    });
  }

  /** Stakes, payouts and grants at once: which comes first is the database's to say, the sums are not. */
  async mixed(commands: (Place | CashOut | Grant)[]): Promise<void> {
    const checks = await Promise.all(
      commands.map(async (command) => {
        if (command.do === 'place') return this.mixedPlace(command);
        if (command.do === 'cashOut') return this.mixedCashOut(command);
        const { userId } = this.players[command.player] as Player;
        await this.ledger.grant(userId, command.amount, uuidv7(), 'model');
        this.moved(command.player, command.amount);
      }),
    );
    // Who was told of another's resolution can be judged when all are known.
    for (const check of checks) check?.();
  }

  private async mixedPlace(command: Place): Promise<void> {
    const placing = this.placing(command);
    const answer = await settledOf(this.ledger.placeBet(placing));
    if (this.tableAt(command.table).phase !== 'betting') refused(answer, 'BETTING_CLOSED');
    else if (answer.status === 'rejected') refused(answer, 'INSUFFICIENT_FUNDS');
    else {
      this.moved(command.player, -command.amount);
      this.entered(command, placing, answer.value);
    }
  }

  private async mixedCashOut(command: CashOut): Promise<(() => void) | undefined> {
    if (this.bets.length === 0) return;
    const known = this.betAt(command.bet);
    const answer = await this.ledger.resolveBet(cashOut(this.now(known), command.multiplier));
    if (answer.first) this.resolved(known, 'cashed', answer.multiplier, answer.payout);
    return () => assert.deepEqual([answer.status, answer.payout], [known.status, known.payout]);
  }

  async lock(at: number): Promise<void> {
    const { room, roundId } = this.tableAt(at);
    await this.ledger.rounds.lock(room, roundId);
    this.tableAt(at).phase = 'running';
  }

  async settle(at: number, crashPoint: number | null): Promise<void> {
    const current = this.tableAt(at);
    const { room, roundId } = current;
    const outcome = crashPoint === null ? null : { crashPoint };
    if (outcome) {
      await this.ledger.rounds.lock(room, roundId);
      await this.ledger.rounds.end(room, roundId, outcome, '5e'.repeat(32));
    }
    await settle(this.ledger, crash, room, roundId, outcome);
    this.settled(roundId, crashPoint);
    current.number += 1;
    current.roundId = await this.books.round(room, current.number);
    current.phase = 'betting';
  }

  /** The node dies; another takes its rooms over and closes them; the tables open anew elsewhere. */
  async recover(step: Step & { do: 'recover' }): Promise<void> {
    const { room, roundId, phase } = this.tableAt(step.table);
    const outcome = step.ended && phase === 'running' ? { crashPoint: step.crashPoint } : null;
    if (outcome) await this.ledger.rounds.end(room, roundId, outcome, '5e'.repeat(32));
    await this.books.expire(room.nodeId);
    const lease = { id: await this.books.node() } as NodeLease;
    const { db } = this.books;
    const failed = new Set<RoomId>();
    const parts = { db, lease, ledger: this.ledger, logger: silent, rulesOf: roundByName, failed };
    assert.equal(await recoverAbandonedRooms(parts), TABLES);
    for (const lost of this.tables) {
      this.settled(lost.roundId, lost.roundId === roundId ? (outcome?.crashPoint ?? null) : null);
    }
    await this.openTables();
  }

  /** What the books hold now is what the model holds. */
  async compare(): Promise<void> {
    const wallets = await this.books.rows<Wallet>(
      'SELECT balance, seq FROM wallets WHERE id = ANY ($1) ORDER BY array_position($1, id)',
      [this.players.map(({ walletId }) => walletId)],
    );
    assert.deepEqual(wallets, this.wallets);
    const ids = this.bets.map(({ placing }) => placing.betId);
    const stored = await this.books.rows<{ id: string; status: string; payout: number | null }>(
      'SELECT id, status, payout FROM bets WHERE id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], id)',
      [ids],
    );
    assert.deepEqual(
      stored,
      this.bets.map(({ placing, status, payout }) => ({
        id: placing.betId,
        status,
        payout: status === 'accepted' ? null : payout,
      })),
    );
    const rounds = this.tables.map(({ roundId }) => roundId);
    const inRounds = await this.books.count('bets', 'round_id = ANY ($1)', [rounds]);
    const expected = this.bets.filter(({ placing }) => rounds.includes(placing.roundId));
    assert.equal(inRounds, expected.length);
  }

  /** Gives the rooms back, so that a long run does not fill the database with open ones. */
  async end(): Promise<void> {
    for (const { room, roundId } of this.tables) {
      await this.books.settle(room, roundId, null);
      this.settled(roundId, null);
      await this.books.ledger.rounds.closeRoom(room);
    }
  }

  private settled(roundId: PlaceBet['roundId'], crashPoint: number | null): void {
    for (const known of this.bets) {
      if (known.placing.roundId !== roundId || known.status !== 'accepted') continue;
      const { amount: stake, selection } = known.placing;
      if (crashPoint === null) this.resolved(known, 'refunded', 100, stake);
      else {
        const {
          status,
          multiplier: at,
          payout,
        } = crash.resolve({ amount: stake, selection }, { crashPoint }, new Map());
        this.resolved(known, status, at, payout);
      }
    }
  }

  private resolved(known: ModelBet, status: ModelBet['status'], at: number, payout: number): void {
    Object.assign(known, { status, multiplier: at, payout });
    if (payout > 0) this.moved(known.player, payout);
  }

  private moved(of: number, by: number): void {
    const wallet = this.wallets[of] as Wallet;
    wallet.balance += by;
    wallet.seq += 1;
  }

  private entered(p: Place, placing: PlaceBet, first: { balance: number; seq: number }): void {
    const { balance, seq } = first;
    this.bets.push({
      placing,
      player: p.player,
      table: p.table,
      first: { balance, seq },
      status: 'accepted',
      multiplier: 0,
      payout: 0,
    });
  }

  private placing(p: Place): PlaceBet {
    const selection = p.auto === null ? {} : { autoCashout: p.auto };
    return bet(this.tableAt(p.table), this.players[p.player] as Player, p.amount, selection);
  }

  /** A bet, named by the room that its table is now: a process has rooms of its own node only. */
  private now(known: ModelBet): PlaceBet {
    return { ...known.placing, room: this.tableAt(known.table).room };
  }

  private betAt(at: number): ModelBet {
    return this.bets[at % this.bets.length] as ModelBet;
  }

  private tableAt(at: number): ModelTable {
    return this.tables[at] as ModelTable;
  }
}

function refused(answer: PromiseSettledResult<unknown>, expected: string): void {
  assert.equal(answer.status === 'rejected' ? answer.reason.code : 'accepted', expected);
}

async function settledOf<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [answer] = await Promise.allSettled([promise]);
  return answer as PromiseSettledResult<T>;
}
