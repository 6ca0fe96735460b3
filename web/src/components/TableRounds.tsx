/** The last rounds of a table, newest first, with what the player had in them. */
import { bets } from '../bets.ts';
import type { Seat } from '../rooms/seat.ts';
import { useStore } from '../store.ts';
import { Amount } from './Amount.tsx';
import { outcomeOf } from './History.tsx';

interface TableRoundsProps {
  seat: Seat;
  onCheck(roundId: string): void;
}

export function TableRounds({ seat, onCheck }: TableRoundsProps) {
  const rounds = useStore(seat.table.state)?.history ?? [];
  const mine = useStore(bets);
  if (rounds.length === 0) return <p className="rows-empty soft">No round has ended here yet.</p>;
  return (
    <table className="rows rows-history" data-testid="table-rounds">
      <thead>
        <tr>
          <th scope="col">Ended at</th>
          <th scope="col">Your stake</th>
          <th scope="col">Paid to you</th>
          <th scope="col">
            <span className="visually-hidden">Check</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rounds.toReversed().map((entry) => {
          const own = mine.filter(({ roundId }) => roundId === entry.roundId);
          const { long, tone } = outcomeOf(entry, seat.view);
          return (
            <tr key={entry.roundId} data-round={entry.roundId}>
              <td>
                <span className="outcome" data-tone={tone}>
                  {long}
                </span>
              </td>
              <td>{own.length > 0 && <Amount value={total(own.map((bet) => bet.amount))} />}</td>
              <td>
                {own.length > 0 && <Amount value={total(own.map((bet) => bet.payout ?? 0))} />}
              </td>
              <td>
                <button type="button" className="link" onClick={() => onCheck(entry.roundId)}>
                  check this round
                </button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const total = (figures: readonly number[]) => figures.reduce((sum, figure) => sum + figure, 0);
