/** One crash table: the stage, the bet panel, who is in, what was, and what is yours. */
import { useState } from 'react';
import type { Seat } from '../rooms/seat.ts';
import { BetPanel } from './BetPanel.tsx';
import { History } from './History.tsx';
import { LiveBets } from './LiveBets.tsx';
import { MyBets } from './MyBets.tsx';
import { ProofDialog } from './ProofDialog.tsx';
import { ReconnectBanner } from './ReconnectBanner.tsx';
import { Stage } from './Stage.tsx';

export function CrashTable({ seat }: { seat: Seat }) {
  const [checkedRound, setCheckedRound] = useState<string | null>(null);
  const { table } = seat;
  return (
    <main className="table">
      <ReconnectBanner link={table.link} />
      <div className="column">
        <Stage table={table} />
        <History table={table} onCheck={setCheckedRound} />
      </div>
      <div className="column">
        <BetPanel seat={seat} />
        <MyBets onCheck={setCheckedRound} />
      </div>
      <LiveBets table={table} />
      {checkedRound !== null && (
        <ProofDialog
          key={checkedRound}
          roundId={checkedRound}
          seenCommitment={table.commitments.get(checkedRound) ?? null}
          onClose={() => setCheckedRound(null)}
        />
      )}
    </main>
  );
}
