/** One derby table: the race, the odds, and the panel that bets. */
import type { DerbyState } from '../../../../src/protocol.ts';
import { TableLayout } from '../../components/TableLayout.tsx';
import type { Seat } from '../../rooms/seat.ts';
import { DerbyPanel } from './DerbyPanel.tsx';
import { RaceStage } from './RaceStage.tsx';

export function DerbyTable({ seat }: { seat: Seat<DerbyState> }) {
  return (
    <TableLayout
      seat={seat}
      stage={<RaceStage table={seat.table} />}
      panel={<DerbyPanel seat={seat} />}
    />
  );
}
