import assert from 'node:assert/strict';
import { noFigures } from '../../loadtest/figures.ts';
import { Seat } from '../../loadtest/seat.ts';
import type { RoundState } from '../../src/protocol.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('a seat of the load test', function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.dispose());

  it('[R10] has no state before the first one came, and then has it whole', async () => {
    const first = Promise.withResolvers<RoundState>();
    const place = { url: server.url, figures: noFigures(), on: true };
    const seat = await Seat.take(
      place,
      { game: 'crash', table: undefined },
      { state: first.resolve },
    );
    assert.equal(seat.state, undefined);
    const state = await first.promise;
    assert.ok(['betting', 'running', 'settled'].includes(state.phase), state.phase);
    assert.equal(seat.state, state);
    await seat.leave();
  });
});
