import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { pack } from 'msgpackr';
import pg from 'pg';
import { until } from '../support/server.ts';
import { type Answer, dataFrame, guest, RawClient } from './attacker.ts';
import { type Scene, startScene } from './scene.ts';

describe('commands that are wrong, sent to a real server', function () {
  this.timeout(60_000);
  let scene: Scene;
  const clients: RawClient[] = [];
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.close());
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  async function join(options: object = {}): Promise<RawClient> {
    const client = await RawClient.join(await guest(scene.server.url), options);
    clients.push(client);
    return client;
  }

  /** The same command as a request and as a message; both answers. */
  async function bothWays(
    client: RawClient,
    type: string | number,
    payload: unknown,
  ): Promise<Answer[]> {
    const seen = client.messages.length;
    client.send(dataFrame(type, payload));
    const asked = await client.request(type, payload);
    const told = () =>
      client.messages.slice(seen).find((message) => message.type === `${type}:result`);
    await until(() => told() !== undefined, `${type}:result`);
    const result = told()?.payload ?? {};
    return [asked, { ok: result.ok as boolean, payload: result }];
  }

  async function refuse(client: RawClient, type: string | number, payload: unknown, code: string) {
    for (const { ok, payload: answer } of await bothWays(client, type, payload)) {
      assert.equal(ok, false, `${type} ${inspect(payload)}`);
      assert.equal(answer.code, code, `${type} ${inspect(payload)}: ${answer.message}`);
      assert.equal(typeof answer.message, 'string');
    }
    assert.ok(client.isOpen, 'a bad command does not close the connection');
  }

  const UNKNOWN = [
    'nonsense',
    'Bet',
    'bet ',
    '',
    0,
    7,
    255,
    65_536,
    -1,
    1.5,
    'x'.repeat(500),
    '\0',
    '日本',
  ];
  const OF_OBJECTS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then'];

  it('[R2] unknown commands, by name and by number, answer BAD_REQUEST both ways', async () => {
    await scene.attack('unknown commands', async () => {
      const client = await join();
      for (const type of UNKNOWN) {
        const { ok, payload } = await client.request(type, {});
        assert.deepEqual([ok, payload.code], [false, 'BAD_REQUEST'], String(type));
      }
      for (const type of ['nonsense', 7]) await refuse(client, type, {}, 'BAD_REQUEST');
    });
  });

  it('[R7] names that every object has are no commands', async () => {
    await scene.attack("names of every object's properties", async () => {
      const client = await join();
      for (const type of OF_OBJECTS)
        await refuse(client, type, { betId: crypto.randomUUID() }, 'BAD_REQUEST');
    });
  });

  const AMOUNTS: unknown[] = [
    undefined,
    null,
    true,
    '5',
    '',
    0,
    -0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    1e300,
    5n,
    2n ** 63n - 1n,
    [5],
    {},
    new Date(5),
    Buffer.from([5]),
  ];
  const IDS: unknown[] = [
    undefined,
    null,
    5,
    '',
    'x',
    {},
    [],
    true,
    [crypto.randomUUID()],
    `${crypto.randomUUID()}\n`,
    `{${crypto.randomUUID()}}`,
    crypto.randomUUID().slice(1),
    'x'.repeat(3_000),
    "' OR 1=1 --",
    Buffer.alloc(16),
  ];
  const AUTOS: unknown[] = [0, 100, 1_000_001, 150.5, '150', -1, Number.NaN, [150], {}, true, 150n];

  it('[R2] wrong types and missing fields answer BAD_REQUEST and cost nothing', async () => {
    await scene.attack('wrong types', async () => {
      for (const amount of AMOUNTS) {
        const client = await join();
        await refuse(client, 'bet', { betId: crypto.randomUUID(), amount }, 'BAD_REQUEST');
        await client.close();
      }
      const client = await join();
      for (const betId of IDS.slice(0, 8))
        await refuse(client, 'bet', { betId, amount: 5 }, 'BAD_REQUEST');
      const another = await join();
      for (const betId of IDS.slice(8)) {
        for (const type of ['bet', 'betStatus', 'cashout']) {
          await refuse(
            another,
            type,
            { betId, ...(type === 'bet' && { amount: 5 }) },
            'BAD_REQUEST',
          );
        }
      }
      const third = await join();
      for (const autoCashout of AUTOS) {
        await refuse(
          third,
          'bet',
          { betId: crypto.randomUUID(), amount: 5, autoCashout },
          'BAD_REQUEST',
        );
      }
      const fourth = await join();
      for (const payload of [undefined, null, 5, 'text', true, [], [[]], Buffer.from('x')]) {
        for (const type of ['bet', 'betStatus']) await refuse(fourth, type, payload, 'BAD_REQUEST');
      }
      const bet = await fourth.request('bet', { betId: crypto.randomUUID(), amount: 5 });
      assert.equal(bet.payload.balance, 495, 'what was refused cost nothing');
    });
  });

  it('[R2] fields that a command does not know answer BAD_REQUEST', async () => {
    await scene.attack('extra fields', async () => {
      const client = await join();
      const betId = crypto.randomUUID();
      for (const extra of [
        { balance: 1_000 },
        { userId: 1 },
        { autoCashOut: 150 },
        { roundId: betId },
        { '': 1 },
      ]) {
        await refuse(client, 'bet', { betId, amount: 5, ...extra }, 'BAD_REQUEST');
      }
      await refuse(client, 'betStatus', { betId, userId: 1 }, 'BAD_REQUEST');
      await refuse(client, 'cashout', { betId, multiplier: 10_000 }, 'BAD_REQUEST');
    });
  });

  it('[R7] keys that would reach a prototype are refused and reach none', async () => {
    await scene.attack('prototype pollution', async () => {
      const client = await join();
      const betId = crypto.randomUUID();
      const evil = ['__proto__', 'constructor', 'prototype'].map((key) =>
        JSON.parse(
          `{"betId":"${betId}","amount":5,"${key}":{"autoCashout":101,"polluted":true,"refused":"x"}}`,
        ),
      );
      for (const payload of evil) {
        const { ok, payload: answer } = await client.request('bet', payload);
        // Some readers drop such a key; then it is a plain bet, of the id's first and only kind.
        if (ok) assert.deepEqual(answer.selection, {});
        else
          assert.ok(['BAD_REQUEST', 'BET_CONFLICT'].includes(answer.code as string), answer.code);
      }
      const other = await join();
      const bet = await other.request('bet', { betId: crypto.randomUUID(), amount: 5 });
      assert.deepEqual([bet.ok, bet.payload.selection], [true, {}]);
      assert.equal(pack(bet.payload).includes('polluted'), false);
    });
  });

  it("[R7] another player's bet is NOT_FOUND, cannot be cashed out, and its id cannot be taken", async () => {
    await scene.attack("other people's bets", async () => {
      const [victim, thief] = [await join(), await join()];
      const betId = crypto.randomUUID();
      const bet = await victim.request('bet', { betId, amount: 50 });
      assert.equal(bet.ok, true);
      for (const id of [betId, betId.toUpperCase()]) {
        for (const type of ['betStatus', 'cashout'])
          await refuse(thief, type, { betId: id }, 'NOT_FOUND');
        await refuse(thief, 'bet', { betId: id, amount: 50 }, 'BET_CONFLICT');
      }
      assert.equal(
        (await thief.request('bet', { betId: crypto.randomUUID(), amount: 500 })).payload.balance,
        0,
      );
      assert.deepEqual((await victim.request('betStatus', { betId })).payload, bet.payload);
    });
  });

  it('[R3] more than 50 commands that wait for their answers: the others are BUSY, all are answered', async () => {
    const books = new pg.Client(scene.server.databaseUrl);
    await books.connect();
    try {
      await scene.attack('55 commands at once', async () => {
        const client = await join();
        await books.query('BEGIN; LOCK TABLE bets');
        const told: unknown[] = [];
        const answers = Array.from({ length: 55 }, async () => {
          const { payload } = await client.request('betStatus', { betId: crypto.randomUUID() });
          told.push(payload.code);
        });
        await until(() => told.length === 5, 'the commands that were too many');
        assert.deepEqual(told, Array(5).fill('BUSY'));
        await books.query('ROLLBACK');
        await Promise.all(answers);
        assert.deepEqual(told.slice(5), Array(50).fill('NOT_FOUND'));
      });
    } finally {
      await books.end();
    }
  });
});
