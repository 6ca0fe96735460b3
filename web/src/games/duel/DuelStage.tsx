/** The match on stage: both players with their clocks, and the board. */
import { useState } from 'react';
import type { DuelState } from '../../../../src/protocol.ts';
import { StageFrame } from '../../components/StageFrame.tsx';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { Board } from './Board.tsx';
import type { DuelCommands } from './commands.ts';
import { Plates } from './Plates.tsx';
import type { Situation } from './situation.ts';
import { announcement, phaseText } from './words.ts';

interface DuelStageProps {
  table: Table<DuelState>;
  situation: Situation;
  commands: DuelCommands;
}

const EMPTY = '';

export function DuelStage({ table, situation, commands }: DuelStageProps) {
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const [made, setMade] = useState<{ column: number; on: string } | null>(null);
  const me = situation.kind === 'playing' || situation.kind === 'over' ? situation.me : null;
  const seated = situation.kind === 'waiting' ? situation.me : me;
  const myTurn = situation.kind === 'playing' && state?.turn === me && link.phase === 'live';
  const position = `${state?.roundId} ${state?.board}`;
  // From the click until the board shows it, a move is under way and there is no other.
  const sent = made?.on === position ? made.column : null;

  async function drop(column: number): Promise<void> {
    if (sent !== null) return;
    setMade({ column, on: position });
    if (!(await commands.move(column))) setMade(null);
  }

  return (
    <StageFrame
      table={table}
      phaseText={phaseText(state, me)}
      announcement={announcement(state, me)}
    >
      <div className="duel-table">
        <Plates table={table} state={state} me={seated} />
        <Board
          board={state?.board ?? EMPTY}
          lastColumn={state?.lastColumn ?? -1}
          dropping={myTurn ? me : null}
          sent={myTurn ? sent : null}
          onDrop={(column) => void drop(column)}
        />
      </div>
    </StageFrame>
  );
}
