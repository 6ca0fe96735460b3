import assert from 'node:assert/strict';
import { verifyRound } from '../../src/fairness/verifier.ts';
import type { DerbyState, Proof, RouletteState } from '../../src/protocol.ts';
import { drandRound, type FakeDrand, startDrand } from '../support/drand.ts';
import {
  joinGame,
  leaveAll,
  refusal,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

describe('rounds that are drawn with a public beacon', function () {
  this.timeout(60_000);
  let drand: FakeDrand;
  let server: TestServer;
  before(async () => {
    drand = await startDrand();
    server = await startServer({ env: { BETTING_MS: '1500', BEACON_URL: drand.url } });
  });
  afterEach(leaveAll);
  after(async () => {
    await server.dispose();
    await drand.down().catch(() => {});
  });

  const roulette = (table: string) => joinGame<RouletteState>('roulette', server.url, { table });
  const red = { selection: { type: 'red' } };

  /** Bets on red in a round, waits for its end, and asks for the proof. */
  async function proofOfRound(player: TestPlayer<RouletteState>): Promise<Proof> {
    await until(() => player.room.state.bettingOpen, 'betting', 30_000);
    const { roundId } = await player.bet(10, red);
    await until(() => player.resolved.some((bet) => bet.roundId === roundId), 'the number', 30_000);
    return player.get<Proof>(`/api/v1/rounds/${roundId}/proof`);
  }

  it('[F6] the round waits, with betting closed, for the first beacon after the lock, and its proof holds', async () => {
    const player = await roulette('with');
    const seen: string[] = [];
    let dueAt = 0;
    player.room.onStateChange(({ phase, bettingOpen, phaseEndsAt }) => {
      const now = `${phase}, ${bettingOpen ? 'open' : 'closed'}`;
      if (seen.at(-1) !== now) seen.push(now);
      if (now === 'betting, closed') dueAt = phaseEndsAt;
    });
    const proof = await proofOfRound(player);
    const { beacon } = proof;
    assert.ok(beacon);
    assert.deepEqual(beacon, { chain: drand.chain, ...drandRound(beacon.round) });
    assert.equal(proof.beaconMissing, null);
    const { ok, steps } = await verifyRound(proof);
    assert.equal(ok, true, JSON.stringify(steps));
    const at = seen.indexOf('betting, closed');
    assert.deepEqual(seen.slice(at - 1, at + 3), [
      'betting, open',
      'betting, closed',
      'running, closed',
      'settled, closed',
    ]);
    const time = drand.genesisMs + (beacon.round - 1) * drand.periodMs;
    assert.ok(Math.abs(dueAt - time) < drand.periodMs);
    // The database's clock is the same machine's here.
    const round = await player.get<{ lockedAt: string }>(`/api/v1/rounds/${proof.roundId}`);
    const lockedAt = Date.parse(round.lockedAt);
    assert.ok(time > lockedAt && time < lockedAt + drand.periodMs + 10_000);
  });

  it('[F6] no bet is taken while a table waits for the beacon', async () => {
    drand.lateMs = 1_500;
    const player = await roulette('closed');
    await player.phase('betting');
    await until(() => !player.room.state.bettingOpen, 'the lock');
    assert.equal(player.room.state.phase, 'betting');
    assert.equal((await refusal(player.bet(10, red))).code, 'BETTING_CLOSED');
    await player.phase('running');
    drand.lateMs = 0;
  });

  it('[F6] [R15] a server that stops while a table waits refunds the round', async () => {
    drand.answer = () => {};
    const player = await roulette('stopped');
    await player.phase('betting');
    const { roundId } = await player.bet(10, red);
    await until(() => !player.room.state.bettingOpen, 'the lock');
    player.room.reconnection.enabled = false;
    assert.equal(await server.stop(), 0);
    await server.restart();
    drand.answer = undefined;
    const [bet] = (
      await player.get<{ items: { status: string }[] }>(`/api/v1/me/bets?roundId=${roundId}`)
    ).items;
    assert.equal(bet?.status, 'refunded');
    const proof = await player.get<Proof>(`/api/v1/rounds/${roundId}/proof`);
    assert.deepEqual([proof.seed, proof.beacon, proof.beaconMissing], [null, null, null]);
  });

  it('[F6] [R17] the derby takes bets while it waits', async () => {
    drand.lateMs = 1_500;
    const player = await joinGame<DerbyState>('derby', server.url, { table: 'open' });
    await player.phase('betting');
    const { phaseEndsAt } = player.room.state;
    await until(
      () => player.room.state.phaseEndsAt !== phaseEndsAt,
      'the end of the betting phase',
    );
    assert.deepEqual([player.room.state.phase, player.room.state.bettingOpen], ['betting', true]);
    await player.bet(10, { selection: { type: 'win', runner: 3 } });
    await player.phase('running');
    drand.lateMs = 0;
  });

  it('[F6] with the beacon down a round is drawn and paid as ever, and its proof says that it was missing', async () => {
    await drand.down();
    const player = await roulette('without');
    const proof = await proofOfRound(player);
    assert.equal(proof.beacon, null);
    assert.equal(proof.beaconMissing?.chain, drand.chain);
    assert.equal(proof.beaconMissing?.reason, 'unreachable');
    assert.ok(proof.beaconMissing?.round);
    const { ok, steps } = await verifyRound(proof);
    assert.equal(ok, true, JSON.stringify(steps));
    const { status } = player.resolved[0] ?? {};
    assert.ok(status === 'won' || status === 'lost');
    assert.equal(server.output().match(/no beacon:/g)?.length, 1);
  });
});
