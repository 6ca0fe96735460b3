import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bet } from '../../src/protocol.ts';
import {
  joinCrash,
  joinCrashAs,
  leaveAll,
  startServer,
  type TestServer,
} from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PLAYERS = 10;

describe('kill -9 of a server with the embedded PostgreSQL', function () {
  this.timeout(120_000);
  let root: string;
  let server: TestServer;
  let env: Record<string, string>;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'kill-'));
    // Started by root, PostgreSQL runs as another user.
    chmodSync(root, 0o755);
    // An empty setting is one that is not given.
    env = { DATABASE_URL: '', DATA_DIR: join(root, 'data of a server'), BETTING_MS: '600000' };
    server = await startServer({ databaseUrl: 'embedded', env });
  });
  after(async () => {
    await leaveAll();
    // In order, so that PostgreSQL goes down with it.
    await server.stop();
    await server.dispose();
    rmSync(root, { recursive: true, force: true });
  });

  const postmaster = () =>
    Number.parseInt(readFileSync(join(dataPath(), 'postmaster.pid'), 'utf8'), 10);
  const dataPath = () => /data {3}(.+) \(PostgreSQL on port/.exec(server.output())?.[1] as string;

  it('[D1] [M9] the next start adopts the database, refunds what was open, and the books are sound', async () => {
    const players = await Promise.all(Array.from({ length: PLAYERS }, () => joinCrash(server.url)));
    for (const { room } of players) room.reconnection.enabled = false;
    await Promise.all(players.map((player) => player.phase('betting')));
    const bets = await Promise.all(players.map((player, index) => player.bet(10 + index)));
    const lost = players.map((player) => {
      const betId = crypto.randomUUID();
      return { betId, answer: player.bet(5, { betId }).catch(() => undefined) };
    });
    const database = postmaster();
    await server.kill();
    process.kill(database, 0);
    const answers = await Promise.all(lost.map(({ answer }) => answer));

    await server.restart();
    assert.equal(postmaster(), database, 'the same PostgreSQL');
    await Promise.all(
      players.map(async ({ client, userId }, index) => {
        const player = await joinCrashAs(client, userId);
        const { betId } = bets[index] as Bet;
        const status = (id: string) =>
          player.room
            .request('betStatus', { betId: id })
            .catch((error) => error.reason.code) as Promise<Bet | string>;
        assert.equal(((await status(betId)) as Bet).status, 'refunded');
        const [once, twice] = [
          await status(lost[index]?.betId as string),
          await status(lost[index]?.betId as string),
        ];
        assert.deepEqual(once, twice);
        if (answers[index]) assert.equal((once as Bet).status, 'refunded');
        else assert.ok(once === 'NOT_FOUND' || (once as Bet).status === 'refunded');
        assert.equal((await player.get<{ balance: number }>('/api/v1/me/wallet')).balance, 500);
        await player.phase('betting');
        assert.equal((await player.bet(5)).balance, 495);
      }),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'audit'], {
      env: { ...process.env, ...env },
    });
    assert.match(stdout, /The books are sound/);
  });
});
