/** The round on stage: the curve, the multiplier in large, and how long the phase goes on. */
import { useEffect, useRef } from 'react';
import type { CrashState, Phase } from '../../../src/protocol.ts';
import { momentOf } from '../moment.ts';
import { multiplierText } from '../money.ts';
import type { CrashTable } from '../rooms/crash.ts';
import { useStore } from '../store.ts';
import { useTicker } from '../ticker.ts';
import { Curve } from './Curve.tsx';
import { Icon } from './Icon.tsx';

const SEAL_DIGITS = 10;

export function Stage({ table }: { table: CrashTable }) {
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const multiplier = useRef<HTMLParagraphElement>(null);
  const countdown = useRef<HTMLSpanElement>(null);
  const bar = useRef<HTMLSpanElement>(null);

  function show(): void {
    if (state === null) return;
    const moment = momentOf(state, table.clock());
    setText(multiplier.current, multiplierText(moment.hundredths));
    const ms = moment.remainingMs ?? (state.phase === 'running' ? moment.elapsedMs : null);
    setText(countdown.current, ms === null ? '' : `${(ms / 1000).toFixed(1)} s`);
    const length = state.phaseEndsAt - state.phaseStartedAt;
    const left = moment.remainingMs === null ? 0 : moment.remainingMs / length;
    bar.current?.style.setProperty('transform', `scaleX(${Math.min(1, left).toFixed(4)})`);
  }

  useTicker(link.phase === 'live' && state !== null, show);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every new state, also when nothing ticks
  useEffect(show, [state]);

  return (
    <section
      className="card stage"
      aria-label="Round"
      data-phase={state?.phase ?? 'none'}
      data-live={link.phase === 'live'}
    >
      <Curve table={table} />
      <div className="stage-words">
        <p className="stage-multiplier" data-testid="multiplier" ref={multiplier}>
          1.00x
        </p>
        <p className="stage-phase">
          <span data-testid="phase" data-phase={state?.phase ?? 'none'}>
            {phaseText(state)}
          </span>{' '}
          <span className="stage-countdown" data-testid="countdown" ref={countdown} />
        </p>
        <RoundSeal state={state} />
      </div>
      <p className="visually-hidden" role="status">
        {announcement(state)}
      </p>
      <span className="stage-bar" ref={bar} aria-hidden="true" />
    </section>
  );
}

/** Which round this is, and the beginning of the commitment that its end was sealed with. */
function RoundSeal({ state }: { state: CrashState | null }) {
  if (state === null) return null;
  return (
    <p className="stage-round soft">
      <span>Round {state.roundNumber}</span>
      <span className="stage-seal" title={`SHA-256 of this round's seed: ${state.commitment}`}>
        <Icon name="seal" size={13} />
        {state.commitment.slice(0, SEAL_DIGITS)}
      </span>
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

function setText(element: HTMLElement | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
