/** Ways to another table: an opponent with the same stake, a table of one's own, or one by its code. */
import { type FormEvent, useState } from 'react';
import { openTable, TABLE_NAME } from '../../address.ts';
import { parseAmount } from '../../money.ts';
import { useStore } from '../../store.ts';
import { wallet } from '../../wallet.ts';
import { findOpponent, openPrivateTable } from './wish.ts';

/** `stake` is null while the input is not an amount. */
export function Elsewhere({ stake: wanted }: { stake: number | null }) {
  const balance = useStore(wallet)?.balance ?? 0;
  const stake = wanted !== null && wanted <= balance ? wanted : null;
  return (
    <section className="duel-elsewhere" aria-label="Other tables">
      <div className="duel-buttons">
        <button
          type="button"
          className="button button-plain"
          data-testid="duel-find"
          disabled={stake === null}
          onClick={() => stake !== null && findOpponent(stake)}
        >
          Find an opponent
        </button>
        <button
          type="button"
          className="button button-plain"
          data-testid="duel-private"
          disabled={stake === null}
          onClick={() => stake !== null && openPrivateTable(stake)}
        >
          Private table
        </button>
      </div>
      <JoinByCode />
    </section>
  );
}

function JoinByCode() {
  const [code, setCode] = useState('');
  const [error, setError] = useState('');

  function submit(event: FormEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const table = code.trim().toLowerCase();
    if (TABLE_NAME.test(table)) openTable('duel', table);
    else setError('Letters, digits and hyphens');
  }

  return (
    <form className="duel-code" noValidate onSubmit={submit}>
      <label className="field">
        <span className="field-label">Join a friend by code</span>
        <input
          className="input"
          value={code}
          maxLength={32}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={error !== ''}
          data-testid="duel-code-input"
          onChange={(event) => {
            setCode(event.target.value);
            setError('');
          }}
        />
      </label>
      <button type="submit" className="button button-plain" data-testid="duel-join">
        Join
      </button>
      {error !== '' && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}

const FIRST_STAKE = '50';

/** The same for those who have something to look at here first. */
export function ElsewhereLater() {
  const [text, setText] = useState(FIRST_STAKE);
  const stake = parseAmount(text);
  return (
    <details className="duel-more">
      <summary>Play at another table</summary>
      <label className="field">
        <span className="field-label">Stake</span>
        <input
          className="input"
          inputMode="numeric"
          autoComplete="off"
          maxLength={15}
          value={text}
          aria-invalid={stake === null}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Elsewhere stake={stake} />
    </details>
  );
}
