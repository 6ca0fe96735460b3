/** What the tables themselves refuse, and what goes with a user. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { type CreationAttributes, QueryTypes, type Sequelize } from 'sequelize';
import type { Models } from '../../models/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openModels } from '../support/models.ts';

const later = new Date('2100-01-01T00:00:00Z');
const hash = () => randomBytes(32).toString('hex');
const password = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g';

describe('the schema', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let models: Models;

  before(async () => {
    database = await createTestDatabase({ migrated: true });
    ({ sequelize, models } = openModels(database.url));
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });

  let counter = 0;
  const newUser = () => models.User.create({ username: `user-${++counter}` });
  const newGame = () =>
    models.Game.create({ name: `game-${++counter}`, title: 'A game', kind: 'world' });
  const newItem = (ownerUserId: number | null = null) =>
    models.Item.create({ name: `item-${++counter}`, title: 'An item', ownerUserId });
  const rows = <T extends object>(sql: string) =>
    sequelize.query<T>(sql, { type: QueryTypes.SELECT });

  it('every table has created_at and updated_at', async () => {
    const missing = await rows(
      `SELECT tablename FROM pg_tables t WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
         AND (SELECT count(*) FROM information_schema.columns c WHERE c.table_name = t.tablename
           AND column_name IN ('created_at', 'updated_at') AND is_nullable = 'NO'
           AND data_type = 'timestamp with time zone' AND column_default = 'now()') <> 2`,
    );
    assert.deepEqual(missing, []);
  });

  it('[M1] no column is a float or a decimal', async () => {
    const floats = await rows(
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
         AND data_type IN ('real', 'double precision', 'numeric', 'money')`,
    );
    assert.deepEqual(floats, []);
  });

  it('every foreign key that cascades or nulls has an index that finds its rows', async () => {
    const slow = await rows(
      `SELECT conrelid::regclass, conname FROM pg_constraint c WHERE contype = 'f' AND confdeltype IN ('c', 'n')
         AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])`,
    );
    assert.deepEqual(slow, []);
  });

  it('updated_at moves with an update, whoever makes it', async () => {
    const user = await newUser();
    await sequelize.query(
      `UPDATE users SET full_name = 'x', updated_at = '2000-01-01' WHERE id = ${user.id}`,
    );
    await user.reload();
    assert.ok(user.updatedAt >= user.createdAt);
  });

  it('the four roles are there from the start', async () => {
    const roles = await models.Role.findAll({ order: ['id'] });
    assert.deepEqual(
      roles.map((role) => role.name),
      ['player', 'support', 'operator', 'admin'],
    );
  });

  it('usernames and e-mail addresses are unique without regard to case', async () => {
    const { User } = models;
    await User.create({ username: 'Alice', email: 'Alice@Example.org', passwordHash: password });
    const unique = { name: 'SequelizeUniqueConstraintError' };
    await assert.rejects(User.create({ username: 'aLICE' }), unique);
    await assert.rejects(User.create({ username: 'alice2', email: 'alice@example.ORG' }), unique);
    await User.create({ username: 'no-mail-1' });
    await User.create({ username: 'no-mail-2' });
  });

  it('a user that makes no sense is refused', async () => {
    const { User } = models;
    const wrong: Record<string, CreationAttributes<Models['User']['prototype']>> = {
      'a name of two letters': { username: 'ab' },
      'a name of 51 letters': { username: 'a'.repeat(51) },
      'a name with a blank at its end': { username: 'padded ' },
      'an address without @': { username: 'nomail', email: 'nomail' },
      'a guest with an address': { username: 'guest-a', userType: 'guest', email: 'a@b.c' },
      'a guest with a password': { username: 'guest-b', userType: 'guest', passwordHash: password },
      'an unknown type': { username: 'typed', userType: 'root' as 'bot' },
      'a phone with blanks': { username: 'caller', phone: '+49 30 1234567' },
      'a verified address that is not there': { username: 'verified', emailVerified: true },
      'a negative count': { username: 'counted', failedLoginAttempts: -1 },
    };
    for (const [what, values] of Object.entries(wrong)) {
      await assert.rejects(User.create(values), { name: 'SequelizeDatabaseError' }, what);
    }
  });

  it('keys and tokens are kept as hashes only', async () => {
    const { id: userId } = await newUser();
    const refused = { name: 'SequelizeDatabaseError' };
    const key = { userId, name: 'key', keyHash: hash(), keyPrefix: 'rh_abcdefghi' };
    await assert.rejects(models.ApiKey.create({ ...key, keyHash: 'plain' }), refused);
    await assert.rejects(models.ApiKey.create({ ...key, keyPrefix: 'short' }), refused);
    await models.ApiKey.create(key);
    await assert.rejects(models.ApiKey.create({ ...key, keyHash: hash() }), {
      name: 'SequelizeUniqueConstraintError',
    });
    await assert.rejects(
      models.RefreshToken.create({
        userId,
        tokenHash: 'A'.repeat(64),
        family: randomUUID(),
        expiresAt: later,
      }),
      refused,
    );
    await assert.rejects(
      models.VerificationToken.create({ userId, tokenHash: 'x', purpose: 'a', expiresAt: later }),
      refused,
    );
  });

  it('a game state is a save or a snapshot, one for each slot and one for each room', async () => {
    const { GameState } = models;
    const { id: userId } = await newUser();
    const { id: gameId } = await newGame();
    const refused = { name: 'SequelizeDatabaseError' };
    await assert.rejects(GameState.create({ gameId }), refused);
    await assert.rejects(GameState.create({ gameId, userId }), refused);
    await assert.rejects(GameState.create({ gameId, slot: 1 }), refused);
    await assert.rejects(GameState.create({ gameId, roomId: 'room', slot: 1 }), refused);
    await assert.rejects(GameState.create({ gameId, userId, slot: 1, roomId: 'room' }), refused);
    const taken = { name: 'SequelizeUniqueConstraintError' };
    await GameState.create({ gameId, userId, slot: 1 });
    await GameState.create({ gameId, userId, slot: 2 });
    await assert.rejects(GameState.create({ gameId, userId, slot: 1 }), taken);
    await GameState.create({ gameId, roomId: 'room' });
    await assert.rejects(GameState.create({ gameId, roomId: 'room' }), taken);
  });

  it('an inventory is never negative and has one row for each item', async () => {
    const { id: userId } = await newUser();
    const { id: itemId } = await newItem();
    const { UserInventory } = models;
    await assert.rejects(UserInventory.create({ userId, itemId, quantity: -1 }), {
      name: 'SequelizeDatabaseError',
    });
    await UserInventory.create({ userId, itemId, quantity: 0 });
    await assert.rejects(UserInventory.create({ userId, itemId, quantity: 1 }), {
      name: 'SequelizeUniqueConstraintError',
    });
  });

  it('an item of the catalogue has a name, which is unique there', async () => {
    const { Item } = models;
    await assert.rejects(Item.create({ title: 'Nameless' }), { name: 'SequelizeDatabaseError' });
    await Item.create({ name: 'sword', title: 'Sword' });
    await assert.rejects(Item.create({ name: 'sword', title: 'Sword' }), {
      name: 'SequelizeUniqueConstraintError',
    });
    const { id: ownerUserId } = await newUser();
    await Item.create({ name: 'sword', title: 'My sword', ownerUserId });
    await Item.create({ title: 'Nameless', ownerUserId });
  });

  it('[M4] inventory changes and audit events are append-only', async () => {
    const { id: userId } = await newUser();
    const { id: itemId } = await newItem();
    const change = { userId, itemId, delta: 2, quantityAfter: 2, commandId: randomUUID() };
    await models.InventoryChange.create({ ...change, reason: 'craft' });
    await assert.rejects(models.InventoryChange.create({ ...change, reason: 'again' }), {
      name: 'SequelizeUniqueConstraintError',
    });
    await models.AuditEvent.create({
      actorUserId: userId,
      actor: 'someone',
      action: 'update',
      entity: 'items',
    });
    for (const table of ['inventory_changes', 'audit_events']) {
      for (const statement of [
        `UPDATE ${table} SET created_at = now() - interval '1 day'`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ]) {
        await assert.rejects(sequelize.query(statement), /append-only/, statement);
      }
    }
    await assert.rejects(
      sequelize.query(`UPDATE audit_events SET actor_user_id = NULL, actor = 'nobody'`),
      /append-only/,
    );
  });

  it('deleting a user deletes what belongs to them, and nothing of anyone else', async () => {
    const [{ id: userId }, { id: otherId }] = [await newUser(), await newUser()];
    const before = await rows<{ table: string }>(
      `SELECT conrelid::regclass::text AS "table" FROM pg_constraint
       WHERE contype = 'f' AND confrelid = 'users'::regclass AND confdeltype = 'c' ORDER BY 1`,
    );
    const belongings = await giveOneOfEach(userId);
    await giveOneOfEach(otherId);
    assert.deepEqual(
      before.map((row) => row.table),
      belongings.map((one) => one.table).toSorted(),
      'the test knows every table whose rows go with a user',
    );
    await models.AuditEvent.create({
      actorUserId: userId,
      actor: 'a former user',
      action: 'update',
      entity: 'users',
      entityId: String(userId),
    });
    const count = async (table: string, column: string, id: number) => {
      const found = await rows<{ n: number }>(
        `SELECT count(*)::integer AS n FROM ${table} WHERE ${column} = ${id}`,
      );
      return found[0]?.n;
    };
    for (const { table, column } of belongings) assert.equal(await count(table, column, userId), 1);

    await models.User.destroy({ where: { id: userId }, force: true });

    for (const { table, column } of belongings) {
      assert.equal(await count(table, column, userId), 0, `${table} of the deleted user`);
      assert.equal(await count(table, column, otherId), 1, `${table} of the other user`);
    }
    const event = await models.AuditEvent.findOne({ where: { entityId: String(userId) } });
    assert.equal(event?.actor, 'a former user');
    assert.equal(event.actorUserId, null);
  });

  it('a user whose row holds up the books cannot be deleted', async () => {
    const rich = await newUser();
    await sequelize.query(`INSERT INTO wallets (kind, user_id) VALUES ('user', ${rich.id})`);
    // By its words: RESTRICT has a SQLSTATE of its own from PostgreSQL 18 on.
    const refused = /violates .*foreign key constraint/;
    await assert.rejects(rich.destroy({ force: true }), refused);
    const owner = await newUser();
    const item = await newItem();
    await models.InventoryChange.create({
      userId: owner.id,
      itemId: item.id,
      delta: 1,
      quantityAfter: 1,
      commandId: randomUUID(),
      reason: 'found',
    });
    await assert.rejects(owner.destroy({ force: true }), refused);
    await assert.rejects(item.destroy(), refused);
  });

  /** A row in each table that belongs to a user. */
  async function giveOneOfEach(userId: number): Promise<{ table: string; column: string }[]> {
    const { id: gameId } = await newGame();
    const role = await models.Role.findOne({ where: { name: 'player' }, rejectOnEmpty: true });
    const { id: notificationId } = await models.Notification.create({ event: 'e', message: 'm' });
    // Its owner also has it in the inventory: the item must be able to go all the same.
    const { id: itemId } = await newItem(userId);
    const token = { userId, tokenHash: hash(), expiresAt: later };
    const made = [
      await models.UserProfile.create({ userId, bio: 'b' }),
      await models.UserRole.create({ userId, roleId: role.id }),
      await models.ApiKey.create({
        userId,
        name: 'n',
        keyHash: hash(),
        keyPrefix: 'rh_abcdefghi',
      }),
      await models.RefreshToken.create({ ...token, family: randomUUID(), ip: '2001:db8::1' }),
      await models.VerificationToken.create({ ...token, purpose: 'password_reset' }),
      await models.OAuth2Credential.create({ userId, provider: 'github', subject: hash() }),
      await models.DeviceToken.create({ userId, token: hash(), deviceType: 'web' }),
      await models.NotificationRecipient.create({ userId, notificationId }),
      await models.UserInventory.create({ userId, itemId, quantity: 1 }),
      await models.GameState.create({ userId, gameId, slot: 1 }),
      await models.GameSession.create({ userId, gameId, roomId: 'r', sessionKey: 's' }),
    ];
    const tables = made.map((row) =>
      String((row.constructor as typeof models.User).getTableName()),
    );
    return [
      ...tables.map((table) => ({ table, column: 'user_id' })),
      { table: 'items', column: 'owner_user_id' },
    ];
  }
});
