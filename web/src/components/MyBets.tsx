/** The player's own last bets, as the ledger has them. */
import type { Bet } from '../../../src/protocol.ts';
import { bets } from '../bets.ts';
import { multiplierText } from '../money.ts';
import { useStore } from '../store.ts';
import { Amount } from './Amount.tsx';

const ROWS_SHOWN = 10;

export function MyBets({ onCheck }: { onCheck(roundId: string): void }) {
  const mine = useStore(bets).slice(0, ROWS_SHOWN);
  return (
    <section className="card my-bets" aria-label="Your last bets">
      <div className="card-head">
        <h2>Your last bets</h2>
      </div>
      <div className="rows-scroll">
        <table className="rows" data-testid="my-bets">
          <thead>
            <tr>
              <th scope="col">Stake</th>
              <th scope="col">Out at</th>
              <th scope="col">Paid</th>
              <th scope="col">
                <span className="visually-hidden">Check</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {mine.map((bet) => (
              <Row key={bet.betId} bet={bet} onCheck={onCheck} />
            ))}
          </tbody>
        </table>
        {mine.length === 0 && <p className="rows-empty soft">None yet.</p>}
      </div>
    </section>
  );
}

const STATUS_TEXT: Record<Bet['status'], string> = {
  accepted: 'open',
  won: 'won',
  cashed: 'cashed',
  lost: 'lost',
  refunded: 'refunded',
};

function Row({ bet, onCheck }: { bet: Bet; onCheck(roundId: string): void }) {
  const { status, multiplier, payout, amount, roundId, betId } = bet;
  const out = status === 'cashed' && multiplier !== null;
  return (
    <tr data-status={status} data-bet={betId}>
      <td>
        <Amount value={amount} />
      </td>
      <td>{out ? multiplierText(multiplier) : STATUS_TEXT[status]}</td>
      <td>{payout !== null && payout > 0 ? <Amount value={payout} /> : ''}</td>
      <td>
        {status !== 'accepted' && status !== 'refunded' && (
          <button type="button" className="link" onClick={() => onCheck(roundId)}>
            check
          </button>
        )}
      </td>
    </tr>
  );
}
