/** Between the players and the node under attack: starts it, carries commands and answers, and knows when it is dead. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  AnsweredBet,
  Command,
  FromNode,
  News,
  Phase,
  Seat,
  ToNode,
  WalletNews,
} from './wire.ts';

const NODE = fileURLToPath(new URL('./node.ts', import.meta.url));
/** What a node that could not start wrote about it, in characters. */
const COMPLAINTS_LENGTH = 4_000;

export type Answer =
  | { readonly kind: 'bet'; readonly bet: AnsweredBet }
  | { readonly kind: 'granted'; readonly wallet: WalletNews }
  | { readonly kind: 'refused'; readonly code: string }
  /** The node died first. */
  | { readonly kind: 'lost' };

export interface Launched {
  /** False: it ended before that. */
  readonly recovering: Promise<boolean>;
  readonly ready: Promise<boolean>;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly what: Command[2];
  readonly sentAt: number;
}

export class Desk {
  /** Of each table, as told last; undefined while there is no node. */
  readonly phases: (Phase | undefined)[];
  /** When it was told, by the clock of this process. */
  readonly phaseSince: number[] = [];
  /** Answers of the kind `bet` to the command `bet`. */
  acknowledged = 0;
  /** What went wrong in a node without being asked to. */
  readonly troubles: string[] = [];
  /** Players send nothing new. */
  resting = false;
  complaints = '';
  readonly #seats: readonly Seat[];
  readonly #hear: (news: News) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #outbox: Command[] = [];
  #changes: PromiseWithResolvers<void>[];
  #acknowledgement: { readonly after: number; readonly resolve: (at: number) => void } | undefined;
  #node: ChildProcess | undefined;
  #up = false;
  #number = 0;

  /** `hear` gets what players are told without having asked. */
  constructor(tables: number, seats: readonly Seat[], hear: (news: News) => void) {
    this.phases = Array.from({ length: tables }, () => undefined);
    this.#changes = this.phases.map(() => Promise.withResolvers<void>());
    this.#seats = seats;
    this.#hear = hear;
  }

  get isUp(): boolean {
    return this.#up;
  }

  get underWay(): number {
    return this.#waiting.size;
  }

  launch(databaseUrl: string): Launched {
    const node = fork(NODE, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#node = node;
    const recovering = Promise.withResolvers<boolean>();
    const ready = Promise.withResolvers<boolean>();
    node.stderr?.on('data', (chunk: Buffer) => {
      this.complaints = (this.complaints + chunk).slice(-COMPLAINTS_LENGTH);
    });
    node.on('message', (message: FromNode) => {
      if (message.kind === 'recovering') recovering.resolve(true);
      else if (message.kind === 'news') for (const news of message.list) this.#receive(news);
      else {
        this.#up = true;
        ready.resolve(true);
        this.#changed();
      }
    });
    // After everything that it had written has been read.
    node.on('disconnect', () => {
      recovering.resolve(false);
      ready.resolve(false);
      this.#lose();
    });
    this.#send({ kind: 'start', databaseUrl, tables: this.phases.length, seats: this.#seats });
    return { recovering: recovering.promise, ready: ready.promise };
  }

  /** kill -9, and waits until the process is gone and all that it had said is heard. */
  async kill(): Promise<void> {
    const node = this.#node;
    if (!node) return;
    const ended =
      node.exitCode === null && node.signalCode === null ? once(node, 'exit') : undefined;
    const silent = node.connected ? once(node, 'disconnect') : undefined;
    node.kill('SIGKILL');
    await Promise.all([ended, silent]);
    this.#node = undefined;
  }

  ask(player: number, what: Command[2], id: string, amount = 0, auto = 0): Promise<Answer> {
    if (!this.#up) return Promise.resolve({ kind: 'lost' });
    this.#number += 1;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(this.#number, { resolve, what, sentAt: performance.now() });
    if (this.#outbox.push([this.#number, player, what, id, amount, auto]) === 1) {
      setImmediate(() => this.#send({ kind: 'commands', list: this.#outbox.splice(0) }));
    }
    return promise;
  }

  rest(rest: boolean): void {
    this.resting = rest;
    this.#send({ kind: 'rest', rest });
    this.#changed();
  }

  /** When something about the table changes, or the node comes up or goes down. */
  change(table: number): Promise<void> {
    return (this.#changes[table] as PromiseWithResolvers<void>).promise;
  }

  /** The time of the first answer to a bet that is sent after `after`. */
  firstAcknowledgement(after: number): Promise<number> {
    return new Promise((resolve) => {
      this.#acknowledgement = { after, resolve };
    });
  }

  #receive(news: News): void {
    switch (news[0]) {
      case 'bet': {
        const waiting = this.#take(news[1]);
        if (waiting?.what === 'bet') this.#acknowledge(waiting.sentAt);
        waiting?.resolve({ kind: 'bet', bet: news[2] });
        break;
      }
      case 'granted':
        this.#take(news[1])?.resolve({ kind: 'granted', wallet: news[2] });
        break;
      case 'refused':
        this.#take(news[1])?.resolve({ kind: 'refused', code: news[2] });
        break;
      case 'phase':
        this.phases[news[1]] = news[2];
        this.phaseSince[news[1]] = performance.now();
        this.#changed(news[1]);
        break;
      case 'abandoned':
        this.troubles.push(`table ${news[1]}: ${news[2]}`);
        break;
      default:
        this.#hear(news);
    }
  }

  #acknowledge(sentAt: number): void {
    this.acknowledged += 1;
    if (this.#acknowledgement && sentAt >= this.#acknowledgement.after) {
      this.#acknowledgement.resolve(performance.now());
      this.#acknowledgement = undefined;
    }
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  #lose(): void {
    this.#up = false;
    this.phases.fill(undefined);
    this.#outbox.length = 0;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { resolve } of lost) resolve({ kind: 'lost' });
    this.#changed();
  }

  #changed(table?: number): void {
    this.#changes.forEach((change, at) => {
      if (table !== undefined && at !== table) return;
      this.#changes[at] = Promise.withResolvers<void>();
      change.resolve();
    });
  }

  #send(message: ToNode): void {
    // One that is dying has an end that is closed, and says so later.
    if (this.#node?.connected) this.#node.send(message, () => {});
  }
}
