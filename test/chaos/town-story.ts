/** Whether players, rooms and books tell one story of every town after all the kills; and the figures of it. */
import assert from 'node:assert/strict';
import type { Database } from '../../src/database/connection.ts';
import { isRefusal } from '../../src/games/contract.ts';
import { worldByName } from '../../src/games/registry.ts';
import type { TownState } from '../../src/games/town/state.ts';
import type { WorldCatalogue, WorldGame } from '../../src/games/world.ts';
import type { TownBuilding, WorldAnswer } from '../../src/protocol.ts';
import { readSnapshot, type Snapshot } from '../../src/worlds/snapshot.ts';
import { placed, type TownPlayer } from './town-player.ts';
import { replay } from './town-replay.ts';

const town = worldByName('town') as WorldGame;

interface Save {
  readonly id: number;
  readonly userId: number;
  readonly version: number;
  readonly snapshot: Snapshot;
}

interface CommandRow {
  readonly userId: number;
  readonly id: string;
  readonly world: number;
  readonly answer: WorldAnswer;
}

/** What the test counted while it killed. */
export interface Figures {
  readonly seed: number;
  kills: number;
  killedWhileStarting: number;
  /** Commands without an answer when the server died, and how many of those were in the books. */
  cutOff: number;
  cutOffAndCarriedOut: number;
  readonly restartMs: number[];
  /** From the kill until all but a few were back. */
  readonly backMs: number[];
  repeatMs: number;
}

/** What every player was answered, and is answered again, is what the books hold: no more, no less, and nothing else. */
export async function assertOneStory(
  books: Database,
  players: readonly TownPlayer[],
  startBalance: number,
  catalogue: WorldCatalogue,
): Promise<void> {
  const saves = await savesOf(books);
  const { rows: commands } = await books.pool.query<CommandRow>(
    'SELECT user_id AS "userId", id, game_state_id AS world, answer FROM commands',
  );
  const owned = await belongingsOf(books);
  assert.equal(saves.size, players.length, 'each player has one town');
  for (const { userId, records } of players) {
    const save = saves.get(userId) as Save;
    const rows = new Map(
      commands.filter((row) => row.userId === userId).map((row) => [row.id, row] as const),
    );
    for (const { commandId, type, answer, refused, repeated } of records) {
      const row = rows.get(commandId);
      if (!answer) {
        assert.ok(refused, `${type} was never answered`);
        assert.equal(row, undefined, `refused with ${refused}, but in the books`);
        continue;
      }
      assert.ok(row, `acknowledged, but not in the books: ${type} ${commandId}`);
      assert.deepEqual(answer, row.answer, 'told as it stands in the books');
      assert.equal(row.world, save.id);
      assert.deepEqual(repeated, answer, 'a repeat answers what the first one answered');
    }
    const answered = records.filter(({ answer }) => answer).length;
    assert.equal(rows.size, answered, 'nothing in the books that nobody was told of');

    const { version, balance, inventory, buildings } = replay(records, startBalance, catalogue);
    assert.equal(version, 1 + rows.size);
    assert.equal(save.version, version, 'one version for each command');
    const stored = (save.snapshot.state as TownState).buildings;
    assert.deepEqual(
      stored.map(({ id, building, x, y, level }) => ({ id, building, x, y, level })).sort(byId),
      buildings.toSorted(byId),
    );
    const same = { userId, balance, sum: balance, inventory, changes: inventory };
    assert.deepEqual(
      owned.get(userId),
      same,
      'wallet and inventory, and the sums of their changes',
    );
  }
}

/** Everyone is back where they were: what the rooms show, state and stores, is what was saved. */
export async function assertShownAsSaved(
  books: Database,
  players: readonly TownPlayer[],
  catalogue: WorldCatalogue,
): Promise<void> {
  const saves = await savesOf(books);
  for (const { userId, state, stores } of players) {
    const { version, id, snapshot } = saves.get(userId) as Save;
    assert.deepEqual([state.world, state.version], [id, version]);
    const saved = town.view(snapshot.state, snapshot.at) as unknown as Record<string, TownBuilding>;
    const shown: Record<string, TownBuilding> = {};
    state.entries.forEach((entry, key) => {
      const building = placed(entry as TownBuilding);
      const { readyAt = 0 } = saved[key] ?? {};
      // What was ready before the room was opened is shown as ready, with no word of when.
      if (building.readyAt === 0 && readyAt <= state.now) building.readyAt = readyAt;
      shown[key] = building;
    });
    assert.deepEqual(shown, saved);
    assert.deepEqual([...stores.keys()].sort(), Object.keys(saved).sort());
    for (const [key, { since, store }] of stores) {
      const until = Math.max(snapshot.at, since);
      const then = town.advance(snapshot.state, snapshot.at, until, catalogue);
      assert.deepEqual(town.ownView(then)[key], { store }, `what lies in building ${key}`);
    }
  }
}

/** How many of these are in the books. */
export async function carriedOut(books: Database, ids: readonly string[]): Promise<number> {
  const { rows } = await books.pool.query('SELECT 1 FROM commands WHERE id = ANY ($1::uuid[])', [
    ids,
  ]);
  return rows.length;
}

export function print(figures: Figures, players: readonly TownPlayer[]): void {
  const records = players.flatMap((player) => player.records);
  const count = (what: (record: (typeof records)[number]) => unknown) =>
    records.filter(what).length;
  const codes: Record<string, number> = {};
  for (const { refused } of records) if (refused) codes[refused] = (codes[refused] ?? 0) + 1;
  const lines = [
    `seed ${figures.seed}; ${figures.kills} kills, and ${figures.killedWhileStarting} while starting`,
    `commands sent ${records.length}, acknowledged ${count(({ answer }) => answer)}, refused ${JSON.stringify(codes)}`,
    `without an answer at a kill ${figures.cutOff}: ${figures.cutOffAndCarriedOut} were in the books; sent again ${count(({ sent }) => sent > 1)}`,
    `restart (least / median / most): ${spread(figures.restartMs)}; from the kill until they were back: ${spread(figures.backMs)}`,
    `all repeated in ${(figures.repeatMs / 1_000).toFixed(1)} s`,
  ];
  console.log(lines.map((line) => `        ${line}`).join('\n'));
}

async function savesOf(books: Database): Promise<Map<number, Save>> {
  const { rows } = await books.pool.query<Omit<Save, 'snapshot'> & { state: unknown }>(
    'SELECT id, user_id AS "userId", version, state FROM game_states WHERE set_aside_at IS NULL',
  );
  return new Map(
    rows.map(({ state, ...save }) => {
      const snapshot = readSnapshot(town, state);
      if (isRefusal(snapshot)) assert.fail(snapshot.refused);
      return [save.userId, { ...save, snapshot }];
    }),
  );
}

/** Of each user the wallet and the inventory, each beside the sum of its changes. */
async function belongingsOf(books: Database): Promise<Map<number, object>> {
  const { rows } = await books.pool.query<{ userId: number }>(
    `SELECT w.user_id AS "userId", w.balance,
       (SELECT sum(t.amount)::bigint FROM transactions t WHERE t.wallet_id = w.id) AS sum,
       coalesce((SELECT jsonb_object_agg(i.name, h.quantity) FROM user_inventories h
         JOIN items i ON i.id = h.item_id WHERE h.user_id = w.user_id AND h.quantity > 0), '{}') AS inventory,
       coalesce((SELECT jsonb_object_agg(c.name, c.sum) FROM (
         SELECT i.name, sum(c.delta) AS sum FROM inventory_changes c JOIN items i ON i.id = c.item_id
         WHERE c.user_id = w.user_id GROUP BY i.name HAVING sum(c.delta) <> 0) c), '{}') AS changes
     FROM wallets w WHERE w.user_id IS NOT NULL`,
  );
  return new Map(rows.map((row) => [row.userId, row]));
}

function byId(a: { id: number }, b: { id: number }): number {
  return a.id - b.id;
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b).map((ms) => (ms / 1_000).toFixed(1));
  return `${sorted[0]} / ${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)} s`;
}
