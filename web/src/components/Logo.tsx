/** A roundhouse from above: the turntable, the tracks around it, and the one that the bridge points to. */
export function Logo({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" className="logo" aria-hidden="true">
      <g fill="none" strokeWidth="2.6" strokeLinecap="round">
        <circle className="logo-ring" cx="16" cy="16" r="7.4" />
        <path
          className="logo-ring"
          d="M16 2.5v3.2M25.5 6.5l-2.2 2.2M29.5 16h-3.2M2.5 16h3.2M6.5 6.5l2.2 2.2"
        />
        <path className="logo-bridge" d="M10.8 21.2 29 29M10.8 21.2l10.4-10.4" />
      </g>
    </svg>
  );
}
