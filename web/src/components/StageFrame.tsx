/**
 * The frame of a stage: what a game draws, the words over it, the countdown and its bar, the round's seal, and what is
 * read out to those who do not see it.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import type { RoundState } from '../../../src/protocol.ts';
import { remainingOf } from '../countdown.ts';
import type { Table } from '../rooms/table.ts';
import { useStore } from '../store.ts';
import { useTicker } from '../ticker.ts';
import { Icon } from './Icon.tsx';

interface StageFrameProps {
  table: Table;
  /** E.g. "Bets close in"; the countdown follows it. */
  phaseText: string;
  /** Said aloud when it changes. */
  announcement: string;
  /** Above the words, e.g. the multiplier. */
  headline?: ReactNode;
  /** What the countdown shows, in ms; without it: until the phase ends. Null: nothing. */
  countdownMs?(now: number): number | null;
  children: ReactNode;
}

const SEAL_DIGITS = 10;

export function StageFrame(props: StageFrameProps) {
  const { table, phaseText, announcement, headline, children } = props;
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const countdown = useRef<HTMLSpanElement>(null);
  const bar = useRef<HTMLSpanElement>(null);

  function show(): void {
    if (state === null) return;
    const now = table.clock().now();
    const remainingMs = remainingOf(state, now);
    const ms = props.countdownMs ? props.countdownMs(now) : remainingMs;
    const text = ms === null ? '' : `${(ms / 1000).toFixed(1)} s`;
    if (countdown.current && countdown.current.textContent !== text) {
      countdown.current.textContent = text;
    }
    const left = (remainingMs ?? 0) / (state.phaseEndsAt - state.phaseStartedAt);
    bar.current?.style.setProperty('transform', `scaleX(${Math.min(1, left || 0).toFixed(4)})`);
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
      {children}
      <div className="stage-words">
        {headline}
        <p className="stage-phase">
          <span data-testid="phase" data-phase={state?.phase ?? 'none'}>
            {phaseText}
          </span>{' '}
          <span className="stage-countdown" data-testid="countdown" ref={countdown} />
        </p>
        <RoundSeal state={state} />
      </div>
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
      <span className="stage-bar" ref={bar} aria-hidden="true" />
    </section>
  );
}

/** Which round this is, and the beginning of the commitment that its end was sealed with. */
function RoundSeal({ state }: { state: RoundState | null }) {
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
