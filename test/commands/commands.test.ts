import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import {
  firstToEnd,
  joinCrash,
  joinTables,
  leaveAll,
  startServer,
  type TestServer,
  until,
} from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('the command line, beside a running server', function () {
  this.timeout(120_000);
  let server: TestServer;
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'commands-'));
    server = await startServer({ env: { BETTING_MS: '800' } });
  });
  afterEach(leaveAll);
  after(async () => {
    await server.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function roundhouse(
    args: string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number; output: string }> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, DATABASE_URL: server.databaseUrl, DATA_DIR: dataDir, ...env },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise<number>((resolve) =>
      child.once('close', (status) => resolve(status ?? -1)),
    );
    return { code, output };
  }

  it('help lists every command, and an unknown one is refused', async () => {
    const { code, output } = await roundhouse(['help']);
    assert.equal(code, 0);
    for (const name of ['serve', 'migrate', 'seed', 'audit', 'verify', 'user', 'report', 'help']) {
      assert.match(output, new RegExp(`^ +${name}`, 'm'));
    }
    assert.equal((await roundhouse(['dance'])).code, 2);
  });

  it('a wrong setting stops the start with its name', async () => {
    for (const [name, value] of [
      ['PORT', 'seventy'],
      ['DATABASE_URL', 'mysql://localhost'],
      ['START_BALANCE', '-1'],
      ['LOG_LEVEL', 'loud'],
    ] as const) {
      const { code, output } = await roundhouse(['serve'], { [name]: value });
      assert.equal(code, 1);
      assert.match(output, new RegExp(name));
    }
    const weak = { NODE_ENV: 'production', JWT_SECRET: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' };
    assert.match((await roundhouse(['serve'], weak)).output, /JWT_SECRET: too weak/);
    assert.match(
      (await roundhouse(['serve'], { NODE_ENV: 'production', JWT_SECRET: '' })).output,
      /JWT_SECRET: required/,
    );
  });

  it('[M2] [R8] a grant is a posting, and a connected player hears of it', async () => {
    const player = await joinCrash(server.url);
    const { code, output } = await roundhouse(['user', 'grant', String(player.userId), '250']);
    assert.equal(code, 0, output);
    await until(() => player.wallets.at(-1)?.balance === 750, 'the wallet message');
  });

  it('makes users, gives roles, and tells what does not exist', async () => {
    const created = await roundhouse(['user', 'create', 'op@example.com', 'a long password']);
    assert.equal(created.code, 0, created.output);
    assert.equal((await roundhouse(['user', 'role', 'OP@example.com', 'operator'])).code, 0);
    assert.match((await roundhouse(['user', 'role', 'op@example.com', 'king'])).output, /no role/);
    assert.match((await roundhouse(['user', 'grant', 'nobody', '5'])).output, /no user/);
    assert.equal((await roundhouse(['user', 'grant', 'op@example.com', '1.5'])).code, 1);
    const gold = await roundhouse(['user', 'grant', 'op@example.com', '5', '--currency', 'GOLD']);
    assert.match(gold.output, /currency: one of COIN/);
    const env = { CURRENCIES: 'COIN,GOLD' };
    const given = await roundhouse(
      ['user', 'grant', 'op@example.com', '5', '--currency', 'GOLD'],
      env,
    );
    assert.match(given.output, /balance is 5 GOLD/);
  });

  it('[F1] [F4] verify recomputes a round that is over', async () => {
    const players = await joinTables(server.url, 'verify');
    await Promise.all(players.map((player) => player.phase('betting')));
    const roundIds = players.map(({ room }) => room.state.roundId);
    const player = await firstToEnd(players, roundIds);
    const roundId = roundIds[players.indexOf(player)] as string;
    const { code, output } = await roundhouse(['verify', roundId]);
    assert.equal(code, 0, output);
    assert.match(output, /as it was committed to/);
    assert.equal((await roundhouse(['verify', crypto.randomUUID()])).code, 1);
    assert.match((await roundhouse(['report'])).output, /crash/);
  });

  it('[M12] the audit is clean beside a running server, and names the row that breaks it', async () => {
    const clean = await roundhouse(['audit', '--json']);
    assert.equal(clean.code, 0, clean.output);
    assert.equal(JSON.parse(clean.output).ok, true);
    const db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
    try {
      const { rows } = await db.query(
        `UPDATE wallets SET balance = balance + 1 WHERE user_id IS NOT NULL
           AND id = (SELECT min(id) FROM wallets WHERE user_id IS NOT NULL) RETURNING id`,
      );
      const broken = await roundhouse(['audit']);
      assert.equal(broken.code, 1);
      assert.match(broken.output, new RegExp(`"id":"?${rows[0].id}"?`));
    } finally {
      await db.end();
    }
  });
});
