/** Register or sign in. A guest who registers keeps the balance and the bets. */
import { type FormEvent, useId, useState } from 'react';
import { register, signIn } from '../account/session.ts';
import { inWords, toFailure } from '../failure.ts';

const LEAST_PASSWORD = 8;

export type AccountFormKind = 'register' | 'signIn';

export function AccountForm({ kind, onDone }: { kind: AccountFormKind; onDone?: () => void }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const errorId = useId();
  const registering = kind === 'register';

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setBusy(true);
    setError('');
    try {
      if (registering) await register(text('email').trim(), text('password'), text('name').trim());
      else await signIn(text('email').trim(), text('password'));
      onDone?.();
    } catch (failure) {
      setError(words(failure));
      setBusy(false);
    }
  }

  return (
    <form className="form" onSubmit={submit} aria-describedby={errorId}>
      {registering && (
        <Field label="Name at the tables (optional)">
          <input
            className="input"
            name="name"
            autoComplete="nickname"
            pattern="[A-Za-z0-9_\-]{3,32}"
            title="3 to 32 letters, digits, _ or -"
            maxLength={32}
          />
        </Field>
      )}
      <Field label="E-mail">
        <input
          className="input"
          name="email"
          type="email"
          autoComplete={registering ? 'email' : 'username'}
          maxLength={254}
          required
        />
      </Field>
      <Field label={registering ? `Password (${LEAST_PASSWORD} characters or more)` : 'Password'}>
        <input
          className="input"
          name="password"
          type="password"
          autoComplete={registering ? 'new-password' : 'current-password'}
          minLength={registering ? LEAST_PASSWORD : 1}
          maxLength={200}
          required
        />
      </Field>
      <button type="submit" className="button button-primary" disabled={busy}>
        {registering ? 'Register' : 'Sign in'}
      </button>
      <p className="form-error" id={errorId} role="alert">
        {error}
      </p>
    </form>
  );
}

function Field({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="field">
      <span className="field-label">{label}</span>
      {children}
    </label>
  );
}

/** Here UNAUTHENTICATED does not mean "signed out", and what is taken is worth the server's own words. */
function words(error: unknown): string {
  const failure = toFailure(error);
  if (failure.code === 'UNAUTHENTICATED') return 'This e-mail and password do not fit together.';
  if (failure.code === 'CONFLICT' || failure.code === 'RATE_LIMITED') return failure.message;
  return inWords(failure);
}
