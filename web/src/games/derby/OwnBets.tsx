/** The player's bets on this race, with what they would return at the odds of this moment. */
import type { Bet, DerbyState } from '../../../../src/protocol.ts';
import { Amount } from '../../components/Amount.tsx';
import type { Table } from '../../rooms/table.ts';
import { STATUS_TEXT } from '../../words.ts';
import { returnNow, selectionOf } from './bets.ts';
import { useMarket } from './follow.ts';
import type { Market } from './odds.ts';
import { Silk } from './Silk.tsx';

export function OwnBets({ table, placed }: { table: Table<DerbyState>; placed: readonly Bet[] }) {
  const market = useMarket(table);
  if (placed.length === 0) return null;
  const open = placed.some((bet) => bet.status === 'accepted');
  return (
    <div className="own-race">
      <div className="rows-scroll">
        <table className="rows" data-testid="own-race-bets">
          <thead>
            <tr>
              <th scope="col">On this race</th>
              <th scope="col">Stake</th>
              <th scope="col">{open ? 'Returns' : 'Paid'}</th>
            </tr>
          </thead>
          <tbody>
            {placed.map((bet) => (
              <Row key={bet.betId} bet={bet} market={market} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Row({ bet, market }: { bet: Bet; market: Market | null }) {
  const selection = selectionOf(bet);
  if (selection === null) return null;
  return (
    <tr data-status={bet.status}>
      <td>
        <span className="own-race-what">
          <Silk runner={selection.runner} size={20} />
          <span className="visually-hidden">Runner {selection.runner}</span> to {selection.type}
        </span>
      </td>
      <td>
        <Amount value={bet.amount} />
      </td>
      <td>
        <Worth bet={bet} market={market} />
      </td>
    </tr>
  );
}

function Worth({ bet, market }: { bet: Bet; market: Market | null }) {
  if (bet.status === 'accepted') {
    const worth = market === null ? null : returnNow(bet, market);
    return worth === null ? '-' : <Amount value={worth} />;
  }
  if (bet.payout !== null && bet.payout > 0) return <Amount value={bet.payout} />;
  return STATUS_TEXT[bet.status];
}
