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
import { drawFrom } from '../../src/fairness/stream.ts';
import type { MatchGame } from '../../src/games/match.ts';
import type { RoundId } from '../../src/ids.ts';
import type { Game, MatchState, Page, Proof, Round, RoundState } from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  signIn,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['package.json', 'tsconfig.json', 'src', 'rooms', 'models', 'loadtest'];
/** In the order in which the guide adds them. */
const ADDED = ['coin', 'showdown'] as const;
const REGISTRY = 'src/games/registry.ts';
/** Bots do not begin in a shorter betting phase than 3 s. */
const BETTING_MS = 3_500;
const BOT_SECONDS = 5;

type CoinState = RoundState & { side: string };
type Hands = { hands: { card: number }[] };
type ShowdownState = MatchState & Hands;
type Gambler = TestPlayer<ShowdownState>;

/** docs/ADD-A-GAME.md is followed to the letter, in a copy of the project. */
describe('adding games as docs/ADD-A-GAME.md says', function () {
  this.timeout(120_000);
  let copy: string;
  /** What the compiler finds wrong, and what Mocha prints of the games' own tests. */
  let wrong: Promise<string>;
  let tested: Promise<string>;
  let server: TestServer;

  before(async () => {
    const guide = readFileSync(join(ROOT, 'docs/ADD-A-GAME.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
    assert.equal(blocks.length, 3 * ADDED.length);
    copy = mkdtempSync(join(tmpdir(), 'roundhouse-copy-'));
    for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    mkdirSync(join(copy, 'test/games'), { recursive: true });
    for (const game of ADDED) add(game, blocks.splice(0, 3) as [string, string, string]);
    // Both run while the games are played: their results are wanted, not their time.
    const tests = ADDED.map((game) => `test/games/${game}.test.ts`);
    wrong = printed('node_modules/typescript/bin/tsc', ['-p', '.']);
    tested = printed('node_modules/mocha/bin/mocha.js', ['--no-config', ...tests]);
    const env = { BETTING_MS: `${BETTING_MS}` };
    server = await startServer({ main: join(copy, 'src/main.ts'), env });
  });
  afterEach(leaveAll);
  after(async () => {
    await Promise.all([wrong, tested]);
    await server?.dispose();
    rmSync(copy, { recursive: true, force: true });
  });

  function add(game: string, [rules, registry, test]: [string, string, string]): void {
    writeFileSync(join(copy, `src/games/${game}.ts`), rules);
    writeFileSync(join(copy, `test/games/${game}.test.ts`), test);
    const [importLine, listLine] = registry.trim().split('\n\n') as [string, string];
    const before = readFileSync(join(copy, REGISTRY), 'utf8');
    const after = before.replace(/^export const games: .*$/m, `${importLine}\n\n${listLine}`);
    assert.notEqual(after, before);
    writeFileSync(join(copy, REGISTRY), after);
  }

  /** What a program of the copy prints, also when it fails. */
  function printed(program: string, options: string[], env = process.env): Promise<string> {
    return run(process.execPath, [program, ...options], { cwd: copy, env }).then(
      ({ stdout }) => stdout,
      ({ stdout, message }: { stdout: string; message: string }) => `${stdout}${message}`,
    );
  }

  async function isOffered(name: string, title: string): Promise<void> {
    const response = await fetch(`${server.url}/api/v1/games`);
    const { items } = (await response.json()) as Page<Game>;
    assert.ok(items.some((game) => game.name === name && game.title === title));
  }

  async function isInLobby(name: string, table: string): Promise<void> {
    const { client } = await signIn(server.url);
    const lobby = await client.joinOrCreate('lobby');
    const tables = Promise.withResolvers<{ name: string; metadata: { table: string } }[]>();
    lobby.onMessage('rooms', tables.resolve);
    lobby.onMessage('*', () => {});
    const listed = await tables.promise;
    assert.ok(listed.some((room) => room.name === name && room.metadata.table === table));
    await lobby.leave();
  }

  it('the round is played over a socket, and is in the lobby and in REST', async () => {
    const player = await joinGame<CoinState>('coin', server.url, { table: 'mine' });
    await player.phase('betting');
    const bet = await player.bet(100, { side: 'heads' });
    assert.deepEqual(bet.selection, { side: 'heads' });
    await until(() => player.resolved.length === 1, 'the toss', 20_000);
    const [resolved] = player.resolved;
    const { side } = player.room.state;
    assert.equal(resolved?.payout, side === 'heads' ? 196 : 0);
    assert.deepEqual(await player.get(`/api/v1/me/bets/${bet.betId}`), resolved);
    const round = await player.get<Round>(`/api/v1/rounds/${bet.roundId}`);
    assert.deepEqual(round.outcome, { side });
    await isOffered('coin', 'Coin');
    await isInLobby('coin', 'mine');
  });

  it('[G8] the match is played over a socket, a card is told to its holder alone, and the pot and the bets on it are paid', async () => {
    const join = (more: object = {}) =>
      joinGame<ShowdownState>('showdown', server.url, { table: 'cards', ...more });
    const players = [await join(), await join()] as [Gambler, Gambler];
    const watcher = await join({ spectate: true });
    const all = [...players, watcher];
    const heard = new Map(all.map((player) => [player, listen(player)]));
    const ask = <T>(player: Gambler, type: string, payload: object = {}) =>
      player.room.request(type as never, payload as never) as Promise<T>;

    const stake = 100;
    const seat = async (player: Gambler) =>
      (await ask<{ seat: number }>(player, 'sit', { matchId: crypto.randomUUID(), stake })).seat;
    assert.deepEqual([await seat(players[0]), await seat(players[1])], [0, 1]);
    await Promise.all(all.map((player) => player.phase('running')));
    const views = players.map((player) => (heard.get(player) as Heard).views);
    await until(() => views.every(({ length }) => length > 0), 'the cards');
    const bets = await Promise.all(
      [0, 1].map((on) => watcher.bet(50, { selection: { type: 'winner', seat: on } })),
    );

    const { turn, roundId } = watcher.room.state;
    const [first, second] = turn === 0 ? players : [players[1], players[0]];
    const { moves } = await ask<{ moves: object[] }>(first, 'moves');
    assert.deepEqual(moves, [{ change: false }, { change: true }]);
    await ask(first, 'move', { change: true });
    assert.equal((await second.get<Round>(`/api/v1/rounds/${roundId}`)).outcome, null);
    await ask(second, 'move', { change: false });
    await Promise.all(all.map((player) => player.phase('settled')));

    for (const [player, { messages, states }] of heard) {
      const own = (players as Gambler[]).indexOf(player);
      const told = messages.flatMap(({ type, message }) => {
        assert.equal(type, 'view');
        return (message as Hands).hands;
      });
      assert.ok(own !== -1 || told.length === 0);
      told.forEach(({ card }, at) => {
        assert.equal(card > 0, at % 2 === own);
      });
      const before = states.filter(({ phase }) => phase !== 'settled');
      assert.ok(before.some(({ phase }) => phase === 'running'));
      for (const { hands } of before) assert.deepEqual(hands, [{ card: 0 }, { card: 0 }]);
    }

    const { hands, winner, ending } = (heard.get(watcher) as Heard).states.at(-1) as ShowdownState;
    assert.deepEqual(
      hands,
      views.map((own, index) => own.at(-1)?.hands[index]),
    );
    const [zero, one] = hands.map(({ card }) => card) as [number, number];
    const won = zero === one ? -1 : zero > one ? 0 : 1;
    assert.deepEqual([winner, ending], [won, won === -1 ? 'drawn' : 'won']);
    const returned = (on: number, whenWon: number, asStaked: number) =>
      won === -1 ? asStaked : on === won ? whenWon : 0;
    for (const [index, player] of players.entries()) {
      const wallet = () => player.get<{ balance: number }>('/api/v1/me/wallet');
      const expected = 500 - stake + returned(index, 2 * stake - 4, stake);
      await until(async () => (await wallet()).balance === expected, 'the pot');
    }
    await until(() => watcher.resolved.length === bets.length, 'the pool');
    for (const [on, { betId }] of bets.entries()) {
      const bet = watcher.resolved.find((resolved) => resolved.betId === betId);
      assert.equal(bet?.payout, returned(on, 95, 50));
    }

    const { outcome } = await first.get<Round>(`/api/v1/rounds/${roundId}`);
    const { chain, seed } = await first.get<Proof>(`/api/v1/rounds/${roundId}/proof`);
    const { showdown } = (await import(`${copy}/src/games/showdown.ts`)) as { showdown: MatchGame };
    const [seedBytes, salt] = [seed as string, chain.salt].map((hex) => Buffer.from(hex, 'hex'));
    assert.deepEqual(outcome, {
      setup: showdown.setup(drawFrom(seedBytes as Buffer, salt as Buffer, roundId as RoundId)),
      moves: [{ change: true }, { change: false }],
      winner: won === -1 ? null : won,
      ending,
    });
    await isOffered('showdown', 'Showdown');
    await isInLobby('showdown', 'cards');
  });

  it('their types are right, and their own tests pass', async () => {
    assert.equal(await wrong, '');
    assert.match(await tested, /5 passing/);
    assert.doesNotMatch(await tested, /failing/);
  });

  it('load bots play both, and the audit is sound', async () => {
    const env = { ...process.env, DATABASE_URL: server.databaseUrl };
    const common = ['--spread', '500', '--url', server.url, '--audit-here'];
    const bots = (game: string, more: string[]) => {
      const options = ['--game', game, '--seconds', `${BOT_SECONDS}`, ...more, ...common];
      return printed('loadtest/main.ts', options, env);
    };
    const runs = [bots('coin', ['--bots', '10']), bots('showdown', ['--bots', '6'])];
    const [coin, showdown] = (await Promise.all(runs)) as [string, string];
    for (const text of [coin, showdown]) {
      assert.match(text, /sound/);
      assert.doesNotMatch(text, /FAILED|Command failed/);
    }
    const acknowledged = /(\d+) acknowledged bets looked up, 0 missing/.exec(coin);
    assert.ok(Number(acknowledged?.[1]) > 0, coin);
    const response = await fetch(`${server.url}/api/v1/games/showdown/rounds?limit=100`);
    const { items } = (await response.json()) as Page<Round>;
    const played = items.filter(({ phase }) => phase === 'settled');
    assert.ok(played.length > 1, showdown);
  });
});

interface Heard {
  /** Whatever was sent to this player alone, beside the wallet and resolved bets. */
  readonly messages: { type: string; message: unknown }[];
  readonly states: ShowdownState[];
  readonly views: Hands[];
}

function listen({ room }: Gambler): Heard {
  const heard: Heard = { messages: [], states: [], views: [] };
  room.onMessage('*', (type, message) => {
    heard.messages.push({ type: String(type), message });
    if (type === 'view') heard.views.push(message as Hands);
  });
  room.onStateChange((state) => {
    heard.states.push((state as unknown as { toJSON(): ShowdownState }).toJSON());
  });
  return heard;
}
