/** A square of a runner's silks with its number: the same badge as on the course. */
import { useId } from 'react';
import { SILK_SIZE, silkOf } from './silks.ts';

export function Silk({ runner, size = 26 }: { runner: number; size?: number }) {
  const clip = useId();
  const { colour, second, ink, pattern } = silkOf(runner);
  return (
    <svg
      className="silk"
      width={size}
      height={size}
      viewBox={`0 0 ${SILK_SIZE} ${SILK_SIZE}`}
      aria-hidden="true"
    >
      <clipPath id={clip}>
        <rect width={SILK_SIZE} height={SILK_SIZE} rx="6" />
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        <rect width={SILK_SIZE} height={SILK_SIZE} fill={colour} />
        <path d={pattern} fill={second} />
        <circle cx="12" cy="12" r="8.2" fill={colour} />
        <rect
          width={SILK_SIZE}
          height={SILK_SIZE}
          rx="6"
          fill="none"
          stroke="#000"
          strokeOpacity="0.28"
          strokeWidth="2"
        />
      </g>
      <text x="12" y="16.8" textAnchor="middle" fontSize="14" fontWeight="750" fill={ink}>
        {runner}
      </text>
    </svg>
  );
}
