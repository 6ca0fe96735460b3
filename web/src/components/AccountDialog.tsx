/** Who you are here; for guests the way to keep what they have. */
import { useState } from 'react';
import type { User } from '../../../src/protocol.ts';
import { signOut } from '../account/session.ts';
import { AccountForm } from './AccountForm.tsx';
import { Dialog } from './Dialog.tsx';

export function AccountDialog({ user, onClose }: { user: User; onClose(): void }) {
  const [sure, setSure] = useState(false);
  const guest = user.userType === 'guest';
  return (
    <Dialog title={user.username} onClose={onClose}>
      {guest ? (
        <>
          <p className="dialog-text">
            You play as a guest: your balance is tied to this browser. Register to keep it, with all
            your bets.
          </p>
          <AccountForm kind="register" onDone={onClose} />
        </>
      ) : (
        <p className="dialog-text">Signed in as {user.email ?? user.username}.</p>
      )}
      <div className="dialog-foot">
        {guest && sure ? (
          <>
            <p className="soft">A guest who signs out cannot come back to this balance.</p>
            <button type="button" className="button button-plain" onClick={() => void signOut()}>
              Sign out for good
            </button>
          </>
        ) : (
          <button
            type="button"
            className="button button-plain"
            data-testid="sign-out"
            onClick={() => (guest ? setSure(true) : void signOut())}
          >
            Sign out
          </button>
        )}
      </div>
    </Dialog>
  );
}
