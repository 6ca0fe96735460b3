/** A TCP proxy in front of a database that harms one connection after exactly so many bytes, and no other. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Side = 'request' | 'answer';

export interface Harm {
  readonly side: Side;
  /** So many bytes of this side still pass, counted from `arm`. */
  readonly after: number;
  /**
   * `reset` and `close` end both connections at once, with RST or FIN; `lose` closes the client's only after the
   * database has answered all; `silence` passes nothing more and says nothing; `delay` goes on after `delayMs`.
   */
  readonly how: 'reset' | 'close' | 'lose' | 'silence' | 'delay';
  readonly delayMs?: number;
}

export interface ByteProxy {
  readonly url: string;
  /** Bytes that passed since the last `arm`. */
  readonly passed: Readonly<Record<Side, number>>;
  /** The armed harm was done. */
  readonly harmed: boolean;
  /** The next connection that reaches the harm suffers it; null only counts from here. */
  arm(harm: Harm | null): void;
  /** Ends all present connections. */
  drop(): void;
  close(): Promise<void>;
}

/** With `lose`: the database has committed and answered within this time of the request's end. */
const LOST_ANSWER_MS = 20;

export async function startByteProxy(databaseUrl: string): Promise<ByteProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let passed = { request: 0, answer: 0 };
  let armed: Harm | null = null;
  let harmed = false;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let silent = false;
    join('request', client, upstream);
    join('answer', upstream, client);

    function join(side: Side, from: Socket, to: Socket): void {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        // Nobody hears from the other end of a connection that has fallen silent.
        if (!silent) to.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        if (silent) return;
        const harm = armed;
        const left = harm?.side === side ? harm.after - passed[side] : Number.POSITIVE_INFINITY;
        if (harm === null || chunk.length <= left) {
          passed[side] += chunk.length;
          to.write(chunk);
          return;
        }
        armed = null;
        harmed = true;
        passed[side] += left;
        void inflict(harm, from, to, chunk.subarray(0, left), chunk.subarray(left));
      });
    }

    async function inflict(harm: Harm, from: Socket, to: Socket, some: Buffer, rest: Buffer) {
      switch (harm.how) {
        case 'reset':
        case 'close':
          // What has passed arrives before the end does.
          if (some.length > 0) await new Promise((done) => to.write(some, done));
          for (const socket of [client, upstream]) {
            if (harm.how === 'reset') socket.resetAndDestroy();
            else socket.end();
          }
          break;
        case 'lose':
          silent = true;
          upstream.write(Buffer.concat([some, rest]));
          setTimeout(() => {
            silent = false;
            client.resetAndDestroy();
          }, LOST_ANSWER_MS);
          break;
        case 'silence':
          silent = true;
          to.write(some);
          break;
        case 'delay':
          to.write(some);
          from.pause();
          setTimeout(() => {
            to.write(rest);
            from.resume();
          }, harm.delayMs);
          break;
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as { port: number }).port);

  function drop(): void {
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: url.href,
    get passed() {
      return passed;
    },
    get harmed() {
      return harmed;
    },
    arm(harm) {
      passed = { request: 0, answer: 0 };
      armed = harm;
      harmed = false;
    },
    drop,
    async close() {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}
