/** The greatest bets of the round, and what became of them. */
import type { Bet, TopBet } from '../../../src/protocol.ts';
import { bets } from '../bets.ts';
import type { GameWords } from '../games/words.ts';
import type { Table } from '../rooms/table.ts';
import { useStore } from '../store.ts';
import { resultText } from '../words.ts';
import { Amount } from './Amount.tsx';

export function LiveBets({ table, view }: { table: Table; view: GameWords }) {
  const state = useStore(table.state);
  const mine = new Set(useStore(bets).map((bet) => bet.betId));
  const top = state?.topBets ?? [];
  return (
    <section className="card live-bets" aria-label="Bets of this round">
      <div className="card-head">
        <h2>In this round</h2>
        <p className="soft live-here">
          <Amount value={state?.players ?? 0} /> at the table
        </p>
      </div>
      <p className="live-sums">
        <strong>
          <Amount value={state?.betCount ?? 0} />
        </strong>{' '}
        {state?.betCount === 1 ? 'bet' : 'bets'}, <Amount value={state?.staked ?? 0} /> staked
      </p>
      <div className="rows-scroll">
        <table className="rows" data-testid="top-bets">
          <thead>
            <tr>
              <th scope="col">Player</th>
              <th scope="col">Stake</th>
              <th scope="col">{view.resultHead}</th>
              <th scope="col">Paid</th>
            </tr>
          </thead>
          <tbody>
            {top.map((bet) => (
              <Row key={bet.betId} bet={bet} mine={mine.has(bet.betId)} />
            ))}
          </tbody>
        </table>
        {top.length === 0 && <p className="rows-empty soft">No bets yet.</p>}
      </div>
    </section>
  );
}

function Row({ bet, mine }: { bet: TopBet; mine: boolean }) {
  const status = bet.status as Bet['status'];
  return (
    <tr data-status={status} data-mine={mine}>
      <td>
        <span className="one-line">{mine ? 'You' : bet.player}</span>
      </td>
      <td>
        <Amount value={bet.amount} />
      </td>
      <td>{status === 'accepted' ? '' : resultText({ status, multiplier: bet.multiplier })}</td>
      <td>{bet.payout > 0 ? <Amount value={bet.payout} /> : ''}</td>
    </tr>
  );
}
