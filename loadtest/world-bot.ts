/** A bot with a world of its own: it asks for something, waits for the answer, thinks, and asks for something else. */
import type {
  InventoryNews,
  TownBuilding,
  Wallet,
  WorldAnswer,
  WorldState,
} from '../src/protocol.ts';
import { Errands } from './errands.ts';
import { count, record } from './figures.ts';
import type { WorldsToPlay } from './game.ts';
import type { Play, Player, ToldWorld } from './player.ts';
import { type Listener, type Read, Seat } from './seat.ts';
import { type SeenTown, townCommand } from './town-commands.ts';

/** After these refusals it is not known whether the command was carried out. */
const UNSURE = new Set(['BUSY', 'INTERNAL', 'ROOM_MOVED']);

export class WorldBot implements Player, Listener<WorldState> {
  readonly #play: Play;
  readonly #game: WorldsToPlay;
  readonly #told: ToldWorld;
  readonly #errands = new Errands();
  #seat: Seat<WorldState> | undefined;
  #isPlaying = false;
  /** Of the last message about the wallet. */
  #seq = -1;

  constructor(play: Play, game: WorldsToPlay) {
    this.#play = play;
    this.#game = game;
    this.#told = {
      game: game.name,
      acknowledged: 0,
      sure: true,
      version: 0,
      balance: undefined,
      inventory: new Map(),
    };
  }

  async enter(): Promise<void> {
    this.#seat = await Seat.take(this.#play, { game: this.#game.name, table: undefined }, this);
  }

  readonly read: Read = (path, query) => this.#taken.read(path, query);

  get sent() {
    return { bets: new Map(), seats: [], world: this.#told };
  }

  get over(): Promise<void> {
    return this.#taken.gone;
  }

  /** Nobody waits for a phase here: who may play begins. */
  look(): void {
    this.#play.betting(Number.POSITIVE_INFINITY);
    if (!this.#play.on || this.#isPlaying) return;
    this.#isPlaying = true;
    this.#askSoon();
  }

  async leave(): Promise<void> {
    await this.#errands.end();
    await this.#taken.leave();
  }

  state({ version }: WorldState): void {
    this.#told.version = Math.max(this.#told.version, version);
    if (this.#seat) this.look();
  }

  told(type: string, message: unknown): void {
    if (type === 'wallet') {
      const { balance, seq } = message as Wallet;
      if (seq < this.#seq) return;
      this.#seq = seq;
      this.#told.balance = balance;
    } else if (type === 'inventory') {
      const { whole, items } = message as InventoryNews;
      if (whole) this.#told.inventory.clear();
      this.#hold(items);
    }
  }

  #askSoon(): void {
    this.#errands.within(this.#play.spreadMs, async () => {
      await this.#ask();
      this.#askSoon();
    });
  }

  /** One after the other: what is told then belongs to the last answer. */
  async #ask(): Promise<void> {
    const { latencies, figures } = this.#play;
    const { commands } = figures.worlds;
    const { type, input } = townCommand(this.#game.tables, this.#seen(), Math.random);
    commands.sent += 1;
    const commandId = crypto.randomUUID();
    const startedAt = performance.now();
    const answer = await this.#taken.ask<WorldAnswer>(type, { commandId, ...input }, () => {
      commands.repeated += 1;
    });
    if (answer.kind === 'given') {
      record(latencies.command, startedAt);
      commands.acknowledged += 1;
      this.#learn(answer.value);
    } else if (answer.kind === 'refused') {
      count(commands.refused, answer.code);
      if (UNSURE.has(answer.code)) this.#told.sure = false;
    } else {
      commands.unanswered += 1;
      this.#told.sure = false;
    }
  }

  #learn({ version, balance, inventory }: WorldAnswer): void {
    this.#told.acknowledged += 1;
    this.#told.version = Math.max(this.#told.version, version);
    this.#told.balance = balance;
    this.#hold(inventory);
  }

  #hold(items: InventoryNews['items']): void {
    for (const { item, quantity } of items) this.#told.inventory.set(item, quantity);
  }

  #seen(): SeenTown {
    const buildings: SeenTown['buildings'][number][] = [];
    this.#taken.state?.entries.forEach((entry, id) => {
      const { building, x, y, level, readyAt } = entry as TownBuilding;
      buildings.push({ id: Number(id), building, x, y, level, readyAt });
    });
    const { balance = Number.POSITIVE_INFINITY, inventory } = this.#told;
    return { now: Date.now(), balance, inventory, buildings };
  }

  get #taken(): Seat<WorldState> {
    if (!this.#seat) throw new Error('a bot that has not entered');
    return this.#seat;
  }
}
