import assert from 'node:assert/strict';
import { Failure } from '../../../web/src/failure.ts';
import {
  createTownCommands,
  isAsked,
  type TownCommand,
} from '../../../web/src/games/town/commands.ts';
import { sentPlaces } from '../../../web/src/games/town/sent.ts';
import { insist } from '../../../web/src/insist.ts';

/** A town that answers each command with the next of `answers`. */
function townWith(...answers: (object | Failure)[]) {
  const sent: [type: string, payload: object][] = [];
  const done: [TownCommand, object][] = [];
  const refused: string[] = [];
  const commands = createTownCommands({
    async command<T>(type: string, payload: object): Promise<T> {
      sent.push([type, payload]);
      const next = answers.shift();
      assert.ok(next !== undefined, `one ${type} too many`);
      if (next instanceof Failure) throw next;
      return next as T;
    },
    done: (command, answer) => done.push([command, answer]),
    refuse: (text) => refused.push(text),
  });
  return { commands, sent, done, refused };
}

describe('web/games/town: commands', () => {
  it('[M6] a command is called done only after the answer, and is marked until then', async () => {
    const { commands, sent, done } = townWith({ collected: { wheat: 3 } });
    const collecting = commands.carryOut({ type: 'collect', id: 7 });
    assert.deepEqual([commands.asked.get().length, done.length], [1, 0]);
    assert.equal(isAsked(commands.asked.get(), '7', 'collect'), true);
    assert.equal(isAsked(commands.asked.get(), '7', 'upgrade'), false);
    assert.equal(await collecting, true);
    assert.deepEqual([commands.asked.get().length, done.length], [0, 1]);
    assert.deepEqual(sent, [['collect', { id: 7 }]]);
  });

  it('[W5] what is under way is not asked for a second time, another command is', async () => {
    const { commands, sent } = townWith({}, {});
    const first = commands.carryOut({ type: 'upgrade', id: 1 });
    assert.equal(await commands.carryOut({ type: 'upgrade', id: 1 }), false);
    await Promise.all([first, commands.carryOut({ type: 'upgrade', id: 2 })]);
    assert.deepEqual(sent, [
      ['upgrade', { id: 1 }],
      ['upgrade', { id: 2 }],
    ]);
  });

  it('[W5] a refusal is told in words: what is missing by the server, what is not known as such', async () => {
    const { commands, done, refused } = townWith(
      new Failure('INSUFFICIENT_FUNDS', 'This takes 5 of Plank; you have 1.'),
      new Failure('RATE_LIMITED', 'no'),
      new Failure('UNKNOWN', 'The server did not answer.'),
    );
    for (const id of [1, 2, 3]) await commands.carryOut({ type: 'demolish', id });
    assert.deepEqual(done, []);
    assert.equal(refused[0], 'This takes 5 of Plank; you have 1.');
    assert.match(refused[1] ?? '', /too fast/);
    assert.match(refused[2] ?? '', /did not say whether it was done/);
  });

  it('[W5] a command is sent again with the same id until its answer is known', async () => {
    const payloads: object[] = [];
    const answers = [new Failure('NO_ANSWER', 'lost'), new Failure('BUSY', 'busy'), { version: 4 }];
    const room = {
      async request<T>(_type: string, payload: object): Promise<T> {
        payloads.push(payload);
        const next = answers.shift();
        if (next instanceof Failure) throw next;
        return next as T;
      },
      whenLive: async () => undefined,
    };
    const unsure = new Set(['NO_ANSWER', 'BUSY']);
    const answer = await insist(room, 'collect', { commandId: 'c' }, unsure);
    assert.deepEqual(answer, { version: 4 });
    assert.deepEqual(payloads, [{ commandId: 'c' }, { commandId: 'c' }, { commandId: 'c' }]);
  });

  it('[W4] shows where buildings are on their way to, and holds these places', () => {
    const standing = [
      {
        id: '4',
        building: 'mill',
        x: 0,
        y: 0,
        width: 2,
        height: 2,
        level: 3,
        readyAt: 0,
        kind: undefined,
      },
    ];
    const asked: TownCommand[] = [
      { type: 'build', building: 'hut', x: 5, y: 6 },
      { type: 'move', id: 4, x: 8, y: 9 },
      { type: 'move', id: 99, x: 1, y: 1 },
      { type: 'collect' },
    ];
    assert.deepEqual(sentPlaces(asked, standing, null), [
      { building: 'hut', level: 1, x: 5, y: 6, width: 1, height: 1 },
      { building: 'mill', level: 3, x: 8, y: 9, width: 2, height: 2 },
    ]);
  });
});
