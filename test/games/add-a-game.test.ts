import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Game, Page, RoundState } from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  signIn,
  startServer,
  type TestServer,
  until,
} from '../support/server.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'package.json',
  'tsconfig.json',
  '.mocharc.mjs',
  'src',
  'rooms',
  'models',
  'loadtest',
  'test/support',
];
const REGISTRY = 'src/games/registry.ts';
const BOT_SECONDS = 8;

/** docs/ADD-A-GAME.md is followed to the letter, in a copy of the project. */
describe('adding a game as docs/ADD-A-GAME.md says', function () {
  this.timeout(120_000);
  let copy: string;
  let server: TestServer;

  before(async () => {
    const guide = readFileSync(join(ROOT, 'docs/ADD-A-GAME.md'), 'utf8');
    const [rules, registry, test, ...more] = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(
      ([, code]) => code as string,
    ) as [string, string, string];
    assert.deepEqual(more, []);
    copy = mkdtempSync(join(tmpdir(), 'roundhouse-copy-'));
    for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, 'src/games/coin.ts'), rules);
    mkdirSync(join(copy, 'test/games'));
    writeFileSync(join(copy, 'test/games/coin.test.ts'), test);
    const [importLine, listLine] = registry.trim().split('\n\n') as [string, string];
    const before = readFileSync(join(copy, REGISTRY), 'utf8');
    const after = before.replace(/^export const games.*$/m, `${importLine}\n\n${listLine}`);
    assert.notEqual(after, before);
    writeFileSync(join(copy, REGISTRY), after);
    server = await startServer({ main: join(copy, 'src/main.ts'), env: { BETTING_MS: '4000' } });
  });
  afterEach(leaveAll);
  after(async () => {
    await server?.dispose();
    rmSync(copy, { recursive: true, force: true });
  });

  it('its types are right', async () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const wrong = await run(tsc, ['-p', '.'], { cwd: copy }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    assert.equal(wrong, '');
  });

  it('its test passes', async () => {
    const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
    const { stdout } = await run(process.execPath, [mocha, 'test/games/coin.test.ts'], {
      cwd: copy,
    });
    assert.match(stdout, /2 passed, 0 failed/);
  });

  it('it is played over a socket, and is in the lobby and in REST', async () => {
    type CoinState = RoundState & { side: string };
    const player = await joinGame<CoinState>('coin', server.url, { table: 'mine' });
    await player.phase('betting');
    const bet = await player.bet(100, { side: 'heads' });
    assert.deepEqual(bet.selection, { side: 'heads' });
    await until(() => player.resolved.length === 1, 'the toss', 20_000);
    const [resolved] = player.resolved;
    const { side } = player.room.state;
    assert.equal(resolved?.payout, side === 'heads' ? 196 : 0);
    assert.deepEqual(await player.get(`/api/v1/me/bets/${bet.betId}`), resolved);
    const round = await player.get<{ outcome: object }>(`/api/v1/rounds/${bet.roundId}`);
    assert.deepEqual(round.outcome, { side });

    const { items } = await player.get<Page<Game>>('/api/v1/games');
    assert.ok(items.some(({ name, title }) => name === 'coin' && title === 'Coin'));
    const { client } = await signIn(server.url);
    const lobby = await client.joinOrCreate('lobby');
    const tables = Promise.withResolvers<{ name: string; metadata: { table: string } }[]>();
    lobby.onMessage('rooms', tables.resolve);
    lobby.onMessage('*', () => {});
    const listed = await tables.promise;
    assert.ok(listed.some(({ name, metadata }) => name === 'coin' && metadata.table === 'mine'));
    await lobby.leave();
  });

  it('load bots play it, and the audit is sound', async () => {
    const options = ['--game', 'coin', '--bots', '10', '--seconds', `${BOT_SECONDS}`];
    const { stdout } = await run(
      process.execPath,
      ['loadtest/main.ts', ...options, '--spread', '500', '--url', server.url, '--audit-here'],
      { cwd: copy, env: { ...process.env, DATABASE_URL: server.databaseUrl } },
    );
    const acknowledged = /(\d+) acknowledged bets looked up, 0 missing/.exec(stdout);
    assert.ok(Number(acknowledged?.[1]) > 0, stdout);
    assert.match(stdout, /sound/);
  });
});
