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
import type { Client, Room } from '@colyseus/sdk';
import { drawFrom } from '../../src/fairness/stream.ts';
import type { MatchGame } from '../../src/games/match.ts';
import type { RoundId } from '../../src/ids.ts';
import type {
  Game,
  GameStateEntry,
  MatchState,
  Page,
  Proof,
  Round,
  RoundState,
  WorldAnswer,
  WorldState,
  WorldView,
} from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  refusal,
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
const ADDED = ['coin', 'showdown', 'garden'] as const;
const REGISTRY = 'src/games/registry.ts';
/** Bots do not begin in a shorter betting phase than 3 s. */
const BETTING_MS = 3_500;
const BOT_SECONDS = 5;

type CoinState = RoundState & { side: string };
type Hands = { hands: { card: number }[] };
type ShowdownState = MatchState & Hands;
type Gambler = TestPlayer<ShowdownState>;
type GardenState = Omit<WorldState, 'entries'> & {
  entries: Map<string, { ripeAt: number }>;
};

/** docs/ADD-A-GAME.md is followed to the letter, in a copy of the project. */
describe('adding games as docs/ADD-A-GAME.md says', function () {
  this.timeout(120_000);
  let copy: string;
  /** What the compiler finds wrong, and what Mocha prints of the games' own tests. */
  let wrong: Promise<string>;
  let tested: Promise<string>;
  let server: TestServer;
  const gardens: Room[] = [];

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
  afterEach(async () => {
    await leaveAll();
    for (const room of gardens.splice(0)) if (room.connection.isOpen) await room.leave();
  });
  after(async () => {
    await Promise.all([wrong, tested]);
    await server?.dispose();
    rmSync(copy, { recursive: true, force: true });
  });

  function add(game: string, [rules, registry, test]: [string, string, string]): void {
    writeFileSync(join(copy, `src/games/${game}.ts`), rules);
    writeFileSync(join(copy, `test/games/${game}.test.ts`), test);
    const [importLine, list] = registry.trim().split('\n\n') as [string, string];
    const [name] = list.split(':');
    const before = readFileSync(join(copy, REGISTRY), 'utf8');
    const after = before.replace(new RegExp(`^${name}: .*$`, 'm'), `${importLine}\n\n${list}`);
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

  async function enterGarden(client: Client, options: object = {}): Promise<Gardener> {
    const joined = await client.joinOrCreate('garden', options);
    joined.reconnection.enabled = false;
    gardens.push(joined);
    const room = joined as unknown as Gardener['room'];
    const views: WorldView[] = [];
    room.onMessage('view', (view: WorldView) => views.push(view));
    room.onMessage('*', () => {});
    await until(() => room.state?.world > 0, 'the garden');
    return {
      room,
      views,
      ask: (type, payload, commandId = crypto.randomUUID()) =>
        room.request(type as never, { commandId, ...payload } as never) as Promise<WorldAnswer>,
    };
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

  it('[W5] [W7] the world is played over a socket, visited, and found after a kill -9 as it was answered', async () => {
    const { client } = await signIn(server.url);
    const owner = await enterGarden(client);
    const { world } = owner.room.state;
    const [planting, plantingId] = [{ bed: 3, seed: 'saffron' }, crypto.randomUUID()];
    const planted = await owner.ask('plant', planting, plantingId);
    assert.equal(planted.balance, 100);
    const ripeAt = planted.ripeAt as number;
    const shows = ({ room }: Gardener) => room.state.entries.get('3')?.ripeAt === ripeAt;
    await until(() => shows(owner), 'the bed');
    await until(() => owner.views.length === 2, 'what grows in the bed');
    const [{ seed }] = Object.values(owner.views[1]?.entries ?? {}) as [{ seed: string }];
    assert.equal(seed, 'saffron');
    assert.deepEqual(await owner.ask('plant', planting, plantingId), planted);
    assert.equal((await refusal(owner.ask('plant', planting))).code, 'ILLEGAL_MOVE');
    const dear = owner.ask('plant', { ...planting, bed: 4 });
    assert.equal((await refusal(dear)).code, 'INSUFFICIENT_FUNDS');
    assert.equal((await refusal(owner.ask('harvest', { bed: 4 }))).code, 'NOT_FOUND');

    const saves = '/api/v1/me/game-states';
    await client.http.patch(`${saves}/${world}`, { body: { isPublic: true } } as never);
    await until(() => owner.room.state.isPublic, 'the open gate');
    const visitor = await enterGarden((await signIn(server.url)).client, { world });
    assert.ok(shows(visitor));
    assert.equal((await refusal(visitor.ask('harvest', { bed: 3 }))).code, 'FORBIDDEN');
    assert.deepEqual(visitor.views, []);

    await server.kill();
    await server.restart();
    const back = await enterGarden(client);
    assert.equal(back.room.state.world, world);
    assert.ok(shows(back));
    assert.deepEqual(await back.ask('plant', planting, plantingId), planted);
    const harvestId = crypto.randomUUID();
    let paid: WorldAnswer | undefined;
    // Refused until the first coin has grown; a refused command leaves its id free.
    await until(async () => {
      paid = await back.ask('harvest', { bed: 3 }, harvestId).catch(() => undefined);
      return paid !== undefined;
    }, 'the first coin');
    assert.equal(paid?.balance, 100 + (paid?.harvested as number));
    assert.deepEqual(await back.ask('harvest', { bed: 3 }, harvestId), paid);
    await until(() => back.room.state.entries.size === 0, 'the empty bed');
    const { items } = (await client.http.get(saves)).data as Page<GameStateEntry>;
    assert.deepEqual(
      items.map(({ id, game, slot, version }) => ({ id, game, slot, version })),
      [{ id: world, game: 'garden', slot: 1, version: 3 }],
    );
    await isOffered('garden', 'Garden');
  });

  it('their types are right, and their own tests pass', async () => {
    assert.equal(await wrong, '');
    assert.match(await tested, /8 passing/);
    assert.doesNotMatch(await tested, /failing/);
  });

  it('load bots play the two with tables, and the audit of all is sound', async () => {
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

interface Gardener {
  readonly room: Room<unknown, GardenState>;
  readonly views: WorldView[];
  ask(type: string, payload: object, commandId?: string): Promise<WorldAnswer>;
}

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
