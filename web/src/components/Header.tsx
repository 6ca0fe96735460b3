/** Where you are, who is here, what you have, who you are. */
import { useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import type { Lobby } from '../rooms/lobby.ts';
import { useStore } from '../store.ts';
import { AccountDialog } from './AccountDialog.tsx';
import { Balance } from './Balance.tsx';
import { Icon } from './Icon.tsx';
import { Logo } from './Logo.tsx';
import { TableStrip } from './TableStrip.tsx';

interface HeaderProps {
  user: User;
  lobby: Lobby;
  tableName: string;
  onOpenTable(name: string): void;
}

export function Header({ user, lobby, tableName, onOpenTable }: HeaderProps) {
  const [accountOpen, setAccountOpen] = useState(false);
  const online = useStore(lobby.online);
  return (
    <header className="header">
      <div className="brand">
        <Logo />
        <h1>Roundhouse</h1>
      </div>
      <TableStrip lobby={lobby} tableName={tableName} onOpenTable={onOpenTable} />
      <p className="online soft">
        <span className="online-dot" aria-hidden="true" />
        <span data-testid="online-count">{online ?? '-'}</span> online
      </p>
      <Balance />
      <button
        type="button"
        className="button button-plain account-button"
        data-testid="account-button"
        onClick={() => setAccountOpen(true)}
      >
        <Icon name="person" />
        <span className="one-line">{user.username}</span>
      </button>
      {accountOpen && <AccountDialog user={user} onClose={() => setAccountOpen(false)} />}
    </header>
  );
}
