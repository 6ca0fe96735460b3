/** One crash table: the curve, and the panel that bets and cashes out. */
import type { CrashState } from '../../../../src/protocol.ts';
import { TableLayout } from '../../components/TableLayout.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { BetPanel } from './BetPanel.tsx';
import { Stage } from './Stage.tsx';

export function CrashTable({ seat }: { seat: Seat<CrashState> }) {
  return (
    <TableLayout
      seat={seat}
      stage={<Stage table={seat.table} />}
      panel={<BetPanel seat={seat} />}
    />
  );
}
