/** The last rounds, newest first; each can be checked. */
import type { HistoryEntry } from '../../../src/protocol.ts';
import type { GameWords, OutcomeWord } from '../games/words.ts';
import type { Table } from '../rooms/table.ts';
import { useStore } from '../store.ts';

interface HistoryProps {
  table: Table;
  view: GameWords;
  onCheck(roundId: string): void;
}

const VOID: OutcomeWord = { short: 'void', long: 'void', tone: 'low' };

export function History({ table, view, onCheck }: HistoryProps) {
  const rounds = useStore(table.state)?.history ?? [];
  const newestFirst = rounds.toReversed();
  const last = newestFirst[0];
  return (
    <section className="card history" aria-label="Last rounds">
      <div className="card-head">
        <h2>Last rounds</h2>
        <button
          type="button"
          className="link"
          data-testid="check-round"
          disabled={last === undefined}
          onClick={() => last && onCheck(last.roundId)}
        >
          Check the last round
        </button>
      </div>
      <ol className="chips" data-testid="history">
        {newestFirst.map((entry) => (
          <li key={entry.roundId}>
            <OutcomeChip entry={entry} view={view} onCheck={onCheck} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface OutcomeChipProps {
  entry: HistoryEntry;
  view: GameWords;
  onCheck(roundId: string): void;
}

function OutcomeChip({ entry, view, onCheck }: OutcomeChipProps) {
  const { short, long, tone } = outcomeOf(entry, view);
  return (
    <button
      type="button"
      className="chip"
      data-tone={tone}
      data-round={entry.roundId}
      aria-label={`Check the round that ended at ${long}`}
      onClick={() => onCheck(entry.roundId)}
    >
      {short}
    </button>
  );
}

export function outcomeOf({ outcome }: HistoryEntry, view: GameWords): OutcomeWord {
  try {
    return view.outcome(JSON.parse(outcome) as Record<string, unknown>) ?? VOID;
  } catch {
    return VOID;
  }
}
