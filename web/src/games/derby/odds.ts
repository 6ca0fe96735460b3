/** Odds that move: which way each of them went the last time it changed. */
import type { DerbyState } from '../../../../src/protocol.ts';

export type Pool = 'win' | 'place';

export interface Quote {
  /** In hundredths; 0: nobody has backed this runner. */
  readonly odds: number;
  /** 1: pays more than before; -1: less; 0: has not moved in this round. */
  readonly moved: -1 | 0 | 1;
  /** Rises with each change, so that the same direction twice can be told from once. */
  readonly changes: number;
}

export interface Market {
  readonly roundId: string;
  /** By runner. */
  readonly win: readonly Quote[];
  readonly place: readonly Quote[];
}

type Quoted = Pick<DerbyState, 'roundId' | 'runners'>;

/** The market after a patch; the very same one when nothing in it moved. */
export function follow(before: Market | null, { roundId, runners }: Quoted): Market {
  const known = before?.roundId === roundId ? before : null;
  const quotes = (pool: Pool, odds: number[]): readonly Quote[] => {
    const old = known?.[pool] ?? [];
    const next = odds.map((value, runner) => moved(old[runner], value));
    return next.length === old.length && next.every((quote, i) => quote === old[i]) ? old : next;
  };
  const win = quotes(
    'win',
    runners.map(({ winOdds }) => winOdds),
  );
  const place = quotes(
    'place',
    runners.map(({ placeOdds }) => placeOdds),
  );
  if (known !== null && win === known.win && place === known.place) return known;
  return { roundId, win, place };
}

function moved(old: Quote | undefined, odds: number): Quote {
  if (old === undefined) return { odds, moved: 0, changes: 0 };
  if (old.odds === odds) return old;
  // From or to "nobody" is neither more nor less.
  const direction = old.odds === 0 || odds === 0 ? 0 : odds > old.odds ? 1 : -1;
  return { odds, moved: direction, changes: old.changes + 1 };
}

/** From here on hundredths say nothing any more, and have no room. */
const WHOLE = 10_000;
const THOUSANDS = 1_000_000;

/** 0 -> "-", 420 -> "4.20", 123456 -> "1234", 2500000 -> "25k" */
export function oddsText(hundredths: number): string {
  if (hundredths === 0) return '-';
  if (hundredths >= THOUSANDS) return `${Math.floor(hundredths / 100_000)}k`;
  if (hundredths >= WHOLE) return String(Math.floor(hundredths / 100));
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}
