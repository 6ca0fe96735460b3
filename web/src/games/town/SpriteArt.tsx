/** The drawing of a building: on the map, and as a picture of its own. */
import { memo } from 'react';
import { type FittedSprite, spriteOf } from './art/sprites.ts';
import { groundPath, project, RISE, round } from './iso.ts';

interface SpriteProps {
  building: string;
  level: number;
  width: number;
  height: number;
}

/** What stands still of it. Its first cell's back corner is at the origin. */
export const SpriteArt = memo(function SpriteArt({ building, level, ...size }: SpriteProps) {
  const fitted = spriteOf(building, level, size);
  return (
    <g className="town-art" transform={transformOf(fitted)}>
      {fitted.sprite.parts.map(({ m, f, d }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a drawing does not change, and paints its parts in this order
        <path key={index} data-m={m} data-f={f} d={d} />
      ))}
    </g>
  );
});

/** What moves while it works: sails turn, smoke rises. Apart, so that the rest has edges that stay. */
export const SpriteMotion = memo(function SpriteMotion({
  building,
  level,
  busy,
  ...size
}: SpriteProps & { busy: boolean }) {
  const fitted = spriteOf(building, level, size);
  const { smoke, sails } = fitted.sprite;
  if (sails === undefined && (!busy || smoke.length === 0)) return null;
  return (
    <g className="town-art town-motion" data-busy={busy} transform={transformOf(fitted)}>
      {sails !== undefined && <Sails {...sails} />}
      {busy &&
        smoke.map(({ x, y }) => (
          <g
            key={`${x} ${y}`}
            className="town-smoke"
            transform={`translate(${round(x)} ${round(y)})`}
          >
            <circle r="4" />
            <circle r="4" />
            <circle r="4" />
          </g>
        ))}
    </g>
  );
});

/** Four of them, on a wall that faces left. */
function Sails({ at, length }: { at: { x: number; y: number }; length: number }) {
  return (
    <g transform={`matrix(0.9 0.45 0 1 ${round(at.x)} ${round(at.y)})`}>
      <g className="town-sails">
        {[0, 90, 180, 270].map((angle) => (
          <g key={angle} transform={`rotate(${angle})`}>
            <path data-m="timber" data-f="2" d={`M-0.9 0H0.9V${-length}H-0.9Z`} />
            <path data-m="cotton" data-f="0" d={`M0.9 -6H7.5V${-length}H0.9Z`} />
          </g>
        ))}
        <circle r="2.6" className="town-hub" />
      </g>
    </g>
  );
}

function transformOf({ scale, dx, dy }: FittedSprite): string | undefined {
  if (scale === 1 && dx === 0 && dy === 0) return undefined;
  const { x, y } = project(dx, dy);
  return `translate(${round(x)} ${round(y)}) scale(${round(scale)})`;
}

/** Height above its place that a portrait has room for, in cells. */
const HEADROOM = 1;

export function Portrait({ building, level, width, height }: SpriteProps) {
  const [left, right] = [project(0, height).x, project(width, 0).x];
  const bottom = project(width, height).y;
  const top = -HEADROOM * RISE * (0.6 + 0.2 * Math.max(width, height));
  const margin = 4;
  return (
    <svg
      className="town-portrait"
      viewBox={`${left - margin} ${top} ${right - left + 2 * margin} ${bottom - top + margin}`}
      aria-hidden="true"
    >
      <path className="town-lot" d={groundPath({ x: 0, y: 0, width, height }, 0.14)} />
      <SpriteArt building={building} level={level} width={width} height={height} />
      <SpriteMotion building={building} level={level} width={width} height={height} busy={false} />
    </svg>
  );
}
