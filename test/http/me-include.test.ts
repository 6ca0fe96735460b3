import assert from 'node:assert/strict';
import pg from 'pg';
import { createOverview } from '../../src/accounts/overview.ts';
import type { GameStateEntry, InventoryItem, Me, Page } from '../../src/protocol.ts';
import { Inventory } from '../../src/worlds/inventory.ts';
import { Saves } from '../../src/worlds/saves.ts';
import { type AccountsFixture, openAccounts, START_BALANCE, VISITOR } from '../accounts/fixture.ts';
import { startHttp, type TestServer } from './server.ts';

const ALL = 'profile,wallet,inventory,gameStates';

describe('GET /api/v1/me?include=', () => {
  let fixture: AccountsFixture;
  let http: TestServer;
  let token: string;
  let userId: number;

  before(async () => {
    fixture = await openAccounts();
    const { database } = fixture;
    const registered = await fixture.accounts.register(
      { email: 'ada@example.org', password: 'correct horse', options: { username: 'ada' } },
      VISITOR,
      undefined,
    );
    token = registered.token;
    userId = registered.user.id;
    http = await startHttp({
      accounts: fixture.accounts,
      readOverview: createOverview(database.pool, 'COIN'),
      inventory: new Inventory(database.pool, {} as never),
      saves: new Saves(database.pool, { worldByName: () => undefined, changed: () => {} }),
    });
  });
  after(async () => {
    await http.close();
    await fixture.close();
  });

  async function get<T = Me>(path: string, who = token) {
    const headers = { authorization: `Bearer ${who}` };
    const { response, body } = await http.call<T & { code?: string }>(`/api/v1/me${path}`, {
      headers,
    });
    return { status: response.status, body };
  }
  const write = (sql: string) => fixture.rows(sql);

  /** One of everything, as it comes to a user. */
  async function settle(): Promise<void> {
    await write(`INSERT INTO user_profiles (user_id, bio, avatar_url, location, dob)
      VALUES (${userId}, 'Counts.', NULL, 'London', '1815-12-10')`);
    await write(`INSERT INTO items (name, title, icon) VALUES ('plank', 'Plank', 'P'), ('nail', 'Nail', NULL),
      ('dust', 'Dust', NULL)`);
    await write(`INSERT INTO user_inventories (user_id, item_id, quantity)
      SELECT ${userId}, id, CASE name WHEN 'dust' THEN 0 ELSE 9007199254740991 END FROM items`);
    await write(`INSERT INTO games (name, title, kind) VALUES ('town', 'Town', 'world')`);
    await write(`INSERT INTO game_states (user_id, game_id, slot, title, is_public, set_aside_at, set_aside_reason)
      SELECT ${userId}, id, s.slot, s.title, s.slot = 2, s.aside, CASE WHEN s.aside IS NOT NULL THEN 'It is no object.' END
      FROM games, (VALUES (1, 'Old', now()), (1, 'Home', NULL), (2, 'Away', NULL)) s (slot, title, aside)
      WHERE name = 'town'`);
  }

  it('[W9] without it, the user is as before', async () => {
    const { status, body } = await get('');
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), [
      'createdAt',
      'email',
      'emailVerified',
      'id',
      'roles',
      'userType',
      'username',
    ]);
  });

  it('[W9] who has nothing has nothing of each', async () => {
    const plain = (await get('')).body;
    assert.deepEqual((await get(`?include=${ALL}`)).body, {
      ...plain,
      profile: { bio: null, avatarUrl: null, location: null, dob: null },
      wallet: { currency: 'COIN', balance: START_BALANCE, seq: 0 },
      inventory: [],
      gameStates: [],
    });
    const { token: guest } = await fixture.accounts.anonymous(VISITOR);
    const { body } = await get('?include=profile', guest);
    assert.deepEqual([body.email, body.roles], [null, []]);
    const { wallet } = await createOverview(fixture.database.pool, 'GEM')(userId as never, [
      'wallet',
    ]);
    assert.deepEqual(wallet, { currency: 'GEM', balance: 0, seq: 0 });
  });

  it('[W9] the parts are what the lists of their own have', async () => {
    await settle();
    const plain = (await get('')).body;
    const { profile, wallet, inventory, gameStates, ...user } = (await get(`?include=${ALL}`)).body;
    assert.deepEqual(user, plain);
    assert.deepEqual(profile, {
      ...{ bio: 'Counts.', avatarUrl: null, location: 'London', dob: '1815-12-10' },
    });
    assert.deepEqual(wallet, { currency: 'COIN', balance: START_BALANCE, seq: 0 });
    const { items: held } = (await get<Page<InventoryItem>>('/inventory')).body;
    assert.equal(held.length, 2);
    assert.deepEqual(inventory, held);
    const { items: saves } = (await get<Page<GameStateEntry>>('/game-states')).body;
    const [aside, ...others] = saves;
    assert.deepEqual(
      others.map(({ title, slot }) => [title, slot]),
      [
        ['Home', 1],
        ['Away', 2],
      ],
    );
    assert.deepEqual(gameStates?.map(toTheSecond), [...others, aside as never].map(toTheSecond));
  });

  it('[W9] only what is asked for is told, in any order and once', async () => {
    const named = async (include: string) => {
      const { body } = await get(`?include=${include}`);
      return ALL.split(',').filter((part) => part in body);
    };
    assert.deepEqual(await named('wallet'), ['wallet']);
    assert.deepEqual(await named('gameStates,profile'), ['profile', 'gameStates']);
    assert.deepEqual(await named('inventory,inventory'), ['inventory']);
  });

  for (const include of ['', 'password', 'wallet,', 'wallet, profile', 'Wallet', 'wallet;drop']) {
    it(`[W9] include=${include} is refused`, async () => {
      const { status, body } = await get(`?include=${encodeURIComponent(include)}`);
      assert.deepEqual([status, body.code], [400, 'BAD_REQUEST']);
    });
  }

  it('[W9] costs as many statements with all parts as without any', async () => {
    const counted = async (path: string) => {
      // Each pool of connections has one that is ready.
      await get(path);
      const statements = await statementsOf(() => get(path));
      assert.equal((await get(path)).status, 200);
      return statements;
    };
    const without = await counted('');
    const withAll = await counted(`?include=${ALL}`);
    assert.equal(without.length, 1, without.join('\n'));
    assert.equal(withAll.length, 1, withAll.join('\n'));
  });

  it('[W9] who is gone or blocked is nobody', async () => {
    const { accounts, database } = fixture;
    const gone = await accounts.anonymous(VISITOR);
    const read = createOverview(database.pool, 'COIN');
    for (const change of ['is_active = false', 'is_active = true, deleted_at = now()']) {
      await write(`UPDATE users SET ${change} WHERE id = ${gone.user.id}`);
      await assert.rejects(read(gone.user.id as never, ['wallet']), { code: 'UNAUTHENTICATED' });
      await assert.rejects(read(gone.user.id as never, []), { code: 'UNAUTHENTICATED' });
    }
  });
});

/** What is sent to the database meanwhile, by whichever connection of this process. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const prototype = pg.Client.prototype as unknown as {
    query(this: unknown, ...given: unknown[]): unknown;
  };
  const { query } = prototype;
  prototype.query = function (...given) {
    const [statement] = given;
    statements.push(typeof statement === 'string' ? statement : JSON.stringify(statement));
    return query.apply(this, given);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return statements;
}

/** Times as the driver reads them may be off by a part of a millisecond. */
function toTheSecond(entry: GameStateEntry): GameStateEntry {
  const { lastSaved, createdAt, setAside } = entry;
  const cut = (time: string) => time.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return {
    ...entry,
    lastSaved: cut(lastSaved),
    createdAt: cut(createdAt),
    setAside: setAside && { ...setAside, at: cut(setAside.at) },
  };
}
