/** Who sits where: name, stake and clock of both seats, and whose turn it is. */
import { useEffect, useRef } from 'react';
import type { DuelState } from '../../../../src/protocol.ts';
import { Amount } from '../../components/Amount.tsx';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { clocksAt, clockText, SHORT_MS } from './clocks.ts';
import { DiscIcon } from './Disc.tsx';
import { SEATS } from './situation.ts';
import { DISCS } from './words.ts';

interface PlatesProps {
  table: Table<DuelState>;
  state: DuelState | null;
  me: number | null;
}

const seats = Array.from({ length: SEATS }, (_, seat) => seat);

export function Plates({ table, state, me }: PlatesProps) {
  return (
    <div className="duel-plates">
      {seats.map((seat) => (
        <Plate key={seat} table={table} state={state} seat={seat} mine={seat === me} />
      ))}
    </div>
  );
}

interface PlateProps {
  table: Table<DuelState>;
  state: DuelState | null;
  seat: number;
  mine: boolean;
}

function Plate({ table, state, seat, mine }: PlateProps) {
  const holder = state?.seats[seat];
  const taken = holder !== undefined && holder.player !== '';
  const played = state?.phase === 'running';
  const turn = played && state.turn === seat;
  const gone = taken && played && !holder.connected;
  return (
    <div
      className="duel-plate"
      data-testid={`duel-plate-${seat}`}
      data-turn={turn}
      data-won={state?.phase === 'settled' && state.winner === seat}
    >
      <DiscIcon seat={seat} size={30} />
      <div className="duel-plate-who">
        <p className="one-line duel-plate-name" data-taken={taken}>
          <span className="visually-hidden">{DISCS[seat]}: </span>
          {taken ? holder.player : 'free'}
        </p>
        <p className="one-line duel-plate-note" data-gone={gone}>
          {noteOf(taken, gone, mine)}
          {taken && !gone && <Amount value={holder.stake} />}
        </p>
      </div>
      {taken && state !== null && state.phase !== 'betting' && (
        <Clock table={table} state={state} seat={seat} running={turn} />
      )}
      {turn && <span className="visually-hidden">to move</span>}
    </div>
  );
}

function noteOf(taken: boolean, gone: boolean, mine: boolean): string {
  if (!taken) return 'no stake yet';
  if (gone) return 'offline';
  return mine ? 'you, for ' : 'for ';
}

interface ClockProps {
  table: Table<DuelState>;
  state: DuelState;
  seat: number;
  running: boolean;
}

function Clock({ table, state, seat, running }: ClockProps) {
  const link = useStore(table.link.state);
  const clock = useRef<HTMLSpanElement>(null);

  function show(): void {
    if (clock.current === null) return;
    const ms = clocksAt(state, table.clock().now())[seat] ?? 0;
    const text = clockText(ms);
    if (clock.current.textContent !== text) clock.current.textContent = text;
    clock.current.dataset.short = String(running && ms < SHORT_MS);
  }

  useTicker(running && link.phase === 'live', show);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every new state, also when nothing ticks
  useEffect(show, [state]);
  return (
    <span className="duel-clock" role="timer" data-testid={`duel-clock-${seat}`} ref={clock} />
  );
}
