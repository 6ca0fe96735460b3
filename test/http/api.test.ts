import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import type { Bet, Game, Proof, Round, Transaction } from '../../src/protocol.ts';
import { asPlayer, PLAYER, startHttp, type TestServer } from './server.ts';

const ID = '0190a1b2-0000-7000-8000-000000000001';
const TIME = '2030-01-01T00:00:00.000Z';

const bet: Bet = {
  betId: ID,
  roundId: ID,
  game: 'crash',
  amount: 100,
  selection: {},
  status: 'cashed',
  multiplier: 187,
  payout: 187,
  currency: 'COIN',
  balance: 587,
  createdAt: TIME,
};
const transaction: Transaction = {
  id: 1,
  seq: 1,
  amount: 500,
  type: 'credit',
  category: 'grant',
  description: null,
  balanceAfter: 500,
  postingId: ID,
  betId: null,
  reason: null,
  actorId: null,
  createdAt: TIME,
};
const round: Round = {
  id: ID,
  game: 'crash',
  roomId: 'room',
  currency: 'COIN',
  number: 1,
  phase: 'settled',
  commitment: 'c0',
  outcome: { crashPoint: 187 },
  betCount: 1,
  staked: 100,
  paid: 187,
  startedAt: TIME,
  lockedAt: TIME,
  settledAt: TIME,
};
const proof: Proof = {
  roundId: ID,
  game: 'crash',
  payTableVersion: 1,
  chain: { id: ID, commitment: 'c0', salt: '00', length: 10 },
  index: 1,
  commitment: 'c1',
  seed: null,
  beacon: null,
  beaconMissing: null,
  outcome: null,
};
const game = (name: string): Game => ({
  name,
  title: name,
  description: '',
  kind: 'round',
  payTableVersion: 1,
  isEnabled: true,
  parameters: {},
});

describe('/api/v1', () => {
  let http: TestServer;
  const asked: unknown[][] = [];
  const answer =
    <T>(name: string, value: T) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return value;
    };
  const page = <T>(item: T) => ({ items: [item], nextCursor: 'next' });
  before(async () => {
    http = await startHttp({
      history: {
        wallet: answer('wallet', { currency: 'COIN', balance: 500, seq: 1 }),
        wallets: answer('wallets', [{ id: 3, currency: 'COIN', balance: 500, seq: 1 }]),
        transactions: answer('transactions', page(transaction)),
        bets: answer('bets', page(bet)),
        async bet(_userId, betId) {
          if (betId !== ID) throw new AppError('NOT_FOUND');
          return bet;
        },
        round: answer('round', round),
        rounds: answer('rounds', page(round)),
        proof: answer('proof', proof),
      },
      catalogue: { games: async () => ['roulette', 'crash', 'derby'].map(game) },
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
  });

  async function get(path: string, init: RequestInit = asPlayer()) {
    const { response, body } = await http.call(`/api/v1${path}`, init);
    return { status: response.status, body };
  }

  it('needs a token for everything under /me', async () => {
    for (const path of ['', '/wallet', '/wallets', '/transactions', '/bets', `/bets/${ID}`]) {
      assert.equal((await get(`/me${path}`, {})).status, 401);
      const wrong = { headers: { authorization: 'Bearer wrong' } };
      assert.equal((await get(`/me${path}`, wrong)).status, 401);
      const basic = { headers: { authorization: 'Basic YWRhOmFkYQ==' } };
      assert.equal((await get(`/me${path}`, basic)).status, 401);
    }
    assert.deepEqual(asked, []);
  });

  it('/me is the user, /me/wallet the balance', async () => {
    assert.equal((await get('/me')).body.username, 'ada');
    assert.deepEqual((await get('/me/wallet')).body, { currency: 'COIN', balance: 500, seq: 1 });
    await get('/me/wallet?currency=GEM');
    assert.deepEqual(asked, [
      ['wallet', PLAYER.userId, undefined],
      ['wallet', PLAYER.userId, 'GEM'],
    ]);
    assert.equal((await get('/me/wallet?currency=gems')).body.code, 'BAD_REQUEST');
    assert.deepEqual((await get('/me/wallets')).body, {
      items: [{ id: 3, currency: 'COIN', balance: 500, seq: 1 }],
      nextCursor: null,
    });
  });

  it('/me/transactions and /me/bets are pages of the own ones only', async () => {
    const transactions = await get('/me/transactions?limit=5&cursor=abc&currency=GEM');
    assert.deepEqual(transactions.body, { items: [transaction], nextCursor: 'next' });
    const bets = await get(`/me/bets?roundId=${ID}&status=won&userId=8`);
    assert.deepEqual(bets.body, { items: [bet], nextCursor: 'next' });
    assert.deepEqual(asked, [
      ['transactions', PLAYER.userId, { limit: 5, cursor: 'abc', currency: 'GEM' }],
      ['bets', PLAYER.userId, { limit: 20, roundId: ID, status: 'won' }],
    ]);
  });

  for (const query of [
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=many',
    'limit=1&limit=2',
    'roundId=1',
    'status=paid',
    `cursor=${'x'.repeat(201)}`,
  ]) {
    it(`/me/bets refuses ${query.slice(0, 20)}`, async () => {
      const { status, body } = await get(`/me/bets?${query}`);
      assert.deepEqual([status, body.code], [400, 'BAD_REQUEST']);
      assert.deepEqual(asked, []);
    });
  }

  it('/me/bets/:betId is a bet, or not found', async () => {
    assert.deepEqual((await get(`/me/bets/${ID}`)).body, bet);
    assert.equal((await get(`/me/bets/${ID.replace(/1$/, '2')}`)).body.code, 'NOT_FOUND');
    assert.equal((await get('/me/bets/1')).body.code, 'BAD_REQUEST');
  });

  it('/games is a page by name, for everyone', async () => {
    const first = (await get('/games?limit=2', {})).body;
    assert.deepEqual(first, { items: [game('crash'), game('derby')], nextCursor: 'derby' });
    const second = (await get(`/games?limit=2&cursor=${first.nextCursor}`, {})).body;
    assert.deepEqual(second, { items: [game('roulette')], nextCursor: null });
  });

  it('/games/:name/rounds, /rounds/:id and its proof are for everyone', async () => {
    assert.deepEqual((await get('/games/crash/rounds', {})).body, page(round));
    assert.deepEqual((await get(`/rounds/${ID}`, {})).body, round);
    assert.deepEqual((await get(`/rounds/${ID}/proof`, {})).body, proof);
    assert.deepEqual(asked, [
      ['rounds', 'crash', { limit: 20 }],
      ['round', ID],
      ['proof', ID],
    ]);
    assert.equal((await get('/games/Crash!/rounds', {})).status, 400);
  });
});
