/**
 * Random scripts: groups of short scripts of several clients that run at once. What a group's clients fight over is
 * drawn with it: a few bet ids and posting ids that all of them use, and how each table's round is to end.
 */
import fc from 'fast-check';
import type { Fault } from '../faulty.ts';

export const PLAYERS = 4;
export const TABLES = 2;
export const START = 300;
const SLOTS = 6;
const POSTINGS = 3;
const BEYOND_THE_LIMIT = 1_000_000_000_000_001;

/** Money that comes or goes across the counter; an adjustment takes it away. */
export type Deal = 'grant' | 'purchase' | 'sale' | 'adjust';
/** A bet whose id is known to all clients of the group. */
export interface Slot {
  readonly player: number;
  readonly table: number;
  readonly amount: number;
  readonly auto: number | null;
}
/** `latest`: as the present owner. Otherwise as some owner before it, or the present one (M8). */
export type Command =
  | { do: 'place'; slot: number; changed: boolean; latest: boolean }
  | { do: 'again'; bet: number; changed: boolean; latest: boolean }
  | { do: 'cashOut'; bet: number; multiplier: number; latest: boolean }
  | { do: 'post'; kind: Deal; posting: number; player: number; amount: number }
  | { do: 'lock'; table: number; latest: boolean }
  | { do: 'settle'; table: number; latest: boolean }
  | { do: 'takeOver'; table: number; same: boolean; recover: boolean };

export interface Group {
  readonly slots: readonly Slot[];
  /** How each table's round ends when a client settles it: null is void. */
  readonly crashPoints: readonly (number | null)[];
  readonly clients: readonly { readonly through: number; readonly commands: readonly Command[] }[];
  readonly faults: readonly (Fault | null)[];
}

const player = fc.nat({ max: PLAYERS - 1 });
const table = fc.nat({ max: TABLES - 1 });
const latest = fc.integer({ min: 1, max: 8 }).map((n) => n < 8);
const changed = fc.integer({ min: 1, max: 6 }).map((n) => n === 6);
const bet = fc.nat({ max: 20 });
const multiplier = fc.integer({ min: 101, max: 400 });
const amount = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }));
const is = <T extends string>(name: T) => fc.constant(name);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: is('place'), slot: fc.nat({ max: SLOTS - 1 }), changed, latest }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('again'), bet, changed, latest }) },
  { weight: 7, arbitrary: fc.record({ do: is('cashOut'), bet, multiplier, latest }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: is('post'),
      kind: fc.constantFrom<Deal>('grant', 'purchase', 'purchase', 'sale', 'adjust'),
      posting: fc.nat({ max: POSTINGS - 1 }),
      player,
      amount: fc.oneof(
        { weight: 20, arbitrary: amount },
        { weight: 1, arbitrary: fc.constant(BEYOND_THE_LIMIT) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('lock'), table, latest }) },
  { weight: 3, arbitrary: fc.record({ do: is('settle'), table, latest }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: is('takeOver'),
      table,
      same: fc.boolean(),
      recover: fc.boolean(),
    }),
  },
);

const group: fc.Arbitrary<Group> = fc.record({
  slots: fc.array(fc.record({ player, table, amount, auto: fc.option(multiplier) }), {
    minLength: SLOTS,
    maxLength: SLOTS,
  }),
  crashPoints: fc.array(fc.option(multiplier, { freq: 4 }), {
    minLength: TABLES,
    maxLength: TABLES,
  }),
  clients: fc.array(
    fc.record({
      through: fc.nat({ max: 1 }),
      commands: fc.array(command, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 2, maxLength: 5 },
  ),
  faults: fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom<Fault | null>('before', 'after', null), {
        minLength: 1,
        maxLength: 4,
      }),
    },
  ),
});

export const scripts: fc.Arbitrary<Group[]> = fc.array(group, { minLength: 1, maxLength: 6 });
