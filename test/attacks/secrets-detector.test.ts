import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { seedsOf } from '../../src/fairness/chain.ts';
import { findPreimages, findSecrets, type PlayedRound, secretsOf } from './secrets.ts';
import { featuresOf, findTelling } from './secrets-ranks.ts';

const SECRET = 'the fairness secret of a node in this test';
const ENDED_MS = 1_000;

/** The fourth round of a chain, as the books have it. */
function playedRound(): { round: PlayedRound; seed: Buffer; later: Buffer; head: Buffer } {
  const chain = crypto.randomUUID();
  const salt = randomBytes(32);
  const head = createHmac('sha256', SECRET).update(`chain ${chain} `).update(salt).digest();
  const seeds = seedsOf(head, 4_096);
  const seedAt = (index: number) => seeds.subarray(32 * index, 32 * (index + 1));
  const round: PlayedRound = {
    id: crypto.randomUUID(),
    game: 'derby',
    roomId: 'room',
    chain,
    salt: salt.toString('hex'),
    index: 4,
    commitment: seedAt(3).toString('hex'),
    outcome: { finish: [[3], [1], [2, 8], [4], [7], [6], [5]], timesMs: [25_000, 25_010, 26_000] },
    startedMs: 0,
    endedMs: ENDED_MS,
  };
  return { round, seed: seedAt(4), later: seedAt(1_000), head };
}

const spaced = (text: string) => `some text: ${text}, and more`;
const WRITINGS: Record<string, (bytes: Buffer) => Buffer | string> = {
  'as it is, at an odd place': (bytes) => Buffer.concat([randomBytes(7), bytes, randomBytes(5)]),
  backwards: (bytes) => Buffer.from(bytes).reverse(),
  'as hex': (bytes) => spaced(bytes.toString('hex')),
  'as capital hex': (bytes) => spaced(bytes.toString('hex').toUpperCase()),
  'as hex after another digit': (bytes) => spaced(`a${bytes.toString('hex')}`),
  'as PostgreSQL writes bytea': (bytes) => `{"state": "\\\\x00${bytes.toString('hex')}"}`,
  'as base64': (bytes) => spaced(bytes.toString('base64')),
  'as base64 of something longer': (bytes) =>
    spaced(Buffer.concat([Buffer.from('{"seed":'), bytes]).toString('base64')),
  'as base64url': (bytes) => spaced(bytes.toString('base64url')),
  'as a decimal number': (bytes) => spaced(BigInt(`0x${bytes.toString('hex')}`).toString()),
  'as JSON of a buffer': (bytes) => JSON.stringify({ seed: bytes }),
  'as a list with spaces': (bytes) => `[${[...bytes].join(', ')}]`,
};

describe('what looks for secrets', () => {
  const itemOf = (data: Buffer | string, at = ENDED_MS - 1) => [
    { from: 'here', at, bytes: Buffer.from(data as string) },
  ];

  for (const [how, write] of Object.entries(WRITINGS)) {
    it(`finds the seed of a round, one of a later round, the head and the round's bytes ${how}`, () => {
      const { round, seed, later, head } = playedRound();
      const secrets = secretsOf([round], SECRET);
      const id = Buffer.from(round.id.replaceAll('-', ''), 'hex');
      const block = createHmac('sha256', seed)
        .update(Buffer.concat([Buffer.from(round.salt, 'hex'), Buffer.alloc(1), id]))
        .update(Buffer.alloc(4))
        .digest();
      for (const secret of [seed, later, head, block, Buffer.from(SECRET)]) {
        const text = how === 'as a decimal number' && secret.length > 32;
        if (!text) assert.notDeepEqual(findSecrets(itemOf(write(secret)), secrets), [], how);
      }
      const random = itemOf(write(randomBytes(32)));
      assert.deepEqual(findSecrets(random, secrets), []);
      assert.deepEqual(findPreimages(random, [round]), []);
      if (how !== 'backwards') {
        assert.equal(findPreimages(itemOf(write(seed)), [round]).length, 1);
      }
    });
  }

  it('finds the lists of an outcome, as JSON, as PostgreSQL writes it, and as bytes', () => {
    const { round } = playedRound();
    const secrets = secretsOf([round], SECRET);
    const places = round.outcome?.finish as number[][];
    for (const data of [
      JSON.stringify(round.outcome),
      JSON.stringify(round.outcome).replaceAll(',', ', ').replaceAll(':', ': '),
      Buffer.from(places.flat()),
      `{"order": [${places.flat().join(', ')}]}`,
    ]) {
      assert.notDeepEqual(findSecrets(itemOf(data), secrets), []);
    }
  });

  it('takes no offence at a seed once it is public, nor at the one before it', () => {
    const { round, seed, later } = playedRound();
    const secrets = secretsOf([round], SECRET);
    const public_ = itemOf(seed.toString('hex'), ENDED_MS);
    assert.deepEqual(findSecrets(public_, secrets), []);
    assert.deepEqual(findPreimages(public_, [round]), []);
    const before = createHash('sha256').update(seed).digest('hex');
    assert.deepEqual(findSecrets(itemOf(before), secrets), []);
    assert.equal(findSecrets(itemOf(later.toString('hex'), ENDED_MS), secrets).length, 1);
  });

  it('finds a time from which the outcomes follow, and none among times that do not tell them', () => {
    const rounds = Array.from({ length: 16 }, () => ({
      started: 1_790_000_000_000 + Math.floor(2_000 * Math.random()),
      runningMs: Math.floor(30_000 * Math.random()),
    }));
    const iso = (ms: number) => new Date(ms).toISOString();
    const innocent = rounds.map(({ started }) =>
      featuresOf({ started_at: iso(started), updated_at: iso(started + 1_000), n: 7 }, 'rounds'),
    );
    const telling = rounds.map(({ started, runningMs }) =>
      featuresOf({ started_at: iso(started), ends_at: iso(started + runningMs) }, 'rounds'),
    );
    const outcomes = rounds.map(({ runningMs }) => 100 * Math.exp(0.00006 * runningMs));
    assert.deepEqual(findTelling(innocent, outcomes), []);
    assert.ok(findTelling(telling, outcomes).includes('rounds.started_at - rounds.ends_at'));
  });
});
