/** The last rounds, newest first; each can be checked. */
import type { HistoryEntry } from '../../../src/protocol.ts';
import { multiplierText } from '../money.ts';
import type { CrashTable } from '../rooms/crash.ts';
import { useStore } from '../store.ts';

interface HistoryProps {
  table: CrashTable;
  onCheck(roundId: string): void;
}

/** From here on a chip has no room for hundredths. */
const SHORT = 10_000;
const HIGH = 1000;
const FAIR = 200;

export function History({ table, onCheck }: HistoryProps) {
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
            <Chip entry={entry} onCheck={onCheck} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Chip({ entry, onCheck }: { entry: HistoryEntry; onCheck(roundId: string): void }) {
  const point = crashPointOf(entry);
  const text = point === null ? 'void' : multiplierText(point);
  const tone = point === null || point < FAIR ? 'low' : point < HIGH ? 'fair' : 'high';
  return (
    <button
      type="button"
      className="chip"
      data-tone={tone}
      data-round={entry.roundId}
      aria-label={`Check the round that ended at ${text}`}
      onClick={() => onCheck(entry.roundId)}
    >
      {point !== null && point >= SHORT ? `${Math.floor(point / 100)}x` : text}
    </button>
  );
}

function crashPointOf({ outcome }: HistoryEntry): number | null {
  try {
    const { crashPoint } = JSON.parse(outcome) as { crashPoint?: unknown };
    return typeof crashPoint === 'number' ? crashPoint : null;
  } catch {
    return null;
  }
}
