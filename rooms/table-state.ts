/** The synchronized state of a table: what every client may rely on, and the game's own fields. */
import { type ArraySchema, Encoder, schema, t } from '@colyseus/schema';
import type { FieldType, ListOf } from '../src/games/contract.ts';
import type { Game } from '../src/games/registry.ts';
import type { RoundState as WireState } from '../src/protocol.ts';

// A full state holds the top bets and the history; the default of 8 KB would be outgrown with every join.
Encoder.BUFFER_SIZE = 32 * 1024;

export const TopBetState = schema(
  {
    betId: t.string().default(''),
    player: t.string().default(''),
    amount: t.number().default(0),
    status: t.string().default(''),
    multiplier: t.number().default(0),
    payout: t.number().default(0),
  },
  'TopBet',
);
export type TopBetState = InstanceType<typeof TopBetState>;

export const HistoryState = schema(
  { roundId: t.string().default(''), outcome: t.string().default('') },
  'HistoryEntry',
);
export type HistoryState = InstanceType<typeof HistoryState>;

const FIELD_DEFAULTS: Record<FieldType, () => ReturnType<typeof t.number>> = {
  int8: () => t.int8().default(0),
  uint8: () => t.uint8().default(0),
  uint16: () => t.uint16().default(0),
  uint32: () => t.uint32().default(0),
  number: () => t.number().default(0),
  string: () => t.string().default('') as never,
  boolean: () => t.boolean().default(false) as never,
};

export type TableState = Omit<WireState, 'topBets' | 'history'> & {
  topBets: ArraySchema<TopBetState>;
  history: ArraySchema<HistoryState>;
} & Record<string, unknown>;

const MATCH_FIELDS = {
  turn: 'int8',
  turnStartedAt: 'number',
  drawOffer: 'int8',
  winner: 'int8',
  ending: 'string',
} as const;
const SEAT_FIELDS = {
  player: 'string',
  stake: 'number',
  clockMs: 'number',
  connected: 'boolean',
  odds: 'uint32',
} as const;

/** A state class for a game: the common fields, those of a match, and those that its rules name. */
export function tableStateOf(game: Game): new () => TableState {
  const isMatch = game.kind === 'match';
  const own = fieldsOf({ ...(isMatch ? MATCH_FIELDS : {}), ...game.fields });
  const seats: Record<string, ListOf> = isMatch
    ? { seats: { length: game.seats, fields: SEAT_FIELDS } }
    : {};
  const lists = Object.entries({ ...seats, ...game.lists }).map(([name, { length, fields }]) => {
    const Entry = schema(fieldsOf(fields), `${game.name}_${name}`);
    const entries = () => Array.from({ length }, () => new Entry());
    return [name, t.array(Entry).default(entries as never)];
  });
  return schema(
    {
      phase: t.string().default('settled'),
      table: t.string().default(''),
      currency: t.string().default(''),
      roundId: t.string().default(''),
      roundNumber: t.number().default(0),
      commitment: t.string().default(''),
      bettingOpen: t.boolean().default(false),
      phaseStartedAt: t.number().default(0),
      phaseEndsAt: t.number().default(0),
      now: t.number().default(0),
      staked: t.number().default(0),
      betCount: t.number().default(0),
      players: t.number().default(0),
      topBets: t.array(TopBetState),
      history: t.array(HistoryState),
      ...own,
      ...Object.fromEntries(lists),
    },
    `${game.name}State`,
  ) as unknown as new () => TableState;
}

export function fieldsOf(fields: Readonly<Record<string, FieldType>>) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, type]) => [name, FIELD_DEFAULTS[type]()]),
  );
}
