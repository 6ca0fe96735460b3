/** The first three of a race, dead heats included, and what they paid. */
import type { DerbyState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { dividendOf, oddsOf, type Dividend as Paid, type Selection } from './bets.ts';
import { type Finish, ordinal, standings } from './finish.ts';
import { useMarket, usePart } from './follow.ts';
import { oddsText, type Pool } from './odds.ts';
import { Silk } from './Silk.tsx';

export function Result({ table, finish }: { table: Table<DerbyState>; finish: Finish }) {
  const market = useMarket(table);
  const roundId = usePart(table, (state) => state.roundId);
  const own = useStore(bets).filter((bet) => bet.roundId === roundId);
  const isBacked = (selection: Selection) => market !== null && oddsOf(market, selection) > 0;
  const pays = (type: Pool, runner: number) =>
    market === null ? null : dividendOf({ type, runner }, finish, market, own);
  return (
    <div className="derby-result" data-testid="derby-result">
      <table>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              Official
            </th>
            <th scope="col">Win</th>
            <th scope="col">Place</th>
          </tr>
        </thead>
        <tbody>
          {standings(finish).map(({ runner, place, deadHeat }) => (
            <tr key={runner} data-place={place}>
              <th scope="row">
                {deadHeat ? '=' : ''}
                {ordinal(place)}
              </th>
              <td>
                <Silk runner={runner} size={22} />
                <span className="visually-hidden">
                  Runner {runner}
                  {deadHeat ? ', dead heat' : ''}
                </span>
              </td>
              <td>
                {place === 1 && (
                  <Dividend
                    dividend={pays('win', runner)}
                    backed={isBacked({ type: 'win', runner })}
                  />
                )}
              </td>
              <td>
                <Dividend
                  dividend={pays('place', runner)}
                  backed={isBacked({ type: 'place', runner })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Two winners share the pool in equal parts; how much that is, only one's own bet tells. */
function Dividend({ dividend, backed }: { dividend: Paid | null; backed: boolean }) {
  if (dividend !== null) return `${oddsText(dividend.pays)}${dividend.least ? '+' : ''}`;
  return backed ? <span className="soft">shared</span> : '-';
}
