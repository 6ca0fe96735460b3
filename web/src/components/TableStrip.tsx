/** The lobby in one line: the table you are at, a few others, and the way to all of them. */
import { useState } from 'react';
import type { Lobby, TableListing } from '../rooms/lobby.ts';
import { useStore } from '../store.ts';
import { Icon } from './Icon.tsx';
import { TablesDialog } from './TablesDialog.tsx';

interface TableStripProps {
  lobby: Lobby;
  tableName: string;
  onOpenTable(name: string): void;
}

const TABLES_IN_STRIP = 4;

export function TableStrip({ lobby, tableName, onOpenTable }: TableStripProps) {
  const [open, setOpen] = useState(false);
  const tables = useStore(lobby.tables);
  const here = tables.find(({ table }) => table === tableName);
  const others = tables.filter(({ table }) => table !== tableName).slice(0, TABLES_IN_STRIP - 1);
  return (
    <nav className="strip" aria-label="Tables">
      <button
        type="button"
        className="button button-plain strip-all"
        data-testid="tables-button"
        onClick={() => setOpen(true)}
      >
        <Icon name="tables" size={16} />
        Tables
      </button>
      <span className="strip-table" aria-current="true">
        <span className="one-line">{tableName}</span>
        <span className="soft">{here?.players ?? ''}</span>
      </span>
      {others.map((listing) => (
        <TableButton key={listing.roomId} listing={listing} onOpen={onOpenTable} />
      ))}
      {open && (
        <TablesDialog
          tables={tables}
          tableName={tableName}
          onOpen={(name) => {
            onOpenTable(name);
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </nav>
  );
}

interface TableButtonProps {
  listing: TableListing;
  onOpen(name: string): void;
}

function TableButton({ listing: { table, players }, onOpen }: TableButtonProps) {
  return (
    <button type="button" className="strip-table strip-other" onClick={() => onOpen(table)}>
      <span className="one-line">{table}</span>
      <span className="soft">{players}</span>
    </button>
  );
}
