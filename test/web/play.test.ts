import assert from 'node:assert/strict';
import type { Bet, CrashState } from '../../src/protocol.ts';
import { Failure } from '../../web/src/failure.ts';
import { crashWord } from '../../web/src/games/crash/words.ts';
import { createPlay, type PlayDeps } from '../../web/src/play.ts';

const ROUND = '019a0000-0000-7000-8000-000000000001';
const LOST = new Failure('NO_ANSWER', 'connection closed');

type Command = { betId: string };
type Answer = Bet | Failure | ((payload: Command) => Bet | { bets: Bet[] } | Failure);

const bet = (betId: string, more: Partial<Bet> = {}): Bet => ({
  betId,
  roundId: ROUND,
  game: 'crash',
  amount: 50,
  selection: {},
  status: 'accepted',
  multiplier: null,
  payout: null,
  currency: 'COIN',
  balance: 450,
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
});

/** A table that answers each command with the next of `answers`, and records what it was asked and told. */
function tableWith(answers: Answer[], round: Partial<CrashState> = {}, live = true) {
  const asked: [type: string, betId: string][] = [];
  const commands: object[] = [];
  const told: string[] = [];
  const shown: Bet[] = [];
  const state = { roundId: ROUND, phase: 'betting', bettingOpen: true, ...round } as CrashState;
  const answer = async <T>(type: string, payload: object): Promise<T> => {
    const command = payload as Command;
    asked.push([type, command.betId]);
    commands.push(payload);
    const next = answers.shift();
    assert.ok(next !== undefined, `one ${type} too many`);
    const result = typeof next === 'function' ? next(command) : next;
    if (result instanceof Failure) throw result;
    return result as T;
  };
  const deps: PlayDeps = {
    state: () => state,
    request: answer,
    whenLive: () => (live ? Promise.resolve() : Promise.reject(new Error('closed'))),
    fetchBet: (betId) => answer('rest', { betId }),
    onBet: (known) => shown.push(known),
    wordFor: (bets) => crashWord(bets.at(-1) as Bet),
    say: (text, tone) => told.push(`${tone}: ${text}`),
  };
  const play = createPlay(deps);
  return { play, asked, commands, told, shown, state, types: () => asked.map(([type]) => type) };
}

const allOf: Answer = (command) => ({
  bets: (command as unknown as { bets: Command[] }).bets.map(({ betId }) => bet(betId)),
});
const ONE = [{ amount: 50, more: {} }];
const known: Answer = ({ betId }) => bet(betId);

describe('web/play', () => {
  it('[M6] a bet is shown as placed only after the answer', async () => {
    const { play, shown, told } = tableWith([known]);
    const placing = play.place(ONE);
    assert.deepEqual([play.state.get().pending?.stage, shown.length], ['sending', 0]);
    await placing;
    assert.deepEqual([play.state.get().pending, shown.length], [null, 1]);
    assert.deepEqual(told, ['plain: Your bet of 50 is in.']);
  });

  it('a refused bet is told in words and not asked for', async () => {
    const refusal = new Failure('INSUFFICIENT_FUNDS', 'x');
    const { play, types, told, shown } = tableWith([refusal]);
    await play.place(ONE);
    assert.deepEqual(types(), ['bet']);
    assert.deepEqual(told, ['bad: Not placed. Your balance does not cover this stake.']);
    assert.equal(shown.length, 0);
  });

  it('[M5] a lost answer is asked for by the same id, and the bet not sent again when it is there', async () => {
    const { play, asked, shown } = tableWith([LOST, known]);
    await play.place(ONE);
    assert.deepEqual(
      asked.map(([type]) => type),
      ['bet', 'betStatus'],
    );
    assert.equal(asked[0]?.[1], asked[1]?.[1]);
    assert.equal(shown.length, 1);
  });

  it('[M9] a bet that was refunded while its answer was missing is not called placed', async () => {
    const refunded: Answer = ({ betId }) => bet(betId, { status: 'refunded', payout: 50 });
    const { play, told } = tableWith([LOST, refunded]);
    await play.place(ONE);
    assert.deepEqual(told, ['plain: The round was void: 50 refunded.']);
  });

  it('[M5] a bet that the server does not know is sent again with the same id while its round is open', async () => {
    const { play, asked, told } = tableWith([LOST, new Failure('NOT_FOUND', ''), known]);
    await play.place([{ amount: 50, more: { autoCashout: 200 } }]);
    assert.deepEqual(
      asked.map(([type]) => type),
      ['bet', 'betStatus', 'bet'],
    );
    assert.equal(new Set(asked.map(([, betId]) => betId)).size, 1);
    assert.equal(told.length, 1);
  });

  it('a bet that the server does not know is not placed once its round has closed or another is open', async () => {
    for (const change of [
      { bettingOpen: false },
      { roundId: 'another' },
    ] as Partial<CrashState>[]) {
      const table = tableWith([LOST, () => new Failure('NOT_FOUND', '')]);
      const placing = table.play.place(ONE);
      Object.assign(table.state, change);
      await placing;
      assert.deepEqual(table.types(), ['bet', 'betStatus']);
      assert.match(table.told[0] ?? '', /^bad: Not placed\. The connection was lost/);
    }
  });

  it('a bet that the player took back meanwhile is not sent again', async () => {
    const { play, types, told } = tableWith([LOST, () => new Failure('NOT_FOUND', '')]);
    const placing = play.place(ONE);
    play.dropWish();
    await placing;
    assert.deepEqual(types(), ['bet', 'betStatus']);
    assert.deepEqual(told, ['bad: Not placed. You took it back.']);
  });

  it('a table that keeps failing is sent the bet three times, not forever', async () => {
    const nothing = () => new Failure('NOT_FOUND', '');
    const broken = new Failure('INTERNAL', '');
    const { play, types, told } = tableWith([broken, nothing, broken, nothing, broken, nothing]);
    await play.place(ONE);
    assert.equal(types().filter((type) => type === 'bet').length, 3);
    assert.match(told[0] ?? '', /^bad: Not placed\./);
  });

  it('a table that was left is asked over REST', async () => {
    const { play, types, shown } = tableWith([LOST, known], {}, false);
    await play.place(ONE);
    assert.deepEqual(types(), ['bet', 'rest']);
    assert.equal(shown.length, 1);
  });

  it('a second bet is not sent while the first is in flight', async () => {
    const { play, types } = tableWith([known]);
    await Promise.all([play.place(ONE), play.place(ONE)]);
    assert.deepEqual(types(), ['bet']);
  });

  it('a cash-out whose answer was lost is sent again while the bet is open and the round runs', async () => {
    const cashed: Answer = ({ betId }) =>
      bet(betId, { status: 'cashed', multiplier: 150, payout: 75 });
    const { play, types, shown } = tableWith([LOST, known, cashed], { phase: 'running' });
    await play.cashOut([bet('b')]);
    assert.deepEqual(types(), ['cashout', 'betStatus', 'cashout']);
    assert.deepEqual([shown.length, shown[0]?.status], [1, 'cashed']);
  });

  it('a cash-out that came too late shows what became of the bet', async () => {
    const lost: Answer = ({ betId }) => bet(betId, { status: 'lost', multiplier: 0, payout: 0 });
    const answers = [new Failure('ALREADY_RESOLVED', ''), lost];
    const { play, types, shown, told } = tableWith(answers, { phase: 'running' });
    await play.cashOut([bet('b')]);
    assert.deepEqual(types(), ['cashout', 'betStatus']);
    assert.deepEqual([shown[0]?.status, told], ['lost', []]);
    assert.deepEqual(play.state.get().cashingOut, []);
  });

  const THREE = [17, 20, 0].map((number) => ({
    amount: 10,
    more: { selection: { type: 'straight', numbers: [number] } },
  }));

  it('several bets go as one command, all or none, and are told together', async () => {
    const { play, types, shown, commands } = tableWith([allOf]);
    const placed = await play.place(THREE);
    assert.deepEqual([types(), placed?.length, shown.length], [['bets'], 3, 3]);
    const [{ bets }] = commands as [{ bets: { betId: string; selection: object }[] }];
    assert.equal(new Set(bets.map(({ betId }) => betId)).size, 3);
    assert.deepEqual(bets[2]?.selection, { type: 'straight', numbers: [0] });
  });

  it('[M5] several bets without an answer are asked for one by one, and not sent again when they are there', async () => {
    const { play, types, shown } = tableWith([LOST, known, known, known]);
    await play.place(THREE);
    assert.deepEqual(types(), ['bets', 'betStatus', 'betStatus', 'betStatus']);
    assert.equal(shown.length, 3);
  });

  it('[M5] several bets of which the server does not know the first are sent again with the same ids', async () => {
    const { play, types, commands } = tableWith([LOST, new Failure('NOT_FOUND', ''), allOf]);
    await play.place(THREE);
    assert.deepEqual(types(), ['bets', 'betStatus', 'bets']);
    assert.deepEqual(commands[0], commands[2]);
  });

  it('[M6] several bets of which only some are known are called neither placed nor lost', async () => {
    const { play, told, shown } = tableWith([LOST, known, new Failure('NOT_FOUND', '')]);
    assert.equal(await play.place(THREE), null);
    assert.deepEqual([shown.length, told.length], [0, 1]);
    assert.match(told[0] ?? '', /^bad: (?!Not placed).*Your bets will show it\.$/);
  });

  it('[M5] a command with an id of its own is repeated as it was while its answer is lost', async () => {
    const { play, asked, commands } = tableWith([LOST, new Failure('INTERNAL', ''), known]);
    const payload = { matchId: 'm', stake: 50 };
    await play.insist('sit', payload);
    assert.deepEqual(
      asked.map(([type]) => type),
      ['sit', 'sit', 'sit'],
    );
    for (const command of commands) assert.deepEqual(command, payload);
  });

  it('[M6] what became of a command that is never answered is not claimed', async () => {
    const { play } = tableWith([LOST, LOST, LOST]);
    const code = (error: unknown) => (error as Failure).code === 'UNKNOWN';
    await assert.rejects(play.insist('sit', { matchId: 'm', stake: 50 }), code);
    const refusing = tableWith([new Failure('INSUFFICIENT_FUNDS', '')]);
    const refused = (error: unknown) => (error as Failure).code === 'INSUFFICIENT_FUNDS';
    await assert.rejects(refusing.play.insist('sit', { matchId: 'm', stake: 50 }), refused);
    assert.equal(refusing.asked.length, 1);
  });
});
