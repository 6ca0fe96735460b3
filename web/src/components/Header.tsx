/** Where you are, who is here, what you have, who you are. */
import { useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import type { Lobby } from '../rooms/lobby.ts';
import type { Seat } from '../rooms/seat.ts';
import { useStore } from '../store.ts';
import { AccountDialog } from './AccountDialog.tsx';
import { Balance } from './Balance.tsx';
import { GameTabs } from './GameTabs.tsx';
import { Icon } from './Icon.tsx';
import { Logo } from './Logo.tsx';

interface HeaderProps {
  user: User;
  lobby: Lobby;
  /** Null: not at a table. */
  seat: Seat | null;
}

export function Header({ user, lobby, seat }: HeaderProps) {
  const [accountOpen, setAccountOpen] = useState(false);
  const online = useStore(lobby.online);
  return (
    <header className="header">
      <div className="brand">
        <Logo />
        <h1>Roundhouse</h1>
      </div>
      <GameTabs lobby={lobby} seat={seat} />
      <p className="online soft">
        <span className="online-dot" aria-hidden="true" />
        <span data-testid="online-count">{online ?? '-'}</span>
        <span className="online-word">online</span>
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
