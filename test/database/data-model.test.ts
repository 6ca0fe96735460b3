/** docs/DATA-MODEL.md is true: what it names exists, and nothing of the five schemas is left out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { defineModels } from '../../models/index.ts';
import { createTestDatabase } from '../support/database.ts';
import { allModels } from '../support/models.ts';

/** The five schemas: their tables, columns and relationships in their own words. */
const SCHEMAS: Record<string, { columns: Record<string, string>; relationships: string[] }> = {
  'Game tables': {
    columns: {
      users: 'id username password_hash email api_key user_type creation_date',
      game_states: 'id user_id game_state last_saved',
      buildings: 'id building_name building_description building_icon building_cost',
      user_inventories: 'id user_id item_id quantity',
      items: 'id',
    },
    relationships: [
      'users 1:n game_states',
      'users 1:n user_inventories',
      'items 1:n user_inventories',
    ],
  },
  'Authentication and wallet': {
    columns: {
      users: 'id email name is_active wallet api_keys',
      api_keys: 'id key user_id api_name is_active created_at',
      wallets: 'id user_id balance',
    },
    relationships: ['users 1:1 wallets', 'users 1:n api_keys'],
  },
  'Accounts and bets': {
    columns: {
      users:
        'id roll_number email username full_name password_hash is_active email_verified ' +
        'failed_login_attempts last_login api_token api_token_created_at created_at',
      verification_tokens: 'id user_id token purpose expires_at created_at is_used',
      user_profiles: 'id user_id bio avatar_url location dob created_at updated_at',
      wallets: 'id user_id balance last_updated',
      transactions: 'id wallet_id amount type category description created_at',
      games: 'id name description created_at',
      game_sessions: 'id user_id game_id started_at ended_at',
      bets: 'id session_id amount result created_at',
    },
    relationships: [
      'users 1:1 user_profiles',
      'users 1:n verification_tokens',
      'users 1:1 wallets',
      'wallets 1:n transactions',
      'users 1:n game_sessions',
      'games 1:n game_sessions',
      'game_sessions 1:n bets',
    ],
  },
  'Template with tokens': {
    columns: {
      users:
        'id first_name last_name email email_verified phone phone_verified picture password_hash ' +
        'reset_token reset_token_expires created_at last_logged_in timezone deleted_at is_deleted',
      refresh_tokens: 'id user_id token device_info expires_at is_revoked created_at last_used_at',
      device_tokens: 'id user_id token device_type created_at updated_at',
      notifications: 'id users event message created_at sent_status',
      oauth2_credentials:
        'id user_id provider email access_token refresh_token token_expiry created_at updated_at',
      items: 'id user_id title description data is_active created_at updated_at',
    },
    relationships: [
      'users 1:n refresh_tokens',
      'users 1:n device_tokens',
      'users 1:n oauth2_credentials',
      'users n:m notifications',
      'users 1:n items',
    ],
  },
  'Base models': {
    columns: {
      users:
        'id email username hashed_password full_name is_active is_superuser created_at updated_at ' +
        'deleted_at is_deleted',
      api_keys:
        'id user_id name description key_hash key_prefix scopes is_active expires_at last_used_at ' +
        'created_at updated_at',
      roles: 'id',
      user_roles: 'user_id role_id',
    },
    relationships: ['users 1:n api_keys', 'users n:m roles'],
  },
};

const page = readFileSync(new URL('../../docs/DATA-MODEL.md', import.meta.url), 'utf8');

describe('DATA-MODEL.md', () => {
  let columns: Set<string>;
  let tables: Set<string>;

  before(async () => {
    const database = await createTestDatabase({ migrated: true });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'schema_migrations'`,
    );
    await client.end();
    await database.drop();
    columns = new Set(rows.map((row) => `${row.table}.${row.column}`));
    tables = new Set(rows.map((row) => row.table));
  });

  it('[D3] lists every table of the database and no other', () => {
    const listed = rowsOf('## Entities').map((cells) => codes(cells[0])[0]);
    assert.deepEqual(listed.toSorted(), [...tables].toSorted());
  });

  for (const [index, [title, schema]] of Object.entries(SCHEMAS).entries()) {
    const rows = rowsOf(`### ${index + 1}. ${title}`);

    it(`has a home for every column of schema ${index + 1}, and each home exists`, () => {
      const expected = Object.entries(schema.columns).flatMap(([table, names]) =>
        names.split(' ').map((name) => `${table}.${name}`),
      );
      const mapped = rows.filter((cells) => !codes(cells[0])[0]?.includes(' '));
      assert.deepEqual(mapped.map((cells) => codes(cells[0])[0]).toSorted(), expected.toSorted());
      for (const cells of mapped) assertHomes(cells);
      for (const name of mapped.flatMap((cells) => codes(cells[2]))) {
        assert.ok(columns.has(name) || !/^\w+\.\w+$/.test(name), `${name} does not exist`);
      }
    });

    it(`has every relationship of schema ${index + 1} as an association on its column`, () => {
      const related = rows.filter((cells) => codes(cells[0])[0]?.includes(' '));
      assert.deepEqual(
        related.map((cells) => codes(cells[0])[0]).toSorted(),
        schema.relationships.toSorted(),
      );
      const associations = associationColumns();
      for (const cells of related) {
        const homes = assertHomes(cells);
        const names = codes(cells[2]);
        assert.ok(names.length >= 2, `${cells[0]}: both directions`);
        for (const name of names) {
          const column = associations.get(name);
          assert.ok(column !== undefined && homes.includes(column), `${name} is on ${column}`);
        }
      }
    });
  }

  function assertHomes(cells: string[]): string[] {
    const homes = codes(cells[1]);
    assert.ok(homes.length > 0, `${cells[0]} has no home`);
    for (const home of homes) assert.ok(columns.has(home), `${cells[0]}: ${home} does not exist`);
    return homes;
  }
});

/** The cells of all table rows under a heading, up to the next one. */
function rowsOf(heading: string): string[][] {
  const start = page.indexOf(`\n${heading}\n`);
  assert.ok(start >= 0, `no heading "${heading}"`);
  const rest = page.slice(start + heading.length + 2);
  const text = rest.slice(0, rest.search(/^#/m) >= 0 ? rest.search(/^#/m) : undefined);
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));
}

/** What stands in back quotes. */
function codes(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** `User.apiKeys` -> `api_keys.user_id`, for every association of every model. */
function associationColumns(): Map<string, string> {
  const models = defineModels(new Sequelize({ dialect: 'postgres' }));
  const found = new Map<string, string>();
  for (const model of allModels(models)) {
    for (const [name, association] of Object.entries(model.associations)) {
      const { foreignKey, associationType } = association;
      const through = (association as unknown as { throughModel?: typeof association.target })
        .throughModel;
      const holder =
        through ?? (associationType === 'BelongsTo' ? association.source : association.target);
      const column = holder.getAttributes()[foreignKey]?.field;
      found.set(`${model.name}.${name}`, `${String(holder.getTableName())}.${column}`);
    }
  }
  return found;
}
