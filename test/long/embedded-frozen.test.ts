import assert from 'node:assert/strict';
import { query, Site } from '../database/embedded.fixture.ts';

describe('embedded PostgreSQL that runs and does not answer', function () {
  this.timeout(120_000);
  let site: Site;
  beforeEach(() => {
    site = new Site();
  });
  afterEach(() => site.remove());

  it('is restarted by the next start, with all that was committed', async () => {
    const first = await site.start();
    await query(first.answer.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.kill();
    const frozen = site.postmaster();
    process.kill(frozen, 'SIGSTOP');

    const second = await site.start();
    assert.equal(second.answer.adopted, false);
    assert.notEqual(site.postmaster(), frozen);
    assert.deepEqual(await query(second.answer.url, 'SELECT one FROM kept'), [{ one: 1 }]);
    await second.stop();
  });
});
