/** A drand relay on loopback: the API of the real ones, with signatures that nobody made. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PERIOD_S = 1;
const PUBLIC_KEY = 'b7'.repeat(96);
const GROUP_HASH = '9e'.repeat(32);
const BEACON_ID = 'of a test';

let started = 0;

type Answer = (response: ServerResponse, round: number) => void;

export interface FakeDrand {
  /** As BEACON_URL has it. */
  readonly url: string;
  readonly chain: string;
  readonly genesisMs: number;
  readonly periodMs: number;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** How a round is answered; undefined: as drand does, from `lateMs` after its time. */
  answer: Answer | undefined;
  lateMs: number;
  /** The connections end, and further ones are refused. */
  down(): Promise<void>;
  /** On the same port again. */
  up(): Promise<void>;
}

export function drandRound(round: number) {
  const signature = createHash('shake256', { outputLength: 48 }).update(`${round}`).digest();
  const randomness = createHash('sha256').update(signature).digest('hex');
  return { round, randomness, signature: signature.toString('hex') };
}

export async function startDrand(): Promise<FakeDrand> {
  // Chains of one second would be the same chain.
  const genesis = Math.floor(Date.now() / 1_000) - 1_000 - started++;
  const fixed = Buffer.alloc(12);
  fixed.writeUInt32BE(PERIOD_S);
  fixed.writeBigInt64BE(BigInt(genesis), 4);
  const chain = createHash('sha256')
    .update(fixed)
    .update(Buffer.from(PUBLIC_KEY + GROUP_HASH, 'hex'))
    .update(BEACON_ID)
    .digest('hex');
  const info = {
    public_key: PUBLIC_KEY,
    period: PERIOD_S,
    genesis_time: genesis,
    hash: chain,
    groupHash: GROUP_HASH,
    schemeID: 'bls-unchained-g1-rfc9380',
    metadata: { beaconID: BEACON_ID },
  };
  let server: Server;
  let port = 0;

  const drand: FakeDrand = {
    get url() {
      return `http://127.0.0.1:${port}/${chain}`;
    },
    chain,
    genesisMs: genesis * 1_000,
    periodMs: PERIOD_S * 1_000,
    asked: [],
    answer: undefined,
    lateMs: 0,
    async down() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async up() {
      server = createServer((request, response) => {
        const path = (request.url ?? '').replace(`/${chain}`, '');
        drand.asked.push(path);
        const round = Number(/^\/public\/(\d+)$/.exec(path)?.[1]);
        if (path === '/info') return json(response, info);
        if (drand.answer) return drand.answer(response, round);
        const dueAt = drand.genesisMs + (round - 1) * drand.periodMs + drand.lateMs;
        if (!(Date.now() >= dueAt)) return void response.writeHead(404).end();
        json(response, drandRound(round));
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    },
  };
  await drand.up();
  return drand;
}

export function json(response: ServerResponse, value: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
