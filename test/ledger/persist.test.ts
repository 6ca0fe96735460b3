import assert from 'node:assert/strict';
import { persist } from '../../src/ledger/persist.ts';
import { connectionLost } from './faulty.ts';
import { code } from './fixture.ts';

function sqlError(state: string): Error {
  return Object.assign(new Error(`SQLSTATE ${state}`), { code: state });
}

/** Work that throws `errors` in turn and then answers; `calls` counts. */
function failing(...errors: Error[]) {
  const left = [...errors];
  const work = async () => {
    work.calls += 1;
    const error = left.shift();
    if (error) throw error;
    return 'done';
  };
  work.calls = 0;
  return work;
}

describe('ledger/persist', () => {
  it('[M10] a deadlock and a serialization failure are sent again', async () => {
    const work = failing(sqlError('40P01'), sqlError('40001'));
    assert.equal(await persist(work), 'done');
    assert.equal(work.calls, 3);
  });

  it('[M10] retries are bounded: then the caller is told BUSY, for nothing has happened', async () => {
    const work = failing(...Array.from({ length: 50 }, () => sqlError('40P01')));
    await assert.rejects(persist(work), code('BUSY'));
    assert.equal(work.calls, 9);
  });

  it('[M5] a lost connection is asked again until the time is up, and then the outcome is unknown: BUSY', async () => {
    const work = failing(...Array.from({ length: 50 }, connectionLost));
    await assert.rejects(persist(work, 100), code('BUSY'));
    assert.ok(work.calls >= 2 && work.calls <= 5, `${work.calls} calls`);
    const recovered = failing(connectionLost(), sqlError('57P01'), sqlError('53300'));
    assert.equal(await persist(recovered), 'done');
  });

  it('what the functions of the ledger raise becomes a code, and is not sent again', async () => {
    const codes = {
      RH001: 'ROOM_MOVED',
      RH003: 'NOT_FOUND',
      RH004: 'INSUFFICIENT_FUNDS',
      RH005: 'BUSY',
    } as const;
    for (const [state, expected] of Object.entries(codes)) {
      const work = failing(sqlError(state));
      await assert.rejects(persist(work), code(expected));
      assert.equal(work.calls, 1);
    }
  });

  it('[M10] any other error is thrown as it is, and not sent again', async () => {
    for (const state of ['RH002', '23514', '22P02', '42883', '57014']) {
      const work = failing(sqlError(state));
      await assert.rejects(persist(work), { code: state });
      assert.equal(work.calls, 1);
    }
    const bug = failing(new TypeError('undefined is not a function'));
    await assert.rejects(persist(bug), TypeError);
  });
});
