/**
 * One random life of a player's towns against the real books, and beside it a model in memory that knows only the rules:
 * a command counts once, whatever was cut off, killed, sent twice or sent by two at once.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isRefusal } from '../../../src/games/contract.ts';
import type { WorldCatalogue } from '../../../src/games/world.ts';
import type { NodeId } from '../../../src/ids.ts';
import { readSnapshot, type Snapshot } from '../../../src/worlds/snapshot.ts';
import { type Fault, faulty } from '../../ledger/faulty.ts';
import type { Player } from '../../ledger/fixture.ts';
import { CURRENCY, type LiveTown, type Towns, town } from '../fixture.ts';
import { type Known, type Order, randomOrder } from './orders.ts';

const STEPS = 6;
const LEAST_COINS = 200;
const COINS = 20_000;
const LONG_MS = 30 * 86_400_000;

/** What happened in all lives of a run. */
export class Tally {
  lives = 0;
  carriedOut = 0;
  refused = 0;
  repeats = 0;
  together = 0;
  kills = 0;
  lostAnswers = 0;
  purchases = 0;
}

interface Sent {
  readonly commandId: string;
  readonly slot: number;
  readonly order: Order;
}
interface Save {
  readonly id: number;
  version: number;
  saved: Snapshot;
  node: NodeId;
  live: LiveTown;
}

export class Life {
  readonly #towns: Towns;
  readonly #random: () => number;
  readonly #tally: Tally;
  #catalogue!: WorldCatalogue;
  #player!: Player;
  #coins = 0;
  #inventory = new Map<string, number>();
  #saves: Save[] = [];
  /** Monotonic, in ms; only this test moves it. */
  #clock = 1_000;
  /** What each command that counted was answered. */
  readonly #told = new Map<string, { sent: Sent; answer: object }>();
  #nextId = 0;

  constructor(towns: Towns, random: () => number, tally: Tally) {
    this.#towns = towns;
    this.#random = random;
    this.#tally = tally;
  }

  async run(): Promise<void> {
    const { books } = this.#towns;
    this.#catalogue = await this.#towns.catalogue();
    this.#coins = LEAST_COINS + this.#below(COINS);
    this.#player = await books.player(this.#coins);
    await this.#furnish();
    for (const slot of this.#random() < 0.2 ? [1, 2] : [1]) await this.#enterFirst(slot);
    for (let step = 0; step < STEPS; step++) await this.#step();
    await this.#check();
    for (const { live } of this.#saves) await live.live.close();
    this.#tally.lives += 1;
  }

  /** Half of all have things to begin with: many buildings take some. */
  async #furnish(): Promise<void> {
    if (this.#random() < 0.5) return;
    const { books } = this.#towns;
    const given = [...this.#catalogue.items.values()].map((item) => ({
      ...item,
      delta: Math.min(item.stack, 20 + this.#below(80)),
    }));
    await books.ledger.commands.carryOut({
      userId: this.#player.userId,
      commandId: this.#commandId(),
      request: { type: 'furnish' },
      currency: CURRENCY,
      world: null,
      items: given.map(({ id, delta, stack: most }) => ({ id, delta, most, held: 0 })),
      coins: null,
      reason: 'furnish',
      answer: {},
    });
    for (const { name, delta } of given) this.#inventory.set(name, delta);
  }

  async #step(): Promise<void> {
    const chance = this.#random();
    this.#clock += this.#random() < 0.1 ? this.#below(LONG_MS) : this.#below(3_600_000);
    if (chance < 0.12 && this.#told.size > 0) return this.#again();
    if (chance < 0.17) return this.#purchase();
    const sent = this.#newOrder();
    if (chance < 0.3) return this.#together(sent);
    if (chance < 0.4) return this.#kill(sent);
    if (chance < 0.5) return this.#lose(sent);
    const save = this.#saveOf(sent);
    await this.#expect(sent, save, () => this.#send(sent, save.live));
  }

  /** A command that counted, as it was or with another payload. */
  async #again(): Promise<void> {
    const all = [...this.#told.values()];
    const { sent, answer } = all[this.#below(all.length)] as { sent: Sent; answer: object };
    const { live } = this.#saveOf(sent);
    this.#tally.repeats += 1;
    assert.deepEqual(await this.#send(sent, live), answer);
    const other = { ...sent, order: { type: 'collect', input: { id: 9_999 } } };
    if (!isDeepStrictEqual(other.order, sent.order)) {
      await assert.rejects(this.#send(other, live), { code: 'BET_CONFLICT' });
    }
  }

  /** Two connections send the same command at the same moment. */
  async #together(sent: Sent): Promise<void> {
    const save = this.#saveOf(sent);
    this.#tally.together += 1;
    await this.#expect(sent, save, async () => {
      const both = await Promise.allSettled([
        this.#send(sent, save.live),
        this.#send(sent, save.live),
      ]);
      const [one, two] = both;
      assert.deepEqual(one, two);
      if (one?.status === 'rejected') throw one.reason;
      return (one as PromiseFulfilledResult<object>).value;
    });
  }

  /** The connection is lost once or twice, before the books have the command or after. */
  async #lose(sent: Sent): Promise<void> {
    const save = this.#saveOf(sent);
    const faults: Fault[] = Array.from({ length: 1 + this.#below(2) }, () =>
      this.#random() < 0.5 ? 'before' : 'after',
    );
    const { books } = this.#towns;
    const db = faulty(books.db, /carry_out/, faults);
    this.#tally.lostAnswers += 1;
    await save.live.live.close();
    save.live = await this.#enter(save, books.ledgerOn(db));
    await this.#expect(sent, save, () => this.#send(sent, save.live));
  }

  /** The process is gone in the middle of it; another one opens the save, and the player asks there again. */
  async #kill(sent: Sent): Promise<void> {
    const save = this.#saveOf(sent);
    this.#tally.kills += 1;
    const dead = save.live;
    const lastWords = this.#send(sent, dead).then(
      (answer) => ({ answer }),
      (error: { code?: string }) => ({ error }),
    );
    // At any point of it: not sent yet, in flight, or done.
    for (let turns = this.#below(4); turns > 0; turns--) await new Promise(setImmediate);
    if (this.#random() < 0.3) await lastWords;
    save.live = await this.#enter(save);
    const words = await lastWords;
    await dead.live.close();
    // What it did, it did by its own clock; whether it did it, the books know.
    const reached = (await this.#towns.saves.load(save.id)) as { version: number };
    if (reached.version > save.version) {
      assert.equal(reached.version, save.version + 1);
      this.#apply(sent, save, dead);
    }
    if ('answer' in words) assert.deepEqual(words.answer, this.#told.get(sent.commandId)?.answer);
    await this.#expect(sent, save, () => this.#send(sent, save.live));
  }

  /** Beside the town, over REST. */
  async #purchase(): Promise<void> {
    const wares = [...this.#catalogue.items.values()].filter(({ price }) => price !== null);
    const item = wares[this.#below(wares.length)];
    if (!item || item.price === null) return;
    const quantity = 1 + this.#below(3);
    const held = this.#inventory.get(item.name) ?? 0;
    const amount = item.price * quantity;
    const buying = this.#towns.books.ledger.commands.carryOut({
      userId: this.#player.userId,
      commandId: this.#commandId(),
      request: { type: 'purchase', item: item.id, quantity },
      currency: CURRENCY,
      world: null,
      items: [{ id: item.id, delta: quantity, most: item.stack, held: null }],
      coins: amount > 0 ? { category: 'purchase', amount } : null,
      reason: 'purchase',
      answer: {},
    });
    this.#tally.purchases += 1;
    if (held + quantity > item.stack) return void (await assert.rejects(buying));
    if (amount > this.#coins) {
      return void (await assert.rejects(buying, { code: 'INSUFFICIENT_FUNDS' }));
    }
    await buying;
    this.#coins -= amount;
    this.#inventory.set(item.name, held + quantity);
  }

  /** Sends, and holds what is answered against what the model expects. */
  async #expect(sent: Sent, save: Save, send: () => Promise<object>): Promise<void> {
    const first = this.#told.get(sent.commandId);
    const expected = first?.answer ?? this.#judge(sent, save, save.live);
    if ('code' in expected) {
      this.#tally.refused += 1;
      await assert.rejects(send(), { code: expected.code as string });
      return;
    }
    const answer = await send();
    if (first) return assert.deepEqual(answer, first.answer);
    this.#apply(sent, save, save.live);
    assert.deepEqual(answer, this.#told.get(sent.commandId)?.answer);
  }

  /** The answer that the rules and the model's books make of it, or the code of the refusal. */
  #judge(sent: Sent, save: Save, { live }: LiveTown): { code: string } | Applied {
    const { type, input } = sent.order;
    const command = (town.commands[type] as (typeof town.commands)[string])(input);
    if (isRefusal(command)) return { code: 'BAD_REQUEST' };
    const now = live.now();
    const before = this.#stateAt(save.saved, now);
    const holder = { now, has: (item: string) => this.#inventory.get(item) ?? 0 };
    const deed = town.carryOut(before, command, holder, this.#catalogue);
    if (isRefusal(deed)) return { code: deed.code ?? 'ILLEGAL_MOVE' };
    const moved = deed.coins === null ? 0 : deed.coins.amount;
    const coins = this.#coins + (deed.coins?.kind === 'paid' ? -moved : moved);
    if (coins < 0) return { code: 'INSUFFICIENT_FUNDS' };
    const inventory = new Map(this.#inventory);
    for (const [item, delta] of Object.entries(deed.items)) {
      inventory.set(item, (inventory.get(item) ?? 0) + delta);
    }
    const touched = Object.keys(deed.items)
      .map((name) => this.#catalogue.items.get(name))
      .sort((a, b) => (a?.id ?? 0) - (b?.id ?? 0))
      .map((item) => ({ item: item?.name, quantity: inventory.get(item?.name ?? '') }));
    const answer = {
      commandId: sent.commandId,
      ...deed.answer,
      version: save.version + 1,
      currency: CURRENCY,
      balance: coins,
      inventory: touched,
    };
    return { answer, coins, inventory, saved: { state: deed.state, at: now } };
  }

  #stateAt({ state, at }: Snapshot, now: number): object {
    const until = Math.max(at, Math.min(now, at + town.absenceMs));
    return town.advance(state, at, until, this.#catalogue);
  }

  #apply(sent: Sent, save: Save, by: LiveTown): void {
    const judged = this.#judge(sent, save, by);
    assert.ok('answer' in judged, `the books took what the rules refuse: ${JSON.stringify(sent)}`);
    this.#coins = judged.coins;
    this.#inventory = judged.inventory;
    save.saved = judged.saved;
    save.version += 1;
    this.#told.set(sent.commandId, { sent, answer: plain(judged.answer) });
    this.#tally.carriedOut += 1;
  }

  async #check(): Promise<void> {
    const { books, saves } = this.#towns;
    const { userId } = this.#player;
    assert.equal(await books.balance(this.#player), this.#coins);
    const inventory = await books.ledger.commands.inventory(userId);
    const expected = [...this.#inventory].filter(([, quantity]) => quantity > 0);
    assert.deepEqual(sorted([...inventory]), sorted(expected));
    for (const save of this.#saves) {
      const stored = await saves.load(save.id);
      assert.equal(stored?.version, save.version);
      assert.deepEqual(readSnapshot(town, stored?.stored), plain(save.saved));
      const shown = save.live.shown();
      // What was read anew is shown as it is at that moment.
      if (shown) {
        assert.deepEqual(plain(shown.state), plain(this.#stateAt(save.saved, shown.at)));
      }
    }
    const rows = await books.rows<{ id: string; answer: object }>(
      'SELECT id, answer FROM commands WHERE user_id = $1 AND game_state_id IS NOT NULL',
      [userId],
    );
    const told = [...this.#told].map(([id, { answer }]) => ({ id, answer }));
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    assert.deepEqual(rows.sort(byId), told.sort(byId));
  }

  async #enterFirst(slot: number): Promise<void> {
    const id = await this.#towns.save(this.#player, slot);
    const node = await this.#towns.books.node();
    const live = await this.#towns.enter(id, { node, monotonic: () => this.#clock });
    const saved = readSnapshot(town, live.opened.stored);
    assert.ok(!isRefusal(saved));
    this.#saves.push({ id, version: live.opened.version, saved, node, live });
  }

  async #enter(save: Save, ledger = this.#towns.books.ledger): Promise<LiveTown> {
    await this.#towns.books.expire(save.node);
    save.node = await this.#towns.books.node();
    return this.#towns.enter(save.id, {
      node: save.node,
      ledger,
      monotonic: () => this.#clock,
    });
  }

  #newOrder(): Sent {
    const slot = this.#below(this.#saves.length);
    const { state } = (this.#saves[slot] as Save).saved;
    const { buildings } = state as Pick<Known, 'buildings'>;
    const held = [...this.#inventory].flatMap(([name, quantity]) => (quantity > 0 ? [name] : []));
    const order = randomOrder(this.#random, this.#catalogue, { buildings, held });
    return { commandId: this.#commandId(), slot, order };
  }

  #send({ commandId, order }: Sent, { live }: LiveTown): Promise<object> {
    return live.command(order.type, commandId, order.input);
  }

  #saveOf({ slot }: Sent): Save {
    return this.#saves[slot] as Save;
  }

  #commandId(): string {
    this.#nextId += 1;
    return `00000000-0000-4000-8000-${this.#nextId.toString(16).padStart(12, '0')}`;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

interface Applied {
  readonly answer: object;
  readonly coins: number;
  readonly inventory: Map<string, number>;
  readonly saved: Snapshot;
}

/** As the books give it back. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function sorted(entries: [string, number][]): [string, number][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
