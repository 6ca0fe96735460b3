/**
 * Plays groups of scripts on the real ledger: every node has a process on each of two sets of connections, every client
 * waits for its own answers only. After a group, its history must have an order that the spec explains.
 */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { NodeId, RoomId, RoundId } from '../../../src/ids.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { adjust, grant, purchase, sale } from '../../../src/ledger/postings.ts';
import { settle } from '../../../src/ledger/settlement.ts';
import type { OwnedRoom, PlaceBet, ResolvedBet, WalletChange } from '../../../src/ledger/types.ts';
import { faulty } from '../faulty.ts';
import { type Books, bet, cashOut, crash, type Player } from '../fixture.ts';
import { type Call, explain } from './history.ts';
import { expectedOf, heldBy } from './holdings.ts';
import { type Command, type Group, type Slot, START, TABLES } from './scripts.ts';
import { type Answer, type AskedBet, type Handle, type Span, Spec } from './spec.ts';

/** Statements whose answers a group's faults may lose: those that move money or rounds. */
const LOSABLE = /place_bets|resolve_bets|post\(|lock_round|end_round|close_round/;

interface Table {
  /** Each owner that the table has had; the last is the present one. */
  readonly owners: OwnedRoom[];
  roundId: RoundId;
  number: number;
}
interface KnownBet {
  readonly asked: AskedBet;
  readonly placing: PlaceBet;
  readonly table: number;
}
type Step = (spec: Spec) => boolean;
/** Who runs a command, and through which set of connections. */
interface Who {
  readonly client: number;
  readonly through: number;
}
const ALONE: Who = { client: 0, through: 0 };

export class Stage {
  readonly books: Books;
  readonly players: readonly Player[];
  calls = 0;
  states = 0;
  readonly #connections: readonly Books['db'][];
  readonly #tables: Table[] = [];
  readonly #known: KnownBet[] = [];
  readonly #told: { wallet: number; seq: number; balance: number }[] = [];
  #spec = new Spec();
  #group: Group | undefined;
  #dbs: readonly Books['db'][] = [];
  readonly #processes = new Map<string, Ledger>();
  #postings: string[] = [];
  #history: Call[] = [];
  #clock = 0;

  constructor(books: Books, connections: readonly Books['db'][], players: readonly Player[]) {
    this.books = books;
    this.#connections = connections;
    this.players = players;
  }

  async open(): Promise<void> {
    this.#begin(undefined);
    const node = await this.books.node();
    this.#spec.wallets = this.players.map(() => ({ balance: START, seq: 1 }));
    for (let at = 0; at < TABLES; at++) {
      const room = await this.books.room(node);
      this.#spec.rooms.push({ table: at, node, fence: room.fence });
      this.#tables.push({ owners: [room], roundId: '' as RoundId, number: 0 });
      await this.#nextRound(at);
    }
    await this.#explain();
  }

  /** All clients of the group at once; then, one thing after the other, what the next group needs. */
  async play(group: Group): Promise<void> {
    this.#begin(group);
    for (const slot of group.slots) this.#known.push(this.#knownAs(slot));
    await Promise.all(
      group.clients.map(async ({ through, commands }, client) => {
        for (const command of commands) await this.#run(command, { client, through });
      }),
    );
    await this.#explain();
    this.#begin(undefined);
    for (const at of this.#tables.keys()) await this.#tidy(at);
    await this.#explain();
  }

  /** Refunds what is open and gives the rooms back; then all that callers were told of wallets must be in the books. */
  async close(): Promise<void> {
    this.#begin(undefined);
    for (const at of this.#tables.keys()) {
      await this.#settle(ALONE, at, this.#owner(at), null);
    }
    await this.#explain();
    for (const at of this.#tables.keys()) await this.books.ledger.rounds.closeRoom(this.#owner(at));
    const untrue = await this.books.rows(
      `SELECT told.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS told (wallet, seq, balance)
       LEFT JOIN transactions t ON t.wallet_id = told.wallet AND t.seq = told.seq
       WHERE t.balance_after IS DISTINCT FROM told.balance`,
      [
        this.#told.map(({ wallet }) => wallet),
        this.#told.map(({ seq }) => seq),
        this.#told.map(({ balance }) => balance),
      ],
    );
    assert.deepEqual(untrue, [], 'callers were told of balances that never were');
  }

  #begin(group: Group | undefined): void {
    this.#group = group;
    const [one, two] = this.#connections as [Books['db'], Books['db']];
    this.#dbs = [faulty(one, LOSABLE, [...(group?.faults ?? [])]), two];
    this.#processes.clear();
    this.#postings = Array.from({ length: 3 }, () => uuidv7());
  }

  get #lost(): boolean {
    return (this.#group?.faults.length ?? 0) > 0;
  }

  async #run(command: Command, who: Who): Promise<void> {
    switch (command.do) {
      case 'place':
        return this.#place(command, who, this.#slot(command.slot));
      case 'again':
        return this.#place(command, who, this.#bet(command.bet));
      case 'cashOut':
        return this.#cashOut(command, who);
      case 'post':
        return this.#post(command, who);
      case 'lock':
        await this.#lock(who, command.table, this.#owner(command.table, command.latest));
        return;
      case 'settle':
        return this.#toTheEnd(command, who);
      case 'takeOver':
        return this.#takeOver(command, who);
    }
  }

  async #place(
    { changed, latest }: { changed: boolean; latest: boolean },
    who: Who,
    known: KnownBet,
  ): Promise<void> {
    const room = this.#owner(known.table, latest);
    const amount = known.asked.amount + (changed ? 1 : 0);
    const asked = { ...known.asked, amount };
    const by = handle(known.table, room);
    const placing = { ...known.placing, amount, room };
    await this.#call(
      who,
      `place ${short(asked.id)} player ${asked.player} amount ${amount} ${shown(by)}`,
      () => this.#process(room.nodeId, who).placeBet(placing),
      (answer, span) => {
        const decided: Step = (spec) => spec.place(asked, by, span, answer);
        if (!('ok' in answer)) return [decided];
        this.#hear(asked.player, answer.ok);
        return [decided, (spec) => spec.stands(asked.id, answer)];
      },
    );
  }

  async #cashOut(command: Command & { do: 'cashOut' }, who: Who): Promise<void> {
    const known = this.#bet(command.bet);
    const room = this.#owner(known.table, command.latest);
    const by = handle(known.table, room);
    const resolving = { ...cashOut(known.placing, command.multiplier), room };
    const { status, multiplier, payout } = resolving;
    const asked = { id: known.asked.id, round: known.asked.round, status, multiplier, payout };
    await this.#call(
      who,
      `cash ${short(asked.id)} at ${multiplier} for ${payout} ${shown(by)}`,
      () => this.#process(room.nodeId, who).resolveBet(resolving),
      (answer, span) => {
        if ('ok' in answer) this.#hear(known.asked.player, answer.ok);
        return [(spec) => spec.resolve(asked, by, span, answer, this.#lost)];
      },
    );
  }

  async #post({ kind, ...command }: Command & { do: 'post' }, who: Who): Promise<void> {
    const id = this.#postings[command.posting] as string;
    const { userId } = this.players[command.player] as Player;
    const takes = kind === 'purchase' || kind === 'adjust';
    const amount = takes ? -command.amount : command.amount;
    const deal = { id, userId, currency: 'COIN', amount: command.amount };
    const posting = {
      grant: () => grant(deal),
      purchase: () => purchase(deal),
      sale: () => sale(deal),
      adjust: () => adjust({ ...deal, amount, reason: 'a model', actorId: userId }),
    }[kind]();
    await this.#call(
      who,
      `${kind} ${short(id)} player ${command.player} amount ${amount}`,
      async () => {
        const { wallets } = await this.#process('posts', who).postings.post(posting);
        return wallets[0] as WalletChange;
      },
      (answer) => {
        if ('ok' in answer) this.#hear(command.player, answer.ok);
        const asked = { id, kind, player: command.player, amount };
        return [(spec) => spec.post(asked, answer)];
      },
    );
  }

  /** Locks, ends as the group says, and settles; a step that is refused is the last. */
  async #toTheEnd(command: Command & { do: 'settle' }, who: Who): Promise<void> {
    const { table: at, latest } = command;
    const room = this.#owner(at, latest);
    const crashPoint = this.#group?.crashPoints[at] ?? null;
    if (!('ok' in (await this.#lock(who, at, room)))) return;
    const { roundId } = this.#tables[at] as Table;
    if (crashPoint !== null) {
      const by = handle(at, room);
      const ended = await this.#call(
        who,
        `end ${short(roundId)} at ${crashPoint} ${shown(by)}`,
        () => this.#process(room.nodeId, who).rounds.end(room, roundId, { crashPoint }, SEED),
        (answer, span) => [(spec) => spec.end(roundId, crashPoint, by, span, answer)],
      );
      if (!('ok' in ended)) return;
    }
    await this.#settle(who, at, room, crashPoint);
  }

  #lock(who: Who, at: number, room: OwnedRoom): Promise<Answer<unknown>> {
    const { roundId } = this.#tables[at] as Table;
    const by = handle(at, room);
    return this.#call(
      who,
      `lock ${short(roundId)} ${shown(by)}`,
      () => this.#process(room.nodeId, who).rounds.lock(room, roundId),
      (answer, span) => [(spec) => spec.lock(roundId, by, span, answer)],
    );
  }

  async #settle(who: Who, at: number, room: OwnedRoom, crashPoint: number | null): Promise<void> {
    const { roundId } = this.#tables[at] as Table;
    const by = handle(at, room);
    const chunks: ResolvedBet[][] = [];
    const ledger = this.#process(room.nodeId, who);
    const outcome = crashPoint === null ? null : { crashPoint };
    await this.#call(
      who,
      `settle ${short(roundId)} at ${crashPoint} ${shown(by)}`,
      () =>
        settle(ledger, crash, room, roundId, outcome, [], (bets) => void chunks.push([...bets])),
      (answer, span) => [
        ...chunks.map(
          (chunk): Step =>
            (spec) =>
              spec.settleChunk(roundId, crashPoint, by, span, chunk, this.#lost),
        ),
        (spec) =>
          ('code' in answer && spec.refusedByLane(by, span, answer)) ||
          spec.close(roundId, by, span, answer),
      ],
    );
  }

  /** Another node, or the same once more, takes the table; the old owner's lease comes back too late. */
  async #takeOver(command: Command & { do: 'takeOver' }, who: Who): Promise<void> {
    const { table: at, same } = command;
    const { roomId, nodeId: old } = this.#owner(at);
    const node = same ? old : await this.books.node();
    const lapse = (_: Answer<unknown>, span: Span): Step[] => [(spec) => spec.lapse(old, span)];
    if (!same) await this.#call(who, 'lapse', () => this.books.expire(old), lapse);
    let taken: OwnedRoom | null = null;
    const { rounds } = this.#process(node, who);
    await this.#call(
      who,
      `take table ${at} over`,
      async () => {
        taken = await rounds.takeOver(node, roomId);
        if (taken) this.#tables[at]?.owners.push(taken);
        return taken?.fence ?? null;
      },
      (answer) => [(spec) => spec.takeOver(at, node, answer)],
    );
    if (!same) {
      const renew = (): Step[] => [(spec) => spec.renew(old)];
      await this.#call(who, 'renew', () => this.books.renew(old), renew);
    }
    if (!command.recover || taken === null) return;
    for (const { outcome } of await rounds.unfinished(roomId)) {
      const ended = outcome as { crashPoint: number } | null;
      await this.#settle(who, at, taken, ended?.crashPoint ?? null);
    }
  }

  /** A round that is over, or whose table has had another owner since, is followed by the next. */
  async #tidy(at: number): Promise<void> {
    const { roundId } = this.#tables[at] as Table;
    const round = this.#spec.rounds.get(roundId);
    assert.ok(round);
    const room = this.#owner(at);
    const unfinished = round.phase === 'betting' || round.phase === 'running';
    if (unfinished && round.fence === room.fence) return;
    if (unfinished) await this.#settle(ALONE, at, room, round.crashPoint);
    await this.#nextRound(at);
  }

  async #nextRound(at: number): Promise<void> {
    const table = this.#tables[at] as Table;
    const room = this.#owner(at);
    table.number += 1;
    const round = { ...(await this.books.roundToOpen(room)), number: table.number };
    table.roundId = round.id;
    await this.#call(
      ALONE,
      `open ${short(round.id)}`,
      () => this.books.ledger.rounds.open(room, round),
      (answer, span) => [(spec) => spec.open(round.id, handle(at, room), span, answer)],
    );
  }

  async #call<T>(
    who: Who,
    text: string,
    work: () => Promise<T>,
    steps: (answer: Answer<T>, span: Span) => Step[],
  ): Promise<Answer<T>> {
    const span: Span = { invoked: ++this.#clock, returned: Number.POSITIVE_INFINITY };
    const answer: Answer<T> = await work().then(
      (ok) => ({ ok }),
      (error) => ({ code: String(error.code ?? error) }),
    );
    span.returned = ++this.#clock;
    const line = `${span.invoked}-${span.returned} client ${who.client}: ${text} => ${JSON.stringify(answer)}`;
    const call = { client: who.client, text: line, steps: steps(answer, span) };
    this.#history.push(Object.assign(span, call));
    this.calls += 1;
    return answer;
  }

  async #explain(): Promise<void> {
    const rooms = this.#tables.map(({ owners }) => owners[0]?.roomId as RoomId);
    const held = JSON.stringify(await heldBy(this.books, this.players, rooms));
    const history = this.#history.splice(0);
    const { after, states, best } = explain(
      this.#spec,
      history,
      (spec) => JSON.stringify(expectedOf(spec)) === held,
    );
    this.states += states;
    if (after) {
      this.#spec = after;
      return;
    }
    const lines = history.toSorted((a, b) => a.invoked - b.invoked).map(({ text }) => text);
    assert.fail(
      `no order explains what happened (${best} steps at best):\n${lines.join('\n')}\n` +
        `before: ${JSON.stringify(expectedOf(this.#spec))}\nthe books hold: ${held}`,
    );
  }

  #process(node: NodeId | 'posts', { through }: Who): Ledger {
    const key = `${node} ${through}`;
    let ledger = this.#processes.get(key);
    if (!ledger) {
      ledger = this.books.ledgerOn(this.#dbs[through] as Books['db']);
      this.#processes.set(key, ledger);
    }
    return ledger;
  }

  #knownAs({ player, table, amount, auto }: Slot): KnownBet {
    const { roundId } = this.#tables[table] as Table;
    const selection = auto === null ? {} : { autoCashout: auto };
    const who = this.players[player] as Player;
    const placing = bet({ room: this.#owner(table), roundId }, who, amount, selection);
    const asked = { id: placing.betId, player, round: roundId, amount, auto };
    return { asked, placing, table };
  }

  #slot(at: number): KnownBet {
    const slots = this.#group?.slots.length ?? 0;
    return this.#known[this.#known.length - slots + at] as KnownBet;
  }

  /** The newest are the likeliest. */
  #bet(back: number): KnownBet {
    return this.#known[this.#known.length - 1 - (back % this.#known.length)] as KnownBet;
  }

  #owner(at: number, latest = true): OwnedRoom {
    const { owners } = this.#tables[at] as Table;
    return (latest ? owners.at(-1) : owners[0]) as OwnedRoom;
  }

  #hear(player: number, { balance, seq }: { balance: number; seq: number }): void {
    this.#told.push({ wallet: this.players[player]?.walletId as number, balance, seq });
  }
}

const SEED = '5e'.repeat(32);

function handle(table: number, { nodeId, fence }: OwnedRoom): Handle {
  return { table, node: nodeId, fence };
}

function short(id: string): string {
  return id.slice(-6);
}

function shown({ table, fence }: Handle): string {
  return `(table ${table}, fence ${fence})`;
}
