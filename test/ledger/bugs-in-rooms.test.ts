/** Bugs of the list that live between a room and the ledger: a round that moves on, a clock that jumps, a Redis. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { BetCommands, type BetHost, type SeatedPlayer } from '../../rooms/bet-commands.ts';
import { CommandQueue } from '../../rooms/command-queue.ts';
import { LiveRound } from '../../rooms/round.ts';
import type { Seed } from '../../src/fairness/chain.ts';
import type { BetId, RoundId } from '../../src/ids.ts';
import type { PlaceBet, ResolveBet } from '../../src/ledger/types.ts';
import { endOf, SECRET, seedOf } from '../attacks/insider.ts';
import { startRedis } from '../support/redis.ts';
import { joinCrash, startServer } from '../support/server.ts';
import { crash } from './fixture.ts';

const A_DAY_MS = 86_400_000;

/** A room with a round in betting, and a ledger that answers when the test says so. */
function room() {
  const rounds = [1, 2].map(
    (n) => new LiveRound(crash, `round-${n}` as RoundId, n, {} as unknown as Seed, 'COIN'),
  ) as [LiveRound, LiveRound];
  const asked: { place: PlaceBet[]; resolve: ResolveBet[] } = { place: [], resolve: [] };
  const committed = Promise.withResolvers<void>();
  let current = rounds[0];
  const ledger = {
    async placeAll(bets: PlaceBet[]) {
      asked.place.push(...bets);
      await committed.promise;
      const first = { first: true, status: 'accepted', balance: 90, seq: 2, createdAt: new Date() };
      return bets.map((bet) => ({ ...bet, ...first }));
    },
    async resolveBet(bet: ResolveBet) {
      asked.resolve.push(bet);
      return { ...bet, userId: 1, first: true, balance: 100, seq: 3 };
    },
  };
  const host = {
    gameName: crash.name,
    rules: crash,
    services: { ledger },
    queue: new CommandQueue(),
    exposureLeft: () => Number.MAX_SAFE_INTEGER,
    owned: () => ({ roomId: 'room', gameName: 'crash', currency: 'COIN' }),
    round: () => current,
    boardChanged() {},
    resolved() {},
  } as unknown as BetHost;
  const commands = new BetCommands(host);
  const player = { userId: 1, username: 'one', walletId: 1, gameSessionId: 1 } as SeatedPlayer;
  const moveOn = () => {
    [, current] = rounds;
  };
  return { rounds, asked, commands, player, commit: () => committed.resolve(), moveOn };
}

describe('ledger/bugs in rooms', function () {
  this.timeout(60_000);

  it('[Bug 6] a live variable used after an await: a bet that is answered when the next round is open stands in its own', async () => {
    const { rounds, asked, commands, player, commit, moveOn } = room();
    const betId = crypto.randomUUID() as BetId;
    const answer = commands.bet(player, { betId, amount: 10 });
    moveOn();
    commit();
    assert.equal((await answer).roundId, rounds[0].id);
    assert.equal(asked.place[0]?.roundId, rounds[0].id);
    assert.deepEqual([rounds[0].board.count, rounds[1].board.count], [1, 0]);
    assert.deepEqual([rounds[0].board.countOf(player.userId), rounds[1].board.staked], [1, 0]);
  });

  it('[M7] [Bug 15] a wall-clock multiplier jumps with NTP: a cash-out counts by the monotonic clock, whatever day it is', async () => {
    const multipliers: (number | undefined)[] = [];
    for (const jump of [0, A_DAY_MS, -A_DAY_MS]) {
      const { rounds, asked, commands, player, commit } = room();
      const betId = crypto.randomUUID() as BetId;
      commit();
      await commands.bet(player, { betId, amount: 10 });
      const [round] = rounds;
      round.startedAt = 1_000;
      round.runningMs = 60_000;
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      try {
        mock.timers.setTime(Date.now() + jump);
        await commands.cashOut(player, { betId }, 11_000);
      } finally {
        mock.timers.reset();
      }
      multipliers.push(asked.resolve[0]?.multiplier);
    }
    assert.deepEqual(multipliers, Array(3).fill(Math.floor(100 * Math.exp(0.00006 * 10_000))));
  });

  it('[F1] [Bug 9] future outcomes readable in Redis: neither seed nor crash point goes there while a round is open', async () => {
    const redis = await startRedis();
    const watching = new Redis(redis.url);
    const reading = new Redis(redis.url);
    const heard: string[] = [];
    const monitor = await watching.monitor();
    monitor.on('monitor', (_time: string, args: string[]) => void heard.push(args.join(' ')));
    const server = await startServer({
      env: { REDIS_URL: redis.url, FAIRNESS_SECRET: SECRET, BETTING_MS: '500' },
    });
    const db = new pg.Pool({ connectionString: server.databaseUrl, max: 1 });
    try {
      const player = await joinCrash(server.url);
      await player.phase('betting');
      const { roundId } = player.room.state;
      await player.bet(10);
      await player.phase('running');
      const seed = await seedOf(db, roundId);
      const { crashPoint } = await endOf(db, roundId);
      const held = await Promise.all(
        (await reading.keys('*')).map(async (key) => `${key} ${await dumped(reading, key)}`),
      );
      const text = [...heard, ...held].join('\n');
      assert.ok(text.includes(player.room.roomId), 'the room is not in what was read of Redis');
      for (const spelling of [
        seed.toString('hex'),
        seed.toString('base64'),
        seed.toString('latin1'),
      ]) {
        assert.ok(!text.includes(spelling));
      }
      assert.ok(!new RegExp(`"(crashPoint|outcome)":\\s*"?${crashPoint}\\b`).test(text));
      await player.room.leave();
    } finally {
      await db.end();
      await server.dispose();
      monitor.disconnect();
      watching.disconnect();
      reading.disconnect();
      await redis.stop();
    }
  });
});

async function dumped(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    default:
      return JSON.stringify(await redis.lrange(key, 0, -1).catch(() => []));
  }
}
