/** A table of any game: its stage and bet panel, who is in, what was, and what is yours. */
import { type ReactNode, useState } from 'react';
import type { Seat } from '../rooms/seat.ts';
import { History } from './History.tsx';
import { LiveBets } from './LiveBets.tsx';
import { MyBets } from './MyBets.tsx';
import { ProofDialog } from './ProofDialog.tsx';
import { ReconnectBanner } from './ReconnectBanner.tsx';

interface TableLayoutProps {
  seat: Seat;
  stage: ReactNode;
  panel: ReactNode;
}

export function TableLayout({ seat, stage, panel }: TableLayoutProps) {
  const [checkedRound, setCheckedRound] = useState<string | null>(null);
  const { table, view } = seat;
  return (
    <main className="table" data-game={view.name}>
      <ReconnectBanner link={table.link} />
      <div className="column">
        {stage}
        <History table={table} view={view} onCheck={setCheckedRound} />
      </div>
      <div className="column">
        {panel}
        <MyBets view={view} onCheck={setCheckedRound} />
      </div>
      <LiveBets table={table} view={view} />
      {checkedRound !== null && (
        <ProofDialog
          key={checkedRound}
          roundId={checkedRound}
          game={view}
          seenCommitment={table.commitments.get(checkedRound) ?? null}
          onClose={() => setCheckedRound(null)}
        />
      )}
    </main>
  );
}
