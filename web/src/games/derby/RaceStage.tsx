/** The race on stage: the course, whether bets are taken, and who has won. */
import type { DerbyState } from '../../../../src/protocol.ts';
import { StageFrame } from '../../components/StageFrame.tsx';
import type { Table } from '../../rooms/table.ts';
import { finishIn, officialFinish } from './finish.ts';
import { usePart, useRace } from './follow.ts';
import { RaceCanvas } from './RaceCanvas.tsx';
import { Result } from './Result.tsx';
import { announcement, bettingText, phaseText } from './words.ts';

export function RaceStage({ table }: { table: Table<DerbyState> }) {
  const phase = usePart(table, (state) => state.phase);
  const bettingOpen = usePart(table, (state) => state.bettingOpen) ?? false;
  const official = usePart(table, (state) => officialFinish(state));
  const finish = official === null ? null : finishIn(official);
  const race = useRace(table);
  const betting = bettingText(phase, bettingOpen);
  return (
    <StageFrame
      table={table}
      phaseText={phaseText(phase, finish !== null)}
      announcement={announcement(phase, bettingOpen, finish)}
    >
      <div className="derby-course">
        <RaceCanvas table={table} race={race} finish={finish} />
        {finish !== null && <Result table={table} finish={finish} />}
      </div>
      {betting !== '' && (
        <p className="derby-betting" data-open={bettingOpen} data-testid="betting-open">
          {betting}
        </p>
      )}
    </StageFrame>
  );
}
