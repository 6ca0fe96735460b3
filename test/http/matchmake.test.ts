import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import { AppError } from '../../src/errors.ts';
import { SEATS_PER_USER } from '../../src/http/matchmake.ts';
import { MATCHMAKE_METHODS, type MatchmakeContext } from '../../src/http/services.ts';
import { asPlayer, PLAYER, PLAYER_TOKEN, post, startHttp, type TestServer } from './server.ts';

const SEAT = { name: 'crash', sessionId: 'session', roomId: 'room', processId: 'process' };

describe('POST /matchmake', () => {
  let http: TestServer;
  const calls: { method: string; room: string; options: object; context: MatchmakeContext }[] = [];
  let failure: unknown;
  beforeEach(async () => {
    calls.length = 0;
    failure = undefined;
    http = await startHttp({
      async matchmake(method, room, options, context) {
        calls.push({ method, room, options, context });
        if (failure !== undefined) throw failure;
        return SEAT;
      },
    });
  });
  afterEach(() => http.close());

  const join = (path: string, body: unknown = {}, init = asPlayer(post(body))) =>
    http.call(`/matchmake/${path}`, init);

  /** As `client.joinOrCreate`, up to the socket. */
  function sdkClient(token: string | undefined) {
    const client = new Client(http.url);
    client.auth.token = token as string;
    const seats: object[] = [];
    client.consumeSeatReservation = async (seat) => {
      seats.push(seat);
      return {} as never;
    };
    return { client, seats };
  }

  it('gives an unmodified SDK client its seat', async () => {
    const { client, seats } = sdkClient(PLAYER_TOKEN);
    await client.joinOrCreate('crash', { table: 'high' });
    assert.deepEqual(seats, [SEAT]);
    const [call] = calls;
    assert.deepEqual([call?.method, call?.room], ['joinOrCreate', 'crash']);
    assert.deepEqual(call?.options, { table: 'high' });
    assert.deepEqual(call?.context.identity, PLAYER);
    assert.deepEqual([call?.context.token, call?.context.ip], [PLAYER_TOKEN, '127.0.0.1']);
    assert.equal(call?.context.headers.get('content-type'), 'application/json');
  });

  it('refuses whoever is not signed in, in words that the SDK shows', async () => {
    const { client } = sdkClient(undefined);
    const refused = { name: 'MatchMakeError', code: 401, message: 'Sign in first.' };
    await assert.rejects(client.joinOrCreate('crash'), refused);
    await assert.rejects(sdkClient('forged').client.create('crash'), { code: 401 });
    assert.deepEqual(calls, []);
  });

  it('takes a reconnection without an access token: the seat has its own', async () => {
    const { client, seats } = sdkClient(undefined);
    await client.reconnect('room:seat-token');
    assert.deepEqual(seats, [{ ...SEAT, reconnectionToken: 'seat-token' }]);
    assert.equal(calls[0]?.context.identity, null);
    assert.deepEqual(calls[0]?.options, { reconnectionToken: 'seat-token' });
  });

  it('[trap 4] knows the methods of the SDKs and no others', async () => {
    for (const method of MATCHMAKE_METHODS) {
      assert.equal((await join(`${method}/crash`)).response.status, 200);
    }
    calls.length = 0;
    for (const method of [
      'query',
      'handleCreateRoom',
      'disconnectAll',
      'constructor',
      '__proto__',
    ]) {
      const { response, body } = await join(`${method}/crash`);
      assert.deepEqual([response.status, body.reason], [400, 'BAD_REQUEST']);
    }
    assert.deepEqual(calls, []);
  });

  it('[trap 4] refuses names that no room has, other verbs, and what is no object', async () => {
    for (const name of ['a%20b', '..%2fcrash', 'x'.repeat(65), '%00', '$where']) {
      assert.equal((await join(`join/${name}`)).response.status, 400, name);
    }
    const get = await http.call('/matchmake/join/crash', asPlayer());
    assert.deepEqual([get.response.status, get.body.reason], [405, 'METHOD_NOT_ALLOWED']);
    for (const body of [[], 'text', null, 5]) {
      assert.equal((await join('join/crash', JSON.stringify(body))).response.status, 400);
    }
    assert.equal((await join('join/crash', '{"a":')).response.status, 400);
    const form = post('a=1', { 'content-type': 'application/x-www-form-urlencoded' });
    assert.equal((await join('join/crash', {}, asPlayer(form))).response.status, 400);
    assert.deepEqual(calls, []);
  });

  it('[trap 4] takes no body over 4 KB', async () => {
    assert.equal((await join('join/crash', { pad: 'x'.repeat(4000) })).response.status, 200);
    const { response, body } = await join('join/crash', { pad: 'x'.repeat(4096) });
    assert.deepEqual([response.status, body.reason], [413, 'PAYLOAD_TOO_LARGE']);
    assert.equal(response.headers.get('connection'), 'close');
  });

  it('[trap 4] limits how many seats one player asks for, and says when to come back', async () => {
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let tries = 0; tries <= SEATS_PER_USER.points; tries++) {
      last = (await join('join/crash')).response;
      statuses.push(last.status);
    }
    assert.equal(statuses.at(-1), 429);
    assert.equal(calls.length, SEATS_PER_USER.points);
    assert.ok(Number(last?.headers.get('retry-after')) >= 1);
  });

  it('[trap 4] reflects no origin', async () => {
    const init = asPlayer(post({}, { origin: 'https://evil.example' }));
    const { response } = await join('join/crash', {}, init);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  });

  const colyseus = (code: unknown, message: string) => Object.assign(new Error(message), { code });
  class SeatReservationError extends Error {}
  const failures: [string, unknown, number, string, RegExp][] = [
    ['an AppError', new AppError('EXCLUDED'), 403, 'EXCLUDED', /excluded/],
    ['an AppError that Colyseus copied', colyseus('BUSY', 'Later.'), 503, 'BUSY', /Later/],
    ['an unknown room name', colyseus(520, 'no handler'), 404, 'NOT_FOUND', /no handler/],
    ['no room to join', colyseus(521, 'no rooms'), 404, 'NOT_FOUND', /no rooms/],
    ['a room that is gone', colyseus(522, 'not found'), 404, 'NOT_FOUND', /not found/],
    ['an expired reconnection', colyseus(524, 'expired'), 404, 'NOT_FOUND', /expired/],
    ['a refused onAuth', colyseus(525, 'onAuth failed'), 401, 'UNAUTHENTICATED', /onAuth/],
    ['a full room', new SeatReservationError('room is full'), 503, 'BUSY', /full/],
    ['a shutdown', colyseus(503, 'shutting down'), 503, 'BUSY', /shutting/],
    ['a bug', new TypeError('x is undefined'), 500, 'INTERNAL', /our side/],
    ['an unhandled exception', colyseus(523, 'secret text'), 500, 'INTERNAL', /our side/],
    ['a property of objects as a code', colyseus('toString', 'x'), 500, 'INTERNAL', /our side/],
  ];
  for (const [name, thrown, status, reason, message] of failures) {
    it(`tells the SDK of ${name} with ${status}`, async () => {
      failure = thrown;
      const { response, body } = await join('join/crash');
      assert.equal(response.status, status);
      assert.deepEqual(Object.keys(body), ['code', 'error', 'message', 'reason']);
      assert.deepEqual([body.code, body.reason, body.error], [status, reason, body.message]);
      const refused = sdkClient(PLAYER_TOKEN).client.join('crash');
      await assert.rejects(refused, { name: 'MatchMakeError', code: status, message });
      assert.equal(http.logged.length, status === 500 ? 2 : 0);
    });
  }
});
