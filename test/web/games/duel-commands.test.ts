import assert from 'node:assert/strict';
import { Failure } from '../../../web/src/failure.ts';
import { createDuelCommands } from '../../../web/src/games/duel/commands.ts';

type Answer = object | Failure;

/** A table that answers each command with the next of `answers`, and records what it was asked and told. */
function tableWith(...answers: Answer[]) {
  const asked: { type: string; payload: Record<string, unknown> }[] = [];
  const said: string[] = [];
  const refused: string[] = [];
  const answer = async <T>(type: string, payload: object): Promise<T> => {
    asked.push({ type, payload: payload as Record<string, unknown> });
    const next = answers.shift();
    assert.ok(next !== undefined, `one ${type} too many`);
    if (next instanceof Failure) throw next;
    return next as T;
  };
  const commands = createDuelCommands({
    request: answer,
    insist: answer,
    say: (text) => said.push(text),
    refuse: (text) => refused.push(text),
  });
  return { commands, asked, said, refused };
}

describe('web/games/duel: commands', () => {
  it('[M6] a seat is called taken only after the answer, and carries an id of its own', async () => {
    const { commands, asked, said } = tableWith({ stake: 50 }, { stake: 50 });
    const sitting = commands.sit(50);
    assert.deepEqual([commands.asked.get()?.kind, said], ['sit', []]);
    await sitting;
    assert.deepEqual([commands.asked.get(), said], [null, ['You have a seat; 50 is in the pot.']]);
    await commands.rematch();
    const [first, second] = asked;
    assert.deepEqual([first?.type, first?.payload.stake, second?.type], ['sit', 50, 'rematch']);
    assert.notEqual(first?.payload.matchId, second?.payload.matchId);
  });

  it('[M5] a seat of which nobody knows what became is called neither taken nor refused', async () => {
    const { commands, said, refused } = tableWith(new Failure('UNKNOWN', 'no answer'));
    await commands.sit(50);
    assert.deepEqual(said, []);
    assert.match(refused[0] ?? '', /did not say whether you have the seat/);
  });

  it('[M5] a move whose answer was lost is not sent again: it has no id, and the board shows it', async () => {
    const { commands, asked, refused } = tableWith(new Failure('NO_ANSWER', 'closed'));
    await commands.move(3);
    assert.deepEqual(asked, [{ type: 'move', payload: { column: 3 } }]);
    assert.match(refused[0] ?? '', /board shows whether it was made/);
    assert.equal(commands.asked.get(), null);
  });

  it('one thing is asked at a time', async () => {
    const { commands, asked } = tableWith({});
    await Promise.all([commands.move(3), commands.move(4), commands.resign()]);
    assert.equal(asked.length, 1);
  });

  it('a refusal is told in the words of the server', async () => {
    const { commands, refused } = tableWith(
      new Failure('ILLEGAL_MOVE', 'You have offered a draw since the last move.'),
      new Failure('INSUFFICIENT_FUNDS', ''),
    );
    await commands.offerDraw();
    await commands.sit(50);
    assert.deepEqual(refused, [
      'You have offered a draw since the last move.',
      'Your balance does not cover this stake.',
    ]);
  });
});
