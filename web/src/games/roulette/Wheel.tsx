/**
 * The wheel. It spins while the round runs, because nobody here knows the number; once the server says it, wheel and
 * ball slow down into its pocket. With less motion asked for it stands still, and the ball lies where it fell.
 */
import { memo, useEffect, useRef } from 'react';
import type { RouletteState } from '../../../../src/protocol.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { colourOf } from './spots.ts';
import {
  LANDING_MS,
  landingPose,
  ORDER,
  POCKET_DEGREES,
  type Pose,
  pocketAngle,
  restPose,
  spinPose,
} from './wheel.ts';

/** Of the drawing, whose radius is 100. */
const RIM = 100;
const OUTER = 90;
const INNER = 62;
const BALL_TRACK = 84;
const BALL_POCKET = 57;

interface Motion {
  readonly kind: 'rest' | 'spin' | 'landing';
  readonly from: Pose;
  /** By this machine's clock. */
  readonly since: number;
  readonly number: number;
}

export function Wheel({ table }: { table: Table<RouletteState> }) {
  const state = useStore(table.state);
  const wheel = useRef<SVGSVGElement>(null);
  const ball = useRef<SVGSVGElement>(null);
  const motion = useRef<Motion>({ kind: 'rest', from: restPose(0), since: 0, number: 0 });
  const number = state === null || state.number < 0 ? null : state.number;
  const running = state?.phase === 'running';
  const lastNumber = number ?? lastOf(state);

  function pose(): Pose {
    const { kind, from, since, number: to } = motion.current;
    const elapsed = performance.now() - since;
    if (kind === 'spin') return spinPose(from, elapsed);
    return kind === 'landing' ? landingPose(from, to, elapsed) : from;
  }

  function show(): void {
    const { wheel: turn, ball: place, height } = pose();
    const out = BALL_POCKET + (BALL_TRACK - BALL_POCKET) * height;
    wheel.current?.style.setProperty('transform', `rotate(${turn.toFixed(2)}deg)`);
    ball.current?.style.setProperty('transform', `rotate(${place.toFixed(2)}deg)`);
    ball.current?.firstElementChild?.setAttribute('cy', (-out).toFixed(1));
  }

  useEffect(() => {
    const now = performance.now();
    const from = pose();
    const before = motion.current;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (running && !calm) {
      if (before.kind !== 'spin') motion.current = { kind: 'spin', from, since: now, number: 0 };
    } else if (before.kind === 'spin' && lastNumber !== null) {
      motion.current = { kind: 'landing', from, since: now, number: lastNumber };
    } else if (before.kind !== 'landing' || lastNumber !== before.number) {
      const rest = restPose(lastNumber ?? 0, from.wheel);
      motion.current = { kind: 'rest', from: rest, since: now, number: lastNumber ?? 0 };
    }
    show();
  });

  const settling = state?.phase === 'settled' && number !== null;
  useTicker(running || settling, () => {
    const { kind, since } = motion.current;
    if (kind === 'spin' || (kind === 'landing' && performance.now() - since < LANDING_MS + 100)) {
      show();
    }
  });

  return (
    <div className="wheel" data-running={running} aria-hidden="true">
      <svg ref={wheel} viewBox="-102 -102 204 204" aria-hidden="true">
        <Pockets />
      </svg>
      <svg ref={ball} viewBox="-102 -102 204 204" className="wheel-ball" aria-hidden="true">
        <circle cx="0" cy={-BALL_POCKET} r="4.6" />
      </svg>
    </div>
  );
}

/** The number that the ball lies on between rounds. */
function lastOf(state: RouletteState | null): number | null {
  try {
    const { number } = JSON.parse(state?.history.at(-1)?.outcome ?? '{}') as { number?: unknown };
    return typeof number === 'number' ? number : null;
  } catch {
    return null;
  }
}

const Pockets = memo(function Pockets() {
  return (
    <>
      <circle className="wheel-rim" r={RIM} />
      {ORDER.map((number) => (
        <g key={number} transform={`rotate(${pocketAngle(number).toFixed(3)})`}>
          <path className="wheel-pocket" data-colour={colourOf(number)} d={SECTOR} />
          <text className="wheel-number" y={-77} textAnchor="middle" dominantBaseline="central">
            {number}
          </text>
        </g>
      ))}
      <circle className="wheel-well" r={INNER} />
      <circle className="wheel-hub" r="38" />
      <g className="wheel-cross">
        <path d="M0-34V34M-34 0H34" />
        <circle r="9" />
      </g>
    </>
  );
});

const SECTOR = sector(POCKET_DEGREES / 2);

function sector(half: number): string {
  const at = (radius: number, degrees: number) => {
    const radians = (degrees * Math.PI) / 180;
    return `${(radius * Math.sin(radians)).toFixed(2)} ${(-radius * Math.cos(radians)).toFixed(2)}`;
  };
  const [left, right] = [-half, half];
  return `M${at(OUTER, left)}A${OUTER} ${OUTER} 0 0 1 ${at(OUTER, right)}L${at(INNER, right)}A${INNER} ${INNER} 0 0 0 ${at(INNER, left)}Z`;
}
