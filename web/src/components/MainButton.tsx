/** The one big button. It says what it will do; while a bet runs, also what cashing out would be worth. */
import { useRef } from 'react';
import type { Bet } from '../../../src/protocol.ts';
import type { MainAction } from '../main-action.ts';
import { momentOf } from '../moment.ts';
import { estimatedPayout } from '../money.ts';
import type { CrashTable } from '../rooms/crash.ts';
import { useTicker } from '../ticker.ts';

interface MainButtonProps {
  action: MainAction;
  open: readonly Bet[];
  table: CrashTable;
}

export function MainButton({ action, open, table }: MainButtonProps) {
  const value = useRef<HTMLSpanElement>(null);
  const cashingOut = action.kind === 'cashout';

  useTicker(cashingOut, () => {
    const state = table.state.get();
    if (value.current === null || state === null) return;
    const { hundredths } = momentOf(state, table.clock());
    const worth = open.reduce((sum, bet) => sum + estimatedPayout(bet.amount, hundredths), 0);
    const text = `about ${worth} now`;
    if (value.current.textContent !== text) value.current.textContent = text;
  });

  return (
    <button
      type="submit"
      className="main-button"
      data-testid="main-button"
      data-action={action.kind}
      aria-disabled={action.kind === 'wait'}
    >
      <span className="main-button-label">{action.label}</span>
      {cashingOut ? (
        <span key="value" className="main-button-detail" ref={value} aria-hidden="true" />
      ) : (
        <span key="detail" className="main-button-detail">
          {action.detail}
        </span>
      )}
    </button>
  );
}
