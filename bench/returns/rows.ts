/** What is told of a game: one row for each type of bet and, where bets are divided among each other, each kind of pool. */
import {
  isRefusal,
  type PlacedBet,
  type RoundGame,
  type Stakes,
} from '../../src/games/contract.ts';

type Bet = PlacedBet<object>;
type Example = Readonly<Record<string, unknown>>;

/** Bets that are looked at together: one alone, or all of their type in a pool. */
export interface Wager {
  readonly bets: readonly Bet[];
  /** Of the whole pool. */
  readonly stakes: Stakes;
  /** On these bets. */
  readonly staked: number;
}

export interface Row {
  readonly game: string;
  readonly bet: string;
  /** The row's return is the mean of theirs. */
  readonly wagers: readonly Wager[];
}

/** Pays hundredths out without rounding. */
const ROUND_STAKE = 100;
/** Of bets that have no type, so many, from the first to the last. */
const UNTYPED = 7;
/** Beyond what bots choose from. */
const MORE: Readonly<Record<string, readonly Example[]>> = {
  crash: [1_000, 10_000, 100_000, 1_000_000].map((autoCashout) => ({ autoCashout })),
};
/** What is staked on the n-th of a pool's bets, in minor units. */
const POOLS: Readonly<Record<string, (n: number) => number>> = {
  'pool, even': () => 1_000,
  'pool, a favourite': (n) => (n === 0 ? 50_000 : 1_000 + 370 * n),
  'pool, small stakes': (n) => 10 + 7 * (n % 3),
  'pool, three backed': (n) => (n < 3 ? 500 : 0),
};

/** What a wager gets back. */
export function paidTo(game: RoundGame, { bets, stakes }: Wager, outcome: object): number {
  let paid = 0;
  for (const bet of bets) paid += game.resolve(bet, outcome, stakes).payout;
  return paid;
}

/** Of stakes that leave nothing to round, or, with `least`, of the least that the game takes. */
export function rowsOf(game: RoundGame, least = false): Row[] {
  if (game.stakeKey) return poolRows(game);
  const { minStake } = game.limits;
  const amount = least ? minStake : Math.max(ROUND_STAKE, minStake);
  const stakes = new Map<string, number>();
  return [...typesOf(game)].map(([bet, selections]) => ({
    game: game.name,
    bet,
    wagers: selections.map((selection) => wager([{ amount, selection }], stakes)),
  }));
}

function poolRows(game: RoundGame): Row[] {
  const types = [...typesOf(game)];
  return Object.entries(POOLS).flatMap(([kind, amountOf]) => {
    const betsOf = (selections: readonly object[]) =>
      selections
        .map((selection, n) => ({ amount: amountOf(n), selection }))
        .filter(({ amount }) => amount > 0);
    const stakes = new Map<string, number>();
    for (const { amount, selection } of types.flatMap(([, selections]) => betsOf(selections))) {
      const key = game.stakeKey?.(selection) as string;
      stakes.set(key, (stakes.get(key) ?? 0) + amount);
    }
    return types.map(([type, selections]) => ({
      game: game.name,
      bet: `${type}, ${kind}`,
      wagers: [wager(betsOf(selections), stakes)],
    }));
  });
}

function wager(bets: readonly Bet[], stakes: Stakes): Wager {
  return { bets, stakes, staked: bets.reduce((sum, { amount }) => sum + amount, 0) };
}

/** The game's examples as the rules read them, by the type that the selection names, or each for itself. */
function typesOf(game: RoundGame): Map<string, object[]> {
  const types = new Map<string, object[]>();
  const untyped: Example[] = [];
  for (const example of game.examples) {
    const { selection } = example as { selection?: { type?: unknown } };
    const type = selection?.type;
    if (typeof type !== 'string') untyped.push(example);
    else types.set(type, [...(types.get(type) ?? []), read(game, example)]);
  }
  for (const example of [...some(untyped), ...(MORE[game.name] ?? [])]) {
    types.set(wordsOf(example), [read(game, example)]);
  }
  return types;
}

function read(game: RoundGame, example: Example): object {
  const selection = game.parseSelection(example);
  if (isRefusal(selection)) throw new Error(`${game.name}: ${selection.refused}`);
  return selection;
}

function some(examples: readonly Example[]): readonly Example[] {
  if (examples.length <= UNTYPED) return examples;
  const apart = (examples.length - 1) / (UNTYPED - 1);
  return examples.filter((_, at) => Math.ceil(at / apart) * apart < at + 1);
}

function wordsOf(example: Example): string {
  return Object.entries(example)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}
