/** Over the buildings: what there is to collect, what is missing, and how long something is still built. */
import { iconOf } from './art/icons.ts';
import { project, RISE, round } from './iso.ts';
import type { Seen } from './standing.ts';
import { countdownText } from './words.ts';

interface SignsProps {
  town: readonly Seen[];
  /** Pixels to a unit of the picture: signs keep their size as long as there is room. */
  scale: number;
}

const LEAST_PX = 19;
const MOST_PX = 30;
/** In pixels at a scale of 1. */
const SIGN_PX = 28;

export function Signs({ town, scale }: SignsProps) {
  const size = Math.min(MOST_PX, Math.max(LEAST_PX, SIGN_PX * scale)) / scale / SIGN_PX;
  return (
    <g className="town-signs">
      {town.map(({ standing, sign, readyIn }) => {
        const { id, x, y, width, height } = standing;
        const middle = project(x + width / 2, y + height / 2);
        const rise = RISE * (0.55 + 0.22 * Math.max(width, height));
        const transform = `translate(${round(middle.x)} ${round(middle.y - rise)}) scale(${round(size)})`;
        if (readyIn > 0) {
          return (
            <g key={id} className="town-timer" transform={transform}>
              <rect x="-25" y="-10" width="50" height="20" rx="10" />
              <text y="4.5">{countdownText(readyIn)}</text>
            </g>
          );
        }
        if (sign === null) return null;
        return (
          <g
            key={id}
            className="town-sign"
            data-sign={id}
            data-kind={sign.kind}
            data-testid={`sign-${id}`}
            transform={transform}
          >
            <g className="town-sign-body">
              <path d="M-4 12 0 18 4 12Z" />
              <circle r="14" />
              <g className="town-art" transform="translate(-9.5 -9.5) scale(0.79)">
                {iconOf(sign.thing).map(([m, f, d]) => (
                  <path key={`${m}${f}${d}`} data-m={m} data-f={f} d={d} />
                ))}
              </g>
              {sign.kind === 'needs' && (
                <g className="town-sign-mark" transform="translate(10 -9)">
                  <circle r="6.5" />
                  <path d="M-.9-3.6H.9L.6.8H-.6ZM-.9 1.800h1.800v1.700H-.9Z" />
                </g>
              )}
            </g>
          </g>
        );
      })}
    </g>
  );
}
