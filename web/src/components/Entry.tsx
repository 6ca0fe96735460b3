/** The way in: as a guest with one click, or with an account. */
import { useState } from 'react';
import { enterAsGuest } from '../account/session.ts';
import { inWords } from '../failure.ts';
import { AccountForm, type AccountFormKind } from './AccountForm.tsx';
import { Logo } from './Logo.tsx';

export function Entry() {
  const [form, setForm] = useState<AccountFormKind | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  async function enter(): Promise<void> {
    setBusy(true);
    setError('');
    await enterAsGuest().catch((failure) => {
      setError(inWords(failure));
      setBusy(false);
    });
  }

  return (
    <main className="entry">
      <div className="entry-lead">
        <Logo size={52} />
        <h1>Roundhouse</h1>
        <p>
          Crash, roulette, a derby and duels, live and at one table, and a town that goes on while
          you are away. The end of each round is sealed before bets open, and you can check it
          afterwards.
        </p>
      </div>
      <div className="card entry-card">
        <button
          type="button"
          className="button button-primary entry-guest"
          data-testid="guest-button"
          disabled={busy}
          onClick={enter}
        >
          Play as a guest
        </button>
        <p className="soft entry-note">
          Play money, nothing to fill in. Register later and keep it.
        </p>
        <p className="form-error" role="alert">
          {error}
        </p>
        <fieldset className="switch" aria-label="Account">
          <button type="button" aria-pressed={form === 'signIn'} onClick={() => setForm('signIn')}>
            Sign in
          </button>
          <button
            type="button"
            aria-pressed={form === 'register'}
            onClick={() => setForm('register')}
          >
            Register
          </button>
        </fieldset>
        {form !== null && <AccountForm key={form} kind={form} />}
      </div>
    </main>
  );
}
