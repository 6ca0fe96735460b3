/** The name of this table, which is the code to join it by. */
import { useRef, useState } from 'react';

export function ShareCode({ code }: { code: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    input.current?.select();
    // Browsers withhold the clipboard from pages without TLS; the selection can be copied by hand.
    await navigator.clipboard?.writeText(code).then(
      () => setCopied(true),
      () => undefined,
    );
  }

  return (
    <div className="duel-code">
      <label className="field">
        <span className="field-label">Code of this table, for a friend</span>
        <input
          className="input duel-code-text"
          readOnly
          value={code}
          ref={input}
          data-testid="duel-code"
        />
      </label>
      <button type="button" className="button button-plain" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
