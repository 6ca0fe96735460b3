/** The player's own last bets on this game, as the ledger has them. */
import type { Bet } from '../../../src/protocol.ts';
import { bets } from '../bets.ts';
import type { GameWords } from '../games/words.ts';
import { useStore } from '../store.ts';
import { resultText } from '../words.ts';
import { Amount } from './Amount.tsx';

const ROWS_SHOWN = 10;

interface MyBetsProps {
  view: GameWords;
  onCheck(roundId: string): void;
}

export function MyBets({ view, onCheck }: MyBetsProps) {
  const ofGame = useStore(bets).filter((bet) => bet.game === view.name);
  const mine = ofGame.slice(0, ROWS_SHOWN);
  return (
    <section className="card my-bets" aria-label="Your last bets">
      <div className="card-head">
        <h2>Your last bets</h2>
      </div>
      <div className="rows-scroll">
        <table className="rows" data-testid="my-bets">
          <thead>
            <tr>
              {view.betText && <th scope="col">On</th>}
              <th scope="col">Stake</th>
              <th scope="col">{view.resultHead}</th>
              <th scope="col">Paid</th>
              <th scope="col">
                <span className="visually-hidden">Check</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {mine.map((bet) => (
              <Row key={bet.betId} bet={bet} view={view} onCheck={onCheck} />
            ))}
          </tbody>
        </table>
        {mine.length === 0 && <p className="rows-empty soft">None yet.</p>}
      </div>
    </section>
  );
}

function Row({ bet, view, onCheck }: MyBetsProps & { bet: Bet }) {
  const { status, payout, amount, roundId, betId } = bet;
  const text = view.betText?.(bet);
  return (
    <tr data-status={status} data-bet={betId}>
      {text !== undefined && (
        <td title={text}>
          <span className="one-line">{text}</span>
        </td>
      )}
      <td>
        <Amount value={amount} />
      </td>
      <td className="rows-result">{resultText(bet)}</td>
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
