/** A disc of a seat. The two differ in colour and in what is embossed on them. */

export const DISC_RADIUS = 43;

export function Disc({ seat, radius = DISC_RADIUS }: { seat: number; radius?: number }) {
  const ring = radius * 0.66;
  const arm = radius * 0.4;
  return (
    <g className="duel-disc" data-seat={seat}>
      <circle className="duel-disc-face" r={radius} />
      <circle className="duel-disc-emboss" r={ring} strokeWidth={radius * 0.09} />
      {seat === 1 && (
        <path
          className="duel-disc-emboss"
          strokeWidth={radius * 0.13}
          d={`M${-arm} 0H${arm}M0 ${-arm}V${arm}`}
        />
      )}
    </g>
  );
}

/** A disc as an icon in a line of text. */
export function DiscIcon({ seat, size = 22 }: { seat: number; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="-24 -24 48 48" aria-hidden="true">
      <Disc seat={seat} radius={22} />
    </svg>
  );
}
