import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ARGON2, type Argon2Cost, createPasswords } from '../../src/accounts/passwords.ts';
import { CHEAP_COST } from './fixture.ts';

const passwords = createPasswords({ cost: CHEAP_COST });

describe('passwords', () => {
  it('[A1] are stored as argon2id PHC strings with the OWASP parameters', async () => {
    const stored = await createPasswords().hash('correct horse');
    assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    const verdict = await createPasswords().verify('correct horse', stored);
    assert.deepEqual(verdict, { matches: true, outdated: false });
  });

  it('have a salt each, so that equal passwords do not show', async () => {
    assert.notEqual(await passwords.hash('correct horse'), await passwords.hash('correct horse'));
  });

  it('match themselves and nothing else', async () => {
    const password = fc.string({ unit: 'grapheme', minLength: 16, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(password, password, async (one, other) => {
        fc.pre([...one.normalize('NFKC')].length <= 200);
        const stored = await passwords.hash(one);
        assert.equal((await passwords.verify(one, stored)).matches, true);
        const same = one.normalize('NFKC') === other.normalize('NFKC');
        assert.equal((await passwords.verify(other, stored)).matches, same);
      }),
      { numRuns: 60, examples: [['ﬃﬃﬃ aaaaaaaaaaaaa', 'ffiffiffi aaaaaaaaaaaaa']] },
    );
  });

  it('are the same password however a keyboard composes its letters', async () => {
    const stored = await passwords.hash('pässwörd');
    assert.equal((await passwords.verify('pässwörd'.normalize('NFD'), stored)).matches, true);
  });

  it('have 8 to 200 characters, counted as people count them', async () => {
    const refused = { code: 'BAD_REQUEST' };
    await assert.rejects(passwords.hash('1234567'), refused);
    await assert.rejects(passwords.hash('x'.repeat(201)), refused);
    await passwords.hash('12345678');
    await passwords.hash('\u{1F3B2}'.repeat(200));
  });

  it('tell when they were hashed with another cost, and still match', async () => {
    const stored = await createPasswords({ cost: { ...CHEAP_COST, passes: 2 } }).hash(
      'correct horse',
    );
    const verdict = await passwords.verify('correct horse', stored);
    assert.deepEqual(verdict, { matches: true, outdated: true });
  });

  it('of nobody cost the same derivation and never match', async () => {
    const costs: Argon2Cost[] = [];
    const counted = createPasswords({
      async derive(_message, _salt, length, cost) {
        costs.push(cost);
        return Buffer.alloc(length);
      },
    });
    const verdict = await counted.verify('correct horse', null);
    assert.deepEqual(verdict, { matches: false, outdated: false });
    assert.deepEqual(costs, [ARGON2]);
  });

  it('that are stored unreadably are a bug, not a wrong password', async () => {
    await assert.rejects(passwords.verify('correct horse', 'plain text'), /unreadable/);
  });

  it('[M11] are hashed few at a time, in order; beyond a bounded queue it is BUSY', async () => {
    const started: string[] = [];
    const finish = new Map<string, () => void>();
    const held = createPasswords({
      maxConcurrent: 2,
      maxWaiting: 2,
      derive: (message, _salt, length) => {
        started.push(message);
        return new Promise((resolve, reject) => {
          finish.set(message, () =>
            message === 'password 1'
              ? reject(new Error('out of memory'))
              : resolve(Buffer.alloc(length)),
          );
        });
      },
    });
    const hashes = [1, 2, 3, 4].map((number) => held.hash(`password ${number}`));
    const settled = Promise.allSettled(hashes);
    await assert.rejects(held.hash('password 5'), { code: 'BUSY' });
    assert.deepEqual(started, ['password 1', 'password 2']);
    // One that fails hands its place on, too.
    for (const number of [1, 2, 3, 4]) {
      finish.get(`password ${number}`)?.();
      await new Promise(setImmediate);
    }
    const outcomes = (await settled).map((outcome) => outcome.status);
    assert.deepEqual(outcomes, ['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    assert.deepEqual(
      started,
      [1, 2, 3, 4].map((number) => `password ${number}`),
    );
    const again = held.hash('password 6');
    await new Promise(setImmediate);
    finish.get('password 6')?.();
    await again;
  });
});
