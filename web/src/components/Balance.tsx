/** The balance, exactly as the ledger has it. When it moves, the movement is shown beside it for a moment. */
import { useState } from 'react';
import type { Wallet } from '../../../src/protocol.ts';
import { useStore } from '../store.ts';
import { wallet } from '../wallet.ts';
import { Amount } from './Amount.tsx';

export function Balance() {
  const current = useStore(wallet);
  const moved = useMovement(current);
  return (
    <div className="balance">
      <span className="balance-label soft">Balance</span>
      <span className="balance-figure">
        <strong data-testid="balance" data-seq={current?.seq} key={current?.seq}>
          {current === null ? '-' : <Amount value={current.balance} />}
        </strong>
        {moved !== 0 && (
          <span
            key={`moved-${current?.seq}`}
            className={moved > 0 ? 'balance-move balance-up' : 'balance-move'}
            aria-hidden="true"
          >
            <Amount value={moved} sign />
          </span>
        )}
      </span>
    </div>
  );
}

/** The difference to the figure that was shown before. */
function useMovement(current: Wallet | null): number {
  const [shown, setShown] = useState({ wallet: current, moved: 0 });
  if (shown.wallet !== current) {
    const moved = shown.wallet && current ? current.balance - shown.wallet.balance : 0;
    setShown({ wallet: current, moved });
    return moved;
  }
  return shown.moved;
}
