import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../../src/database/embedded/pidfile.ts';
import { until } from '../support/server.ts';
import { gone, query, Site, type User } from './embedded.fixture.ts';

const AWKWARD_NAME = `data of "O'Neil" $HOME \`x\` \u00fc`;
const NOBODY: User = { uid: 65534, gid: 65534 };

describe('embedded PostgreSQL', function () {
  this.timeout(60_000);
  let site: Site;

  function lifecycle(): void {
    afterEach(() => site.remove());

    it('[D1] starts new data, goes on after a kill -9 of its user and is adopted, and stops', async () => {
      const first = await site.start();
      assert.equal(first.answer.adopted, false);
      assert.equal(first.answer.dataPath, join(site.dataDir, 'postgres'));
      assert.equal(first.answer.port, Number(new URL(first.answer.url).port));
      await query(first.answer.url, 'CREATE TABLE kept AS SELECT 1 AS one');
      const postmaster = site.postmaster();
      await first.kill();

      const second = await site.start();
      assert.deepEqual(second.answer, { ...first.answer, adopted: true });
      assert.equal(site.postmaster(), postmaster);
      assert.deepEqual(await query(second.answer.url, 'SELECT one FROM kept'), [{ one: 1 }]);
      await second.stop();
      await gone(postmaster);

      const third = await site.start();
      assert.deepEqual(third.answer, first.answer, 'the same port and password, not adopted');
      await third.stop();
    });
  }

  describe('as the user who runs the tests, below a path with spaces, quotes and more', () => {
    beforeEach(() => {
      site = new Site(AWKWARD_NAME);
    });
    lifecycle();
  });

  if (process.getuid?.() === 0) {
    describe('as a normal user', () => {
      beforeEach(() => {
        site = new Site('data', NOBODY);
      });
      lifecycle();
    });

    describe('as root, below a directory that the user postgres cannot enter', () => {
      beforeEach(() => {
        site = new Site();
        chmodSync(site.root, 0o700);
      });
      lifecycle();
    });
  }

  describe('first starts', () => {
    beforeEach(() => {
      site = new Site();
    });
    afterEach(() => site.remove());

    it('[D1] two starters at once: one PostgreSQL, which ends with the last of them', async () => {
      const starters = await Promise.all([site.start(), site.start(), site.start()]);
      const answers = starters.map(({ answer }) => answer);
      assert.deepEqual(answers.map(({ adopted }) => adopted).sort(), [false, true, true]);
      assert.equal(new Set(answers.map(({ url }) => url)).size, 1);
      const postmaster = site.postmaster();
      await Promise.all(starters.slice(1).map(({ stop }) => stop()));
      assert.equal(isAlive(postmaster), true);
      await starters[0]?.stop();
      await gone(postmaster);
    });

    it('a kill -9 in the middle of the first start leaves nothing that hurts', async () => {
      const killed = site.launch();
      const isAtWork = () =>
        readdirSync(site.dataDir).some((name) => name.startsWith('postgres.new-'));
      while (!isAtWork() && killed.exitCode === null) await delay(5);
      process.kill(-(killed.pid as number), 'SIGKILL');
      await once(killed, 'exit');
      assert.equal(existsSync(join(site.dataDir, 'postgres')), false);

      const second = await site.start();
      assert.equal(second.answer.adopted, false);
      await second.stop();
    });
  });

  describe('one place, and what happens to it', () => {
    before(() => {
      site = new Site();
    });
    after(() => site.remove());

    it('[Bug 4] is durable, has no JIT, speaks UTF-8 and UTC, and listens on the loopback only', async () => {
      const { answer, stop } = await site.start();
      const [settings] = await query(
        answer.url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
           current_setting('jit') AS jit, current_setting('TimeZone') AS zone,
           current_setting('server_encoding') AS encoding,
           current_setting('listen_addresses') AS listen,
           current_setting('unix_socket_directories') AS sockets,
           current_setting('max_connections')::int AS connections, current_database() AS database`,
      );
      assert.deepEqual(settings, {
        fsync: 'on',
        commit: 'on',
        jit: 'off',
        zone: 'UTC',
        encoding: 'UTF8',
        listen: '127.0.0.1',
        sockets: '',
        connections: 200,
        database: 'roundhouse',
      });
      await stop();
    });

    it('is closed to others: a password that only the owner can read, and no way in without it', async () => {
      const { answer, stop } = await site.start();
      const password = join(site.dataDir, 'postgres.password');
      assert.equal(statSync(password).mode & 0o777, 0o600);
      assert.equal(statSync(answer.dataPath).mode & 0o077, 0);
      const url = new URL(answer.url);
      assert.equal(readFileSync(password, 'utf8').trim(), url.password);
      url.password = 'guessed';
      await assert.rejects(query(url.href, 'SELECT 1'), { code: '28P01' });
      await stop();
    });

    it('[D1] a kill -9 of PostgreSQL itself: the next start recovers what was committed', async () => {
      const first = await site.start();
      await query(first.answer.url, 'CREATE TABLE kept AS SELECT 1 AS one');
      const killed = site.postmaster();
      process.kill(killed, 'SIGKILL');
      await gone(killed);

      const second = await site.start();
      assert.equal(second.answer.adopted, false);
      assert.notEqual(site.postmaster(), killed);
      assert.deepEqual(await query(second.answer.url, 'SELECT one FROM kept'), [{ one: 1 }]);
      await second.stop();
      await first.stop();
    });

    it('[D1] a kill -9 of PostgreSQL whose processes take their time: the next start waits for them', async () => {
      const first = await site.start();
      const held = new pg.Client(first.answer.url);
      held.on('error', () => {});
      await held.connect();
      const { rows } = await held.query('SELECT pg_backend_pid() AS pid');
      process.kill(rows[0].pid, 'SIGSTOP');
      const killed = site.postmaster();
      process.kill(killed, 'SIGKILL');
      await gone(killed);

      const starting = site.start();
      const log = join(first.answer.dataPath, '..', 'postgres.log');
      const refusals = () => readFileSync(log, 'utf8').match(/shared memory block/g)?.length ?? 0;
      await until(() => refusals() > 5, 'starts that fail', 20_000);
      process.kill(rows[0].pid, 'SIGCONT');
      await (await starting).stop();
      await held.end();
      await first.stop();
    });

    it('a reboot after which its process id is that of another program', async () => {
      const first = await site.start();
      const pidfile = readFileSync(site.pidfile, 'utf8');
      await first.stop();
      writeFileSync(site.pidfile, pidfile.replace(/^\d+/, String(process.pid)));
      const { uid, gid } = statSync(first.answer.dataPath);
      chownSync(site.pidfile, uid, gid);

      const second = await site.start();
      assert.equal(second.answer.adopted, false);
      await second.stop();
    });

    it('[D1] its port taken by a stranger: another one is chosen, and remembered', async () => {
      const first = await site.start();
      await first.stop();
      const stranger = createServer().listen(first.answer.port, '127.0.0.1');
      await once(stranger, 'listening');

      const second = await site.start();
      assert.notEqual(second.answer.port, first.answer.port);
      await second.stop();
      stranger.close();
      await once(stranger, 'close');

      const third = await site.start();
      assert.equal(third.answer.port, second.answer.port);
      await third.stop();
    });

    it('a stop while another client is connected: it goes on for that client', async () => {
      const first = await site.start();
      const client = new pg.Client({ connectionString: first.answer.url });
      await client.connect();
      await first.stop();
      assert.equal((await client.query('SELECT 1 AS one')).rows[0].one, 1);
      await client.end();

      const second = await site.start();
      assert.equal(second.answer.adopted, true);
      await second.stop();
      assert.equal(existsSync(site.pidfile), false);
    });

    it('data of another major version: refused in words', async () => {
      const first = await site.start();
      await first.stop();
      const file = join(first.answer.dataPath, 'PG_VERSION');
      const version = readFileSync(file);
      writeFileSync(file, '17\n');
      await assert.rejects(
        site.start(),
        /were made by PostgreSQL 17; this version of Roundhouse brings/,
      );
      writeFileSync(file, version);
    });

    it('broken settings: refused with what PostgreSQL wrote about it', async () => {
      const first = await site.start();
      await first.stop();
      const file = join(first.answer.dataPath, 'postgresql.conf');
      const settings = readFileSync(file);
      writeFileSync(file, 'no_such_setting = 1\n');
      await assert.rejects(site.start(), /unrecognized configuration parameter "no_such_setting"/);
      writeFileSync(file, settings);
    });
  });
});
