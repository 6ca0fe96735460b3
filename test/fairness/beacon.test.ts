import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { type Beacon, beaconBytes, PublicBeacon } from '../../src/fairness/beacon.ts';
import { metrics } from '../../src/metrics.ts';
import { drandRound, type FakeDrand, json, startDrand } from '../support/drand.ts';

/** The longest that a lock may wait: the chain's period and three seconds; and what a busy machine adds. */
const MOST_MS = 1_000 + 3_000 + 2_000;

interface Line {
  readonly msg: string;
  readonly reason?: string;
}

describe('fairness/beacon', function () {
  this.timeout(30_000);
  const open: { drand: FakeDrand; beacon: PublicBeacon }[] = [];
  afterEach(async () => {
    for (const { drand, beacon } of open.splice(0)) {
      beacon.stop();
      await drand.down().catch(() => {});
    }
  });

  async function start(started = true) {
    const drand = await startDrand();
    const lines: Line[] = [];
    const sink = { write: (line: string) => lines.push(JSON.parse(line)) };
    const beacon = new PublicBeacon(drand.url, pino({}, sink));
    open.push({ drand, beacon });
    if (started) await beacon.start();
    /** A lock at a time for which the round is there already. */
    const past = () => Date.now() - drand.periodMs;
    const roundOf = (lockedAt: number) =>
      Math.floor((lockedAt - drand.genesisMs) / drand.periodMs) + 2;
    return { drand, beacon, lines, past, roundOf };
  }

  const taken = (drand: FakeDrand, round: number): Beacon => ({
    chain: drand.chain,
    ...drandRound(round),
  });
  const count = async (result: string) =>
    (await metrics.beacons.get()).values.find(({ labels }) => labels.result === result)?.value ?? 0;

  it('[F6] a lock waits for the first round after it, and for no other', async () => {
    const { drand, beacon, lines, roundOf } = await start();
    const lockedAt = Date.now();
    const { dueAt, arrived } = beacon.after(lockedAt);
    const round = roundOf(lockedAt);
    assert.ok(dueAt > lockedAt && dueAt <= lockedAt + drand.periodMs);
    assert.deepEqual(await arrived, taken(drand, round));
    assert.ok(Date.now() >= dueAt);
    assert.equal(beaconBytes(await arrived)?.toString('hex'), drandRound(round).randomness);
    assert.deepEqual([...new Set(drand.asked)], ['/info', `/public/${round}`]);
    assert.deepEqual(lines, []);
  });

  it('[F6] a round is asked for once for all tables of the process', async () => {
    const { drand, beacon, past, roundOf } = await start();
    const before = await count('mixed');
    const lockedAt = past();
    const arrived = Array.from({ length: 50 }, () => beacon.after(lockedAt).arrived);
    const beacons = await Promise.all(arrived);
    beacons.push(await beacon.after(lockedAt).arrived);
    assert.equal(new Set(beacons).size, 1);
    assert.deepEqual(drand.asked, ['/info', `/public/${roundOf(lockedAt)}`]);
    assert.equal(await count('mixed'), before + 1);
  });

  it('[F6] a round that comes late is waited for', async () => {
    const { drand, beacon, roundOf } = await start();
    drand.lateMs = 1_200;
    const lockedAt = Date.now();
    const { dueAt, arrived } = beacon.after(lockedAt);
    assert.deepEqual(await arrived, taken(drand, roundOf(lockedAt)));
    assert.ok(Date.now() >= dueAt + drand.lateMs);
    assert.ok(drand.asked.length > 3);
  });

  const WRONG = 'ab'.repeat(32);
  const OUTAGES: Record<
    string,
    [Extract<Beacon, { missing: string }>['missing'], FakeDrand['answer']]
  > = {
    'never publishes the round': ['timeout', (response) => void response.writeHead(404).end()],
    'accepts connections and never answers': ['timeout', () => {}],
    'answers half of it and no more': ['timeout', (response) => void response.write('{"round":')],
    'answers 500': ['unreachable', (response) => void response.writeHead(500).end('no')],
    'breaks the connection': ['unreachable', (response) => void response.destroy()],
    'answers another randomness': [
      'invalid',
      (response, round) => json(response, { ...drandRound(round), randomness: WRONG }),
    ],
    'answers another signature': [
      'invalid',
      (response, round) => json(response, { ...drandRound(round), signature: 'ab'.repeat(48) }),
    ],
    'answers the round before': [
      'invalid',
      (response, round) => json(response, drandRound(round - 1)),
    ],
    'answers what is no JSON': ['invalid', (response) => void response.end('<html>')],
    'answers without an end': ['invalid', endless],
  };

  it('[F6] whatever a relay does, the wait is bounded and ends with the reason why there is no beacon', async () => {
    await Promise.all(
      Object.entries(OUTAGES).map(async ([what, [missing, answer]]) => {
        const { drand, beacon, lines, roundOf } = await start();
        drand.answer = answer;
        const lockedAt = Date.now();
        const found = await beacon.after(lockedAt).arrived;
        assert.ok(Date.now() - lockedAt < MOST_MS, what);
        const round = roundOf(lockedAt);
        assert.deepEqual(found, { chain: drand.chain, round, missing }, what);
        assert.equal(beaconBytes(found), undefined);
        assert.deepEqual(
          lines.map(({ reason }) => reason),
          [missing],
          what,
        );
      }),
    );
  });

  it('[F6] an outage is told once, and so is its end', async () => {
    const { drand, beacon, lines, past, roundOf } = await start();
    const before = await count('unreachable');
    await drand.down();
    const locks = [past(), past() - 1_000, past() - 2_000];
    const found = await Promise.all(locks.map((lockedAt) => beacon.after(lockedAt).arrived));
    assert.deepEqual(
      found,
      locks.map((lockedAt) => {
        return { chain: drand.chain, round: roundOf(lockedAt), missing: 'unreachable' };
      }),
    );
    assert.equal(await count('unreachable'), before + 3);
    assert.equal(lines.length, 1);
    await drand.up();
    const lockedAt = Date.now();
    assert.deepEqual(await beacon.after(lockedAt).arrived, taken(drand, roundOf(lockedAt)));
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['no beacon: rounds are drawn from their chains alone', 'the beacon is back'],
    );
  });

  it('[F6] a relay that is down at the start is asked about its chain at the next lock', async () => {
    const { drand, beacon, lines, past, roundOf } = await start(false);
    await drand.down();
    await beacon.start();
    assert.equal(lines.length, 1);
    const missed = await beacon.after(past()).arrived;
    assert.deepEqual(missed, { chain: drand.chain, round: null, missing: 'unreachable' });
    await drand.up();
    const lockedAt = past();
    assert.deepEqual(await beacon.after(lockedAt).arrived, taken(drand, roundOf(lockedAt)));
    assert.equal(lines.length, 2);
    assert.deepEqual(drand.asked, ['/info', `/public/${roundOf(lockedAt)}`]);
  });

  it('[F6] the relay of another chain is none', async () => {
    const [one, other] = [await start(), await start()];
    const url = one.drand.url.replace(one.drand.chain, other.drand.chain);
    const beacon = new PublicBeacon(url, pino({ level: 'silent' }));
    const found = await beacon.after(Date.now()).arrived;
    // The path of the other chain is not one that this relay knows.
    assert.deepEqual(found, { chain: other.drand.chain, round: null, missing: 'timeout' });
    beacon.stop();
  });

  it('[F6] stopping ends every wait', async () => {
    const { drand, beacon, lines } = await start();
    drand.answer = () => {};
    const { arrived } = beacon.after(Date.now());
    beacon.stop();
    assert.ok('missing' in (await arrived));
    assert.deepEqual(lines, []);
  });
});

function endless(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(' '.repeat(4_096)));
  };
  response.on('drain', more);
  more();
}
