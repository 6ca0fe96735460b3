/**
 * A player with a town who writes down every command before it is sent and what was answered, and who comes back after a
 * death of the server and sends again, with the same ids, whatever was not answered.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Room } from '@colyseus/sdk';
import {
  type Random,
  type SeenTown,
  type TownTables,
  townCommand,
} from '../../loadtest/town-commands.ts';
import type {
  InventoryNews,
  TownBuilding,
  TownStore,
  WorldAnswer,
  WorldState,
  WorldView,
} from '../../src/protocol.ts';

/** Commands of one player that wait for their answers at the same time. */
const AT_ONCE = 2;
const THINK_MS = 800;
/** Below the rate at which commands are refused. */
const REPEATS_AT_ONCE = 25;
const REPEATS_EVERY_MS = 550;
const ANSWER_TIMEOUT_MS = 20_000;
const RETRY_MS = 100;
/** After these it is not known what became of the command, perhaps when it was sent before. */
const UNSURE = new Set(['BUSY', 'INTERNAL', 'ROOM_MOVED', 'RATE_LIMITED']);

export interface CommandRecord {
  readonly commandId: string;
  readonly type: string;
  readonly input: Readonly<Record<string, unknown>>;
  sent: number;
  answer?: WorldAnswer;
  refused?: string;
  /** What the same command was answered after all kills. */
  repeated?: WorldAnswer | string | undefined;
}

export class TownPlayer {
  readonly userId: number;
  readonly records: CommandRecord[] = [];
  /** What lies in the buildings, as the owner was shown it. */
  readonly stores = new Map<string, TownStore>();
  readonly #client: Client;
  readonly #tables: TownTables;
  readonly #random: Random;
  readonly #inventory = new Map<string, number>();
  #balance: number;
  #room: Room<unknown, WorldState> | undefined;
  #coming: Promise<void> = Promise.resolve();
  #isPlaying = true;

  constructor(
    client: Client,
    userId: number,
    given: { readonly tables: TownTables; readonly random: Random; readonly balance: number },
  ) {
    this.#client = client;
    this.userId = userId;
    this.#tables = given.tables;
    this.#random = given.random;
    this.#balance = given.balance;
  }

  get isHere(): boolean {
    return this.#room !== undefined;
  }

  get state(): WorldState {
    if (!this.#room) throw new Error(`user ${this.userId} is not in the town`);
    return this.#room.state;
  }

  /** Sent, and not known what became of it. */
  get open(): CommandRecord[] {
    return this.records.filter(({ answer, refused }) => !answer && refused === undefined);
  }

  /** Joins, asks again for what is open, and goes on until the connection is gone, or to the end of the play. */
  come(): void {
    this.#coming = this.#stay().catch((error) => {
      // The server is down, or was killed while this player came in.
      if (error instanceof assert.AssertionError) throw error;
    });
  }

  /** Resolves when the connection is gone, after a kill, or when nothing is sent any more, after the end of the play. */
  done(): Promise<void> {
    return this.#coming;
  }

  /** Sends no new commands. */
  endPlay(): void {
    this.#isPlaying = false;
  }

  async leave(): Promise<void> {
    if (this.#room?.connection.isOpen) await this.#room.leave();
    this.#room = undefined;
  }

  /** M5: all that was answered once more. */
  async repeatAll(): Promise<void> {
    const answered = this.records.filter(({ answer }) => answer);
    for (let at = 0; at < answered.length; at += REPEATS_AT_ONCE) {
      if (at > 0) await delay(REPEATS_EVERY_MS);
      const some = answered.slice(at, at + REPEATS_AT_ONCE);
      await Promise.all(
        some.map(async (record) => {
          record.repeated = await this.#ask(record);
        }),
      );
    }
  }

  async #stay(): Promise<void> {
    const joined = await this.#client.joinOrCreate('town', {});
    const room = joined as unknown as Room<unknown, WorldState>;
    const gone = Promise.withResolvers<void>();
    room.reconnection.enabled = false;
    room.onLeave(() => {
      if (this.#room === room) this.#room = undefined;
      gone.resolve();
    });
    const shown = Promise.withResolvers<void>();
    room.onMessage('inventory', (news: InventoryNews) => {
      this.#hold(news);
      if (news.whole) shown.resolve();
    });
    room.onMessage('view', (view: WorldView) => this.#see(view));
    room.onMessage('wallet', () => {});
    // The state came before these.
    await Promise.race([shown.promise, gone.promise]);
    if (!room.connection.isOpen) return;
    this.#room = room;
    while (this.open.length > 0 && this.isHere) {
      for (const record of this.open) await this.#send(record);
      if (this.open.length > 0) await delay(RETRY_MS);
    }
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#askOn(room, gone.promise)));
  }

  async #askOn(room: Room<unknown, WorldState>, gone: Promise<void>): Promise<void> {
    for (;;) {
      await Promise.race([delay(this.#random() * THINK_MS), gone]);
      if (!this.#isPlaying || this.#room !== room) return;
      const command = townCommand(this.#tables, this.#seen(), this.#random);
      const record = { commandId: crypto.randomUUID(), ...command, sent: 0 };
      this.records.push(record);
      await this.#send(record);
    }
  }

  async #send(record: CommandRecord): Promise<void> {
    record.sent += 1;
    const answer = await this.#ask(record);
    if (typeof answer === 'object') this.#learn(record, answer);
    else if (answer !== undefined && !UNSURE.has(answer)) record.refused = answer;
  }

  /** The answer, the code of a refusal, or undefined: the server died first. */
  async #ask(record: CommandRecord): Promise<WorldAnswer | string | undefined> {
    const { commandId, type, input } = record;
    const payload = { commandId, ...input };
    const options = { timeout: ANSWER_TIMEOUT_MS };
    try {
      return await this.#room?.request(type as never, payload as never, options);
    } catch (error) {
      return (error as { reason?: { code?: string } }).reason?.code;
    }
  }

  #learn(record: CommandRecord, answer: WorldAnswer): void {
    assert.equal(record.answer, undefined, 'two answers to one question');
    record.answer = answer;
    this.#balance = answer.balance;
    this.#hold({ whole: false, items: answer.inventory });
  }

  #hold({ whole, items }: InventoryNews): void {
    if (whole) this.#inventory.clear();
    for (const { item, quantity } of items) this.#inventory.set(item, quantity);
  }

  #see({ whole, entries }: WorldView): void {
    if (whole) this.stores.clear();
    for (const [id, store] of Object.entries(entries)) {
      if (store) this.stores.set(id, store as TownStore);
      else this.stores.delete(id);
    }
  }

  #seen(): SeenTown {
    const buildings: SeenTown['buildings'][number][] = [];
    this.state.entries.forEach((entry, id) => {
      buildings.push({ id: Number(id), ...placed(entry as TownBuilding) });
    });
    const now = Date.now();
    return { now, balance: this.#balance, inventory: this.#inventory, buildings };
  }
}

/** An entry of the room's state as a plain object. */
export function placed({ building, x, y, level, readyAt }: TownBuilding): TownBuilding {
  return { building, x, y, level, readyAt };
}
