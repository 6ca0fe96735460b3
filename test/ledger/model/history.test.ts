import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { BetId, RoundId, UserId } from '../../../src/ids.ts';
import type { PlacedBet } from '../../../src/ledger/place.ts';
import { type Call, explain } from './history.ts';
import { type Answer, type Handle, Spec } from './spec.ts';

const OWNER: Handle = { table: 0, node: 'a', fence: 1 };
const ROUND = 'round' as RoundId;

/** One player with 100, one table in betting. */
function start(): Spec {
  const spec = new Spec();
  spec.wallets.push({ balance: 100, seq: 1 });
  spec.rooms.push(OWNER);
  spec.rounds.set(ROUND, { table: 0, fence: 1, phase: 'betting', crashPoint: null });
  return spec;
}

type Told = [balance: number, seq: number, first?: boolean] | string;

function place(
  client: number,
  from: number,
  to: number,
  amount: number,
  told: Told,
  id = uuidv7(),
): Call {
  const span = { invoked: from, returned: to };
  const asked = { id, player: 0, round: ROUND, amount, auto: null };
  const answer: Answer<PlacedBet> =
    typeof told === 'string' ? { code: told } : { ok: placed(id, amount, told) };
  const steps = [(spec: Spec) => spec.place(asked, OWNER, span, answer)];
  return { ...span, client, text: id, steps };
}

function placed(
  id: string,
  amount: number,
  [balance, seq, first = true]: Exclude<Told, string>,
): PlacedBet {
  const userId = 1 as UserId;
  const rest = {
    roundId: ROUND,
    userId,
    selection: {},
    createdAt: new Date(),
    status: 'accepted',
  } as const;
  return { betId: id as BetId, amount, balance, seq, first, ...rest };
}

const explained = (calls: Call[], ends = (_: Spec) => true) =>
  explain(start(), calls, ends).after !== undefined;

describe('ledger/model/history', () => {
  it('[M3] of two bets at once on the last coin, either may have it, and never both', () => {
    const short = 'INSUFFICIENT_FUNDS';
    assert.ok(explained([place(0, 1, 3, 80, [20, 2]), place(1, 2, 4, 80, short)]));
    assert.ok(explained([place(0, 1, 3, 80, short), place(1, 2, 4, 80, [20, 2])]));
    assert.ok(!explained([place(0, 1, 3, 80, [20, 2]), place(1, 2, 4, 80, [20, 2])]));
    assert.ok(!explained([place(0, 1, 3, 80, short), place(1, 2, 4, 80, short)]));
  });

  it('[M5] what was answered before something else was asked comes before it; at once, either order will do', () => {
    const first = (returned: number) => place(0, 1, returned, 10, [80, 3]);
    const second = (invoked: number) => place(1, invoked, 9, 10, [90, 2]);
    assert.ok(explained([first(5), second(2)]));
    assert.ok(!explained([first(5), second(6)]));
  });

  it('[M5] a bet told to two as the first, a repeat with another balance, and a conflict that was none are unexplained', () => {
    const id = uuidv7();
    const once = place(0, 1, 3, 10, [90, 2], id);
    assert.ok(explained([once, place(1, 2, 4, 10, [90, 2, false], id)]));
    assert.ok(explained([once, place(1, 2, 4, 11, 'BET_CONFLICT', id)]));
    assert.ok(!explained([once, place(1, 2, 4, 10, [90, 2, true], id)]));
    assert.ok(!explained([once, place(1, 2, 4, 10, [80, 3, false], id)]));
    assert.ok(!explained([once, place(1, 2, 4, 10, 'BET_CONFLICT', id)]));
    assert.ok(!explained([once, place(1, 2, 4, 11, [90, 2, false], id)]));
  });

  it('[M12] an order that agrees with every answer and ends elsewhere than the books is none', () => {
    const calls = [place(0, 1, 3, 10, [90, 2])];
    assert.ok(explained(calls, (spec) => spec.wallets[0]?.balance === 90));
    assert.ok(!explained(calls, (spec) => spec.wallets[0]?.balance === 100));
  });

  it('[M8] an owner whose table was taken is ROOM_MOVED after it, and may have been in time while it was taken', () => {
    const taken = (from: number, to: number): Call => ({
      invoked: from,
      returned: to,
      client: 1,
      text: 'take over',
      steps: [(spec) => spec.takeOver(0, 'a', { ok: 2 })],
    });
    assert.ok(explained([taken(1, 2), place(0, 3, 4, 10, 'ROOM_MOVED')]));
    assert.ok(!explained([taken(1, 2), place(0, 3, 4, 10, [90, 2])]));
    assert.ok(explained([taken(1, 4), place(0, 2, 3, 10, [90, 2])]));
  });
});
