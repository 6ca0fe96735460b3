/** The player's bets on all games, as the ledger has them, page by page. */
import { useEffect, useEffectEvent, useState } from 'react';
import type { Bet } from '../../../src/protocol.ts';
import { getBets } from '../api.ts';
import { inWords } from '../failure.ts';
import { tableViewOf } from '../games/index.ts';
import type { GameWords } from '../games/words.ts';
import { resultText } from '../words.ts';
import { Amount } from './Amount.tsx';

const PAGE = 20;

type Reading =
  | { status: 'reading' }
  | { status: 'failed'; text: string }
  | { status: 'read'; next: string | null };

type OnCheck = (roundId: string, game: GameWords) => void;

export function OwnBets({ onCheck }: { onCheck: OnCheck }) {
  const [shown, setShown] = useState<readonly Bet[]>([]);
  const [reading, setReading] = useState<Reading>({ status: 'reading' });

  function read(cursor: string | null, left: () => boolean = () => false): void {
    setReading({ status: 'reading' });
    getBets(PAGE, cursor).then(
      ({ items, nextCursor }) => {
        if (left()) return;
        setShown((before) => (cursor === null ? items : [...before, ...items]));
        setReading({ status: 'read', next: nextCursor });
      },
      (error) => left() || setReading({ status: 'failed', text: inWords(error) }),
    );
  }
  const onStart = useEffectEvent(read);
  useEffect(() => {
    let gone = false;
    onStart(null, () => gone);
    return () => {
      gone = true;
    };
  }, []);

  return (
    <>
      <table className="rows rows-history" data-testid="own-bets">
        <thead>
          <tr>
            <th scope="col">Bet</th>
            <th scope="col">Stake</th>
            <th scope="col">Result</th>
            <th scope="col">Paid</th>
            <th scope="col">
              <span className="visually-hidden">Check</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((bet) => (
            <Row key={bet.betId} bet={bet} onCheck={onCheck} />
          ))}
        </tbody>
      </table>
      <p className="rows-empty soft" role="status">
        {statusText(reading, shown.length)}
      </p>
      {reading.status === 'read' && reading.next !== null && (
        <button type="button" className="button button-plain" onClick={() => read(reading.next)}>
          Show earlier bets
        </button>
      )}
    </>
  );
}

function statusText(reading: Reading, shown: number): string {
  if (reading.status === 'reading') return 'Reading the books.';
  if (reading.status === 'failed') return reading.text;
  return shown === 0 ? 'No bets yet.' : '';
}

function Row({ bet, onCheck }: { bet: Bet; onCheck: OnCheck }) {
  const view = tableViewOf(bet.game);
  const text = view.name === bet.game ? view.betText?.(bet) : undefined;
  return (
    <tr data-status={bet.status}>
      <td>
        <span className="one-line">
          {view.name === bet.game ? view.title : bet.game}
          {text !== undefined && `: ${text}`}
        </span>
        <span className="one-line rows-when soft">{when(bet.createdAt)}</span>
      </td>
      <td>
        <Amount value={bet.amount} />
      </td>
      <td className="rows-result">{resultText(bet)}</td>
      <td>{bet.payout !== null && bet.payout > 0 ? <Amount value={bet.payout} /> : ''}</td>
      <td>
        {bet.status !== 'accepted' && bet.status !== 'refunded' && (
          <button type="button" className="link" onClick={() => onCheck(bet.roundId, view)}>
            check
          </button>
        )}
      </td>
    </tr>
  );
}

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });
const when = (time: string) => WHEN.format(new Date(time));
