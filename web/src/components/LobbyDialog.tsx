/** All games with their open tables, and a form for one more: a table opens when its first player comes. */
import { type FormEvent, useState } from 'react';
import { openTable, place, TABLE_NAME } from '../address.ts';
import type { GameWords } from '../games/words.ts';
import { useOfferedTables } from '../offered.ts';
import type { Lobby, TableListing } from '../rooms/lobby.ts';
import { useStore } from '../store.ts';
import { Dialog } from './Dialog.tsx';

const count = (figure: number, one: string, many: string) =>
  `${figure} ${figure === 1 ? one : many}`;

const seats = (taken: number) =>
  taken === 0 ? 'nobody here' : count(taken, 'seat taken', 'seats taken');

export function LobbyDialog({ lobby, onClose }: { lobby: Lobby; onClose(): void }) {
  const tables = useStore(lobby.tables);
  const online = useStore(lobby.online) ?? 0;
  const offered = useOfferedTables();
  const here = useStore(place);
  const atTable = offered.some(({ name }) => name === here.game);

  function go(game: string, table: string): void {
    openTable(game, table);
    onClose();
  }

  return (
    <Dialog title="Tables" onClose={onClose}>
      <p className="dialog-text">
        {count(online, 'player', 'players')} online, {count(tables.length, 'table', 'tables')} open.
        A new table opens when its first player comes.
      </p>
      <div className="lobby">
        {offered.map((view) => (
          <GameTables
            key={view.name}
            view={view}
            tables={tables.filter(({ game }) => game === view.name)}
            here={here.game === view.name ? here.table : null}
            onOpen={(table) => go(view.name, table)}
          />
        ))}
      </div>
      <NewTable games={offered} game={atTable ? here.game : (offered[0]?.name ?? '')} onOpen={go} />
    </Dialog>
  );
}

interface GameTablesProps {
  view: GameWords;
  tables: readonly TableListing[];
  here: string | null;
  onOpen(table: string): void;
}

function GameTables({ view, tables, here, onOpen }: GameTablesProps) {
  return (
    <section className="lobby-game" aria-label={view.title}>
      <h3>{view.title}</h3>
      <p className="soft">{view.about}</p>
      <ul className="tables">
        {tables.map(({ roomId, table, players }) => (
          <li key={roomId}>
            <button
              type="button"
              className="tables-row"
              aria-current={table === here}
              data-table={`${view.name}/${table}`}
              onClick={() => onOpen(table)}
            >
              <span className="one-line">{table}</span>
              <span className="soft">{table === here ? 'you are here' : seats(players)}</span>
            </button>
          </li>
        ))}
        {tables.length === 0 && <li className="tables-none soft">No open table.</li>}
      </ul>
    </section>
  );
}

interface NewTableProps {
  games: readonly GameWords[];
  game: string;
  onOpen(game: string, table: string): void;
}

function NewTable({ games, game: first, onOpen }: NewTableProps) {
  const [game, setGame] = useState(first);
  const [name, setName] = useState('');
  const [error, setError] = useState('');

  function submit(event: FormEvent): void {
    event.preventDefault();
    const wanted = name.trim().toLowerCase();
    if (TABLE_NAME.test(wanted)) onOpen(game, wanted);
    else setError('1 to 32 letters, digits or hyphens');
  }

  return (
    <form onSubmit={submit} noValidate>
      <div className="tables-new">
        <label className="field">
          <span className="field-label">Game</span>
          <select
            className="input"
            value={game}
            data-testid="game-select"
            onChange={(event) => setGame(event.target.value)}
          >
            {games.map((view) => (
              <option key={view.name} value={view.name}>
                {view.title}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="field-label">Open or join a table by name</span>
          <input
            className="input"
            value={name}
            placeholder="its name"
            maxLength={32}
            autoCapitalize="none"
            aria-invalid={error !== ''}
            data-testid="table-input"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button type="submit" className="button button-primary" data-testid="table-open">
          Open
        </button>
      </div>
      <p className="form-error" role="alert">
        {error}
      </p>
    </form>
  );
}
