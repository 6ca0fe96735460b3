import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Batcher } from '../../src/ledger/batcher.ts';
import { code } from './fixture.ts';

interface Command {
  readonly key: string;
  readonly at: number;
}

/** A batcher whose batches are answered when the test says so. */
function held(maxBatch: number, maxQueue: number) {
  const batches: Command[][] = [];
  const answers: PromiseWithResolvers<number[]>[] = [];
  const batcher = new Batcher<Command, number>({
    maxBatch,
    maxQueue,
    keys: ({ key }) => [key],
    run(commands) {
      batches.push([...commands]);
      const answer = Promise.withResolvers<number[]>();
      answers.push(answer);
      return answer.promise;
    },
  });
  const echo = async (batch: number) => {
    answers[batch]?.resolve((batches[batch] ?? []).map(({ at }) => at));
    await turn();
  };
  return { batcher, batches, answers, echo };
}

/** Lets every promise that can be settled be settled, and what comes a turn of the event loop later. */
async function turn(): Promise<void> {
  for (let n = 0; n < 2; n++) await new Promise((resolve) => setImmediate(resolve));
}

const command = (at: number, key = `${at}`): Command => ({ at, key });

describe('ledger/batcher', () => {
  it('a lone command waits for no timer, and what arrives in the same turn travels with it', async () => {
    const { batcher, batches, echo } = held(10, 10);
    const answers = [1, 2, 3].map((at) => batcher.submit(command(at)));
    await Promise.resolve();
    assert.deepEqual(
      batches.map((batch) => batch.map(({ at }) => at)),
      [[1, 2, 3]],
    );
    await echo(0);
    assert.deepEqual(await Promise.all(answers), [1, 2, 3]);
  });

  it('one batch is in flight; what arrives meanwhile fills the next, in order of arrival', async () => {
    const { batcher, batches, echo } = held(3, 10);
    void batcher.submit(command(0));
    await turn();
    for (let at = 1; at <= 5; at++) void batcher.submit(command(at));
    await turn();
    assert.equal(batches.length, 1);
    assert.equal(batcher.depth, 5);
    await echo(0);
    await echo(1);
    await echo(2);
    assert.deepEqual(
      batches.map((batch) => batch.map(({ at }) => at)),
      [[0], [1, 2, 3], [4, 5]],
    );
    assert.equal(batcher.depth, 0);
  });

  it('[M11] a command beyond the bound is answered BUSY at once, and none that was taken is dropped', async () => {
    const { batcher, batches, echo } = held(2, 4);
    const taken = [0, 1].map((at) => batcher.submit(command(at)));
    await turn();
    taken.push(...[2, 3, 4, 5].map((at) => batcher.submit(command(at))));
    // Two in flight and four waiting: the next is told so before anything else happens.
    let refused = '';
    batcher.submit(command(6)).catch((error) => {
      refused = error.code;
    });
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(refused, 'BUSY');
    assert.equal(batches.length, 1);
    await echo(0);
    taken.push(batcher.submit(command(7)));
    for (const batch of [1, 2, 3]) await echo(batch);
    assert.deepEqual(await Promise.all(taken), [0, 1, 2, 3, 4, 5, 7]);
  });

  it('[M5] a batch holds one command of a key; a later one comes in the next batch, after the first is answered', async () => {
    const { batcher, batches, echo } = held(10, 10);
    const answers = [
      command(1, 'a'),
      command(2, 'b'),
      command(3, 'a'),
      command(4, 'a'),
      command(5, 'c'),
    ].map((c) => batcher.submit(c));
    await turn();
    for (const batch of [0, 1, 2]) await echo(batch);
    assert.deepEqual(
      batches.map((batch) => batch.map(({ at }) => at)),
      [[1, 2, 5], [3], [4]],
    );
    assert.deepEqual(await Promise.all(answers), [1, 2, 3, 4, 5]);
  });

  it('a batch beside another one holds only lines that are not in flight, in order of arrival', async () => {
    const batches: number[][] = [];
    const answers: PromiseWithResolvers<number[]>[] = [];
    const batcher = new Batcher<number, number>({
      maxBatch: 3,
      maxQueue: 20,
      maxInFlight: 2,
      minBeside: 2,
      keys: (command) => [String(command)],
      line: (n) => n % 10,
      run(commands) {
        batches.push([...commands]);
        const answer = Promise.withResolvers<number[]>();
        answers.push(answer);
        return answer.promise;
      },
    });
    const echo = async (batch: number) => {
      answers[batch]?.resolve(batches[batch] ?? []);
      await turn();
    };
    const results = [1, 2].map((n) => batcher.submit(n));
    await turn();
    results.push(batcher.submit(3));
    await turn();
    assert.deepEqual(batches, [[1, 2]], 'one more is not worth a batch beside it');
    results.push(...[11, 4, 12, 5, 21, 6].map((n) => batcher.submit(n)));
    await turn();
    assert.deepEqual(batches, [
      [1, 2],
      [3, 4, 5],
    ]);
    await echo(0);
    assert.deepEqual(batches[2], [11, 12, 21], 'what waited for its line goes first');
    await echo(2);
    await echo(1);
    await echo(3);
    assert.deepEqual(batches[3], [6]);
    assert.deepEqual(await Promise.all(results), [1, 2, 3, 11, 4, 12, 5, 21, 6]);
    await batcher.idle();
  });

  it('[M11] an error rejects its own batch only', async () => {
    const { batcher, answers, echo } = held(2, 10);
    const results = [0, 1, 2, 3].map((at) => batcher.submit(command(at)));
    const settled = Promise.allSettled(results);
    await turn();
    answers[0]?.reject(new Error('no memory'));
    await turn();
    await echo(1);
    const outcome = (await settled).map((r) =>
      r.status === 'fulfilled' ? r.value : r.reason.message,
    );
    assert.deepEqual(outcome, ['no memory', 'no memory', 2, 3]);
    // And it goes on.
    const next = batcher.submit(command(4));
    await turn();
    await echo(2);
    assert.equal(await next, 4);
  });

  it('[M11] a batch that throws at once, or answers too few, rejects its commands and no others', async () => {
    let batch = 0;
    const batcher = new Batcher<number, number>({
      maxBatch: 1,
      maxQueue: 10,
      keys: (command) => [String(command)],
      run(commands) {
        batch += 1;
        if (batch === 1) throw new Error('at once');
        if (batch === 2) return Promise.resolve([]);
        return Promise.resolve(commands);
      },
    });
    const settled = await Promise.allSettled([1, 2, 3].map((n) => batcher.submit(n)));
    const outcome = settled.map((r) => (r.status === 'fulfilled' ? r.value : r.reason.message));
    assert.deepEqual(outcome, ['at once', 'a batch must answer every command', 3]);
  });

  it('idle answers when everything submitted so far is answered, and at once when there is nothing', async () => {
    const { batcher, echo } = held(1, 10);
    await batcher.idle();
    let idle = false;
    void batcher.submit(command(0));
    void batcher.submit(command(1));
    void batcher.idle().then(() => {
      idle = true;
    });
    await turn();
    await echo(0);
    assert.equal(idle, false);
    await echo(1);
    assert.equal(idle, true);
  });

  it('[M11] whatever arrives, and whenever: each command is answered once, within the bounds', async () => {
    const keys = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 12 }),
        fc.scheduler(),
        async (arriving, maxBatch, maxQueue, s) => {
          const ran: Command[] = [];
          let inFlight = 0;
          const batcher = new Batcher<Command, number>({
            maxBatch,
            maxQueue,
            keys: ({ key }) => [key],
            async run(commands) {
              inFlight += 1;
              assert.equal(inFlight, 1);
              assert.ok(commands.length <= maxBatch);
              assert.equal(new Set(commands.map(({ key }) => key)).size, commands.length);
              await s.schedule(Promise.resolve());
              ran.push(...commands);
              inFlight -= 1;
              return commands.map(({ at }) => at);
            },
          });
          const results = arriving.map((key, at) =>
            s.schedule(Promise.resolve()).then(() => {
              assert.ok(batcher.depth <= maxQueue);
              return batcher.submit(command(at, `${key}`));
            }),
          );
          const settled = Promise.allSettled(results);
          await s.waitFor(settled);
          const answers = await settled;
          answers.forEach((answer, at) => {
            if (answer.status === 'fulfilled') assert.equal(answer.value, at);
            else code('BUSY')(answer.reason);
          });
          const fulfilled = answers.filter(({ status }) => status === 'fulfilled').length;
          assert.equal(ran.length, fulfilled);
          assert.equal(new Set(ran.map(({ at }) => at)).size, fulfilled);
        },
      ),
      { numRuns: 60 },
    );
  });
});
