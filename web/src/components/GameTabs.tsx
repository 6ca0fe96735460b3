/** Which game and table you are at, and the ways to all others: games as tabs, tables and own bets as dialogs. */
import { useState } from 'react';
import { openTable, place } from '../address.ts';
import { useOfferedGames } from '../offered.ts';
import type { Lobby } from '../rooms/lobby.ts';
import type { Seat } from '../rooms/seat.ts';
import { useStore } from '../store.ts';
import { HistoryDialog } from './HistoryDialog.tsx';
import { Icon } from './Icon.tsx';
import { LobbyDialog } from './LobbyDialog.tsx';

interface GameTabsProps {
  lobby: Lobby;
  /** Null: not at a table. */
  seat: Seat | null;
}

export function GameTabs({ lobby, seat }: GameTabsProps) {
  const [open, setOpen] = useState<'lobby' | 'history' | null>(null);
  const { game, table } = useStore(place);
  const offered = useOfferedGames();
  return (
    <nav className="tabs" aria-label="Games and tables">
      <ul className="tabs-games">
        {offered.map(({ name, title }) => (
          <li key={name}>
            <button
              type="button"
              className="tab"
              data-testid={`game-${name}`}
              aria-current={name === game ? 'page' : undefined}
              onClick={() => name !== game && openTable(name)}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button button-plain tabs-button"
        data-testid="tables-button"
        aria-label={
          seat === null ? 'Tables' : `Tables; you are at ${table ?? 'a table that is being found'}`
        }
        onClick={() => setOpen('lobby')}
      >
        <Icon name="tables" size={16} />
        {seat === null ? (
          <span className="tabs-word">Tables</span>
        ) : (
          <span className="one-line tabs-table">{table ?? 'finding'}</span>
        )}
      </button>
      <button
        type="button"
        className="button button-plain tabs-button"
        data-testid="history-button"
        aria-label="History"
        onClick={() => setOpen('history')}
      >
        <Icon name="history" size={16} />
        <span className="tabs-word">History</span>
      </button>
      {open === 'lobby' && <LobbyDialog lobby={lobby} onClose={() => setOpen(null)} />}
      {open === 'history' && <HistoryDialog seat={seat} onClose={() => setOpen(null)} />}
    </nav>
  );
}
