/** While a bet runs: what cashing out would be worth, for every picture. */
import { useRef } from 'react';
import type { Bet, CrashState } from '../../../../src/protocol.ts';
import { estimatedPayout } from '../../money.ts';
import type { Table } from '../../rooms/table.ts';
import { useTicker } from '../../ticker.ts';
import { momentOf } from './moment.ts';

export function WorthNow({ open, table }: { open: readonly Bet[]; table: Table<CrashState> }) {
  const value = useRef<HTMLSpanElement>(null);

  useTicker(true, () => {
    const state = table.state.get();
    if (value.current === null || state === null) return;
    const { hundredths } = momentOf(state, table.clock());
    const worth = open.reduce((sum, bet) => sum + estimatedPayout(bet.amount, hundredths), 0);
    const text = `about ${worth} now`;
    if (value.current.textContent !== text) value.current.textContent = text;
  });

  return <span className="main-button-detail" ref={value} aria-hidden="true" />;
}
