/** All runners with their odds to win and to place. Choosing one of the odds is choosing what to bet on. */
import { useId } from 'react';
import type { DerbyState } from '../../../../src/protocol.ts';
import type { Table } from '../../rooms/table.ts';
import type { Selection } from './bets.ts';
import { useMarket } from './follow.ts';
import { oddsText, type Pool, type Quote } from './odds.ts';
import { Silk } from './Silk.tsx';

interface OddsBoardProps {
  table: Table<DerbyState>;
  selection: Selection | null;
  open: boolean;
  /** Runners and pools that the player has bet on, as "win 3". */
  backed: ReadonlySet<string>;
  onSelect(selection: Selection): void;
}

const POOLS: readonly Pool[] = ['win', 'place'];
const RUNNERS = 8;
const NOBODY: Quote = { odds: 0, moved: 0, changes: 0 };

export function OddsBoard({ table, selection, open, backed, onSelect }: OddsBoardProps) {
  const market = useMarket(table);
  const name = useId();
  return (
    <fieldset
      className="odds"
      data-open={open}
      data-testid="odds-board"
      // Space chooses what is not chosen yet; only then does it place the bet.
      onKeyDown={(event) => {
        const { target } = event;
        if (event.key === ' ' && target instanceof HTMLInputElement && !target.checked) {
          event.stopPropagation();
        }
      }}
    >
      <legend className="visually-hidden">What to bet on</legend>
      {[0, 1].map((half) => (
        <p className="odds-head soft" key={half} aria-hidden="true">
          <span>Win</span>
          <span>Place</span>
        </p>
      ))}
      {Array.from({ length: RUNNERS }, (_, index) => index + 1).map((runner) => (
        <div className="odds-row" key={runner}>
          <Silk runner={runner} />
          {POOLS.map((type) => (
            <OddsCell
              key={type}
              name={name}
              selection={{ type, runner }}
              quote={market?.[type][runner - 1] ?? NOBODY}
              chosen={selection?.type === type && selection.runner === runner}
              backed={backed.has(`${type} ${runner}`)}
              onSelect={onSelect}
            />
          ))}
        </div>
      ))}
    </fieldset>
  );
}

interface OddsCellProps {
  name: string;
  selection: Selection;
  quote: Quote;
  chosen: boolean;
  backed: boolean;
  onSelect(selection: Selection): void;
}

const MOVED = { [-1]: 'down', 0: 'still', 1: 'up' } as const;
const MOVED_TEXT = { [-1]: ', falling', 0: '', 1: ', rising' } as const;

function OddsCell({ name, selection, quote, chosen, backed, onSelect }: OddsCellProps) {
  const { type, runner } = selection;
  const text = quote.odds === 0 ? 'nobody yet' : oddsText(quote.odds);
  return (
    <label className="odds-cell" data-backed={backed}>
      <input
        type="radio"
        className="visually-hidden"
        name={name}
        checked={chosen}
        data-testid={`odds-${type}-${runner}`}
        aria-label={`Runner ${runner} to ${type}: ${text}${MOVED_TEXT[quote.moved]}${backed ? ', you have bet on it' : ''}`}
        onChange={() => onSelect(selection)}
      />
      {/* A new element for each change: the mark appears anew, and fades. */}
      <span className="odds-mark" data-moved={MOVED[quote.moved]} key={quote.changes} />
      <span className="odds-figure">{oddsText(quote.odds)}</span>
    </label>
  );
}
