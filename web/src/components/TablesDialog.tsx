/** All open tables, and a form for one more: a table opens when its first player comes. */
import { type FormEvent, useState } from 'react';
import type { TableListing } from '../rooms/lobby.ts';
import { TABLE_NAME } from '../table-name.ts';
import { Dialog } from './Dialog.tsx';

interface TablesDialogProps {
  tables: readonly TableListing[];
  tableName: string;
  onOpen(name: string): void;
  onClose(): void;
}

const players = (count: number) => (count === 1 ? '1 seat taken' : `${count} seats taken`);

export function TablesDialog({ tables, tableName, onOpen, onClose }: TablesDialogProps) {
  const [name, setName] = useState('');
  const [error, setError] = useState('');

  function submit(event: FormEvent): void {
    event.preventDefault();
    const wanted = name.trim().toLowerCase();
    if (TABLE_NAME.test(wanted)) onOpen(wanted);
    else setError('1 to 32 letters, digits or hyphens');
  }

  return (
    <Dialog title="Tables" onClose={onClose}>
      <ul className="tables">
        {tables.map(({ roomId, table, players: count }) => (
          <li key={roomId}>
            <button
              type="button"
              className="tables-row"
              aria-current={table === tableName}
              onClick={() => onOpen(table)}
            >
              <span className="one-line">{table}</span>
              <span className="soft">{table === tableName ? 'you are here' : players(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form className="tables-new" onSubmit={submit}>
        <label className="field">
          <span className="field-label">Open a table of your own</span>
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
        <button type="submit" className="button button-primary">
          Open
        </button>
      </form>
      <p className="form-error" role="alert">
        {error}
      </p>
    </Dialog>
  );
}
