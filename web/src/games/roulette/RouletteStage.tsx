/** Wheel, number and countdown; the felt lies below. */
import type { ReactNode } from 'react';
import type { RouletteState } from '../../../../src/protocol.ts';
import { StageFrame } from '../../components/StageFrame.tsx';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { colourOf } from './spots.ts';
import { Wheel } from './Wheel.tsx';

interface RouletteStageProps {
  table: Table<RouletteState>;
  children: ReactNode;
}

export function RouletteStage({ table, children }: RouletteStageProps) {
  const state = useStore(table.state);
  const number = state?.phase === 'settled' && state.number >= 0 ? state.number : null;
  return (
    <StageFrame
      table={table}
      phaseText={phaseText(state)}
      announcement={announcement(state)}
      headline={
        <p
          // A new number comes in anew.
          key={number === null ? '' : state?.roundId}
          className="roulette-number"
          data-testid="number"
          data-number={number ?? undefined}
          data-colour={number === null ? undefined : colourOf(number)}
        >
          {number ?? '-'}
        </p>
      }
    >
      <Wheel table={table} />
      {children}
    </StageFrame>
  );
}

function phaseText(state: RouletteState | null): string {
  switch (state?.phase) {
    case undefined:
      return 'Joining the table';
    case 'betting':
      return 'Bets close in';
    case 'running':
      return 'No more bets';
    case 'paused':
      return 'The table is paused';
    default:
      return state && state.number >= 0 ? 'Next round in' : 'Round void. Next round in';
  }
}

function announcement(state: RouletteState | null): string {
  if (state?.phase === 'betting') return 'Bets are open.';
  if (state?.phase === 'running') return 'No more bets, the ball rolls.';
  if (state?.phase !== 'settled') return '';
  return state.number >= 0 ? `${state.number}, ${colourOf(state.number)}.` : 'Round void.';
}
