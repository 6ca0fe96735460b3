/** The round on stage: the curve, the multiplier in large, and how long the phase goes on. */
import { useEffect, useRef } from 'react';
import type { CrashState, Phase } from '../../../../src/protocol.ts';
import { StageFrame } from '../../components/StageFrame.tsx';
import { multiplierText } from '../../money.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { Curve } from './Curve.tsx';
import { momentOf } from './moment.ts';

export function Stage({ table }: { table: Table<CrashState> }) {
  const state = useStore(table.state);

  function countdownMs(): number | null {
    if (state === null) return null;
    const { remainingMs, elapsedMs } = momentOf(state, table.clock());
    return remainingMs ?? (state.phase === 'running' ? elapsedMs : null);
  }

  return (
    <StageFrame
      table={table}
      phaseText={phaseText(state)}
      announcement={announcement(state)}
      countdownMs={countdownMs}
      headline={<Multiplier table={table} />}
    >
      <Curve table={table} />
    </StageFrame>
  );
}

function Multiplier({ table }: { table: Table<CrashState> }) {
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const shown = useRef<HTMLParagraphElement>(null);

  function show(): void {
    if (state === null || shown.current === null) return;
    const text = multiplierText(momentOf(state, table.clock()).hundredths);
    if (shown.current.textContent !== text) shown.current.textContent = text;
  }

  useTicker(link.phase === 'live' && state?.phase === 'running', show);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every new state, also when nothing ticks
  useEffect(show, [state]);

  return (
    <p className="stage-multiplier" data-testid="multiplier" ref={shown}>
      1.00x
    </p>
  );
}

const PHASE_TEXT: Record<Exclude<Phase, 'settled'>, string> = {
  betting: 'Bets close in',
  running: 'Running',
  paused: 'The table is paused',
};

function phaseText(state: CrashState | null): string {
  if (state === null) return 'Joining the table';
  if (state.phase !== 'settled') return PHASE_TEXT[state.phase];
  return state.crashPoint > 0 ? 'Crashed. Next round in' : 'Round void. Next round in';
}

/** What those hear who do not see the stage. */
function announcement(state: CrashState | null): string {
  if (state?.phase === 'betting') return 'Bets are open.';
  if (state?.phase === 'running') return 'Bets are closed, the round runs.';
  if (state?.phase !== 'settled') return '';
  return state.crashPoint > 0 ? `Crashed at ${multiplierText(state.crashPoint)}.` : 'Round void.';
}
