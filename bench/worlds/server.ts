/** The real server, and the process of the clients that play on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../port.ts';
import { Child } from '../rooms/child.ts';
import type { CpuTime } from '../rooms/probe.ts';
import type { Memory } from './memory.ts';
import type { Given, Opened, Order, Ran, Visited } from './orders.ts';

const HOST = '127.0.0.1';
const READY = 'Roundhouse is running.';
const MEMORY = new URL('./memory.ts', import.meta.url).href;
const SECRET = 'a secret of the bench, for towns that are gone in a minute';
/** A server that is slow to open towns is not swamped with more of them. */
const OPENED_AT_ONCE = 8;
/** Of one order to the clients; they are waited for only so long. */
const OPENED_PER_ORDER = 250;

type Answers = { open: Opened; commands: Ran; visit: Visited };

export class Served {
  readonly #server: Child;
  readonly #clients: Child;
  readonly #folder: string;

  private constructor(server: Child, clients: Child, folder: string) {
    this.#server = server;
    this.#clients = clients;
    this.#folder = folder;
  }

  static async start(databaseUrl: string): Promise<Served> {
    const folder = mkdtempSync(join(tmpdir(), 'roundhouse-bench-'));
    const port = await freePort(HOST);
    const server = new Child('server', '../../src/main.ts', ['serve'], {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${MEMORY}`.trim(),
      DATABASE_URL: databaseUrl,
      REDIS_URL: '',
      NODE_URL: '',
      PUBLIC_URL: '',
      HOST,
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      LOG_LEVEL: 'warn',
      JWT_SECRET: SECRET,
    });
    const given: Given = { url: `http://${HOST}:${port}`, secret: SECRET };
    const clients = new Child('clients', '../worlds/clients.ts', [JSON.stringify(given)]);
    const served = new Served(server, clients, folder);
    try {
      await Promise.all([server.printed(READY), clients.printed('Ready.')]);
    } catch (error) {
      await served.close();
      throw error;
    }
    return served;
  }

  /** These users open their towns and stay; ms of each, from the join request to the first state. */
  async open(userIds: readonly number[], oneByOne = false): Promise<number[]> {
    const ms: number[] = [];
    for (let at = 0; at < userIds.length; at += OPENED_PER_ORDER) {
      const some = userIds.slice(at, at + OPENED_PER_ORDER);
      const atOnce = oneByOne ? 1 : OPENED_AT_ONCE;
      ms.push(...(await this.#order({ kind: 'open', userIds: some, atOnce })).ms);
    }
    return ms;
  }

  /** Also says how many cores the server took meanwhile. */
  async commands(order: Omit<Extract<Order, { kind: 'commands' }>, 'kind'>) {
    const before = await this.#server.ask<CpuTime>('cpu');
    const { window } = await this.#order({ kind: 'commands', ...order });
    const after = await this.#server.ask<CpuTime>('cpu');
    return { window, serverCores: (after.ms - before.ms) / (after.at - before.at) };
  }

  visit(order: Omit<Extract<Order, { kind: 'visit' }>, 'kind'>): Promise<Visited> {
    return this.#order({ kind: 'visit', ...order });
  }

  memory(): Promise<Memory> {
    return this.#server.ask<Memory>('memory');
  }

  async close(): Promise<void> {
    await this.#clients.end();
    await this.#server.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #order<O extends Order>(order: O): Promise<Answers[O['kind']]> {
    const answered = this.#clients.next<Answers[Order['kind']]>(
      ({ kind }) => kind === order.kind,
      `the answer to "${order.kind}"`,
    );
    this.#clients.tell(JSON.stringify(order));
    return (await answered) as Answers[O['kind']];
  }
}
