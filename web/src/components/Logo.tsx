/** A roundhouse from above: the turntable, the tracks around it, and the one that the bridge points to. */
export function Logo({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" className="logo" aria-hidden="true">
      <g fill="none" strokeWidth="2.6" strokeLinecap="round">
        <circle className="logo-ring" cx="16" cy="16" r="7.4" />
        <path
          className="logo-ring"
          d="M16 2.4v3.4M25.6 6.4l-2.4 2.4M29.6 16h-3.4M2.4 16h3.4M6.4 25.6l2.4-2.4M16 29.6v-3.4"
        />
        <path className="logo-bridge" d="M11.2 11.2 28 28" />
      </g>
    </svg>
  );
}
