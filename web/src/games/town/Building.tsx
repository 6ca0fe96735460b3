/** A building on the map: its lot, its drawing, scaffolds while it is built, and marks of its level. */
import { memo } from 'react';
import { groundPath, pathOf, project, round } from './iso.ts';
import { SpriteArt, SpriteMotion } from './SpriteArt.tsx';
import type { Standing } from './standing.ts';

interface BuildingProps {
  standing: Standing;
  /** Being built or upgraded. */
  waiting: boolean;
  busy: boolean;
  selected: boolean;
  /** Carried to another place at this moment. */
  away: boolean;
  /** The one that the keyboard comes to. */
  tabbable: boolean;
}

/** The lot leaves a seam to its neighbours. */
const SEAM = 0.06;

export const Building = memo(function Building(props: BuildingProps) {
  const { standing, waiting, busy, selected, away, tabbable } = props;
  const { id, building, level, x, y, width, height, kind } = standing;
  const at = project(x, y);
  const lot = { x: SEAM, y: SEAM, width: width - 2 * SEAM, height: height - 2 * SEAM };
  const state = waiting ? ', being built' : '';
  const size = { building, level, width, height };
  return (
    <g
      className="town-place"
      data-building={id}
      data-kind={building}
      data-away={away}
      transform={`translate(${at.x} ${at.y})`}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a drawing */}
      <g
        className="town-building"
        role="button"
        tabIndex={tabbable ? 0 : -1}
        aria-label={`${kind?.title ?? building}, level ${level}${state}, column ${x + 1}, row ${y + 1}`}
        aria-pressed={selected}
        data-testid={`building-${id}`}
        data-level={level}
        data-waiting={waiting}
      >
        <path className="town-lot" d={groundPath(lot, 0.12)} />
        <path
          className="town-outline"
          d={groundPath({ x: 0.02, y: 0.02, width: width - 0.04, height: height - 0.04 }, 0.12)}
        />
        <g className="town-body">
          <SpriteArt {...size} />
        </g>
        {waiting && <Scaffold width={width} height={height} />}
        {level > 1 && <LevelMark level={level} width={width} height={height} />}
      </g>
      <SpriteMotion {...size} busy={busy} />
    </g>
  );
});

const POLE = 0.62;

/** Poles at the corners with boards between them. */
function Scaffold({ width, height }: { width: number; height: number }) {
  const [l, r, t, b] = [0.1, width - 0.1, 0.1, height - 0.1];
  const boards = [0.3, POLE].map((z) =>
    pathOf([l, b, z], [r, b, z], [r, b, z + 0.05], [l, b, z + 0.05]),
  );
  const sides = [0.3, POLE].map((z) =>
    pathOf([r, b, z], [r, t, z], [r, t, z + 0.05], [r, b, z + 0.05]),
  );
  const poles = [
    [l, b],
    [r, b],
    [r, t],
    [(l + r) / 2, b],
    [r, (t + b) / 2],
  ].map(([x = 0, y = 0]) => {
    const [from, to] = [project(x, y), project(x, y, POLE + 0.12)];
    return `M${round(from.x - 1)} ${round(from.y)}h2V${round(to.y)}h-2Z`;
  });
  return (
    <g className="town-scaffold">
      <path d={[...boards, ...sides, ...poles].join('')} />
    </g>
  );
}

const PIPS = 5;
/** From one pip to the next. */
const STEP = 8.5;
const STAR = 'M0-3.9 1.2-1.4 3.9-1 1.9.9 2.4 3.6 0 2.3-2.4 3.6-1.9.9-3.9-1-1.2-1.4Z';

/** So many pips as levels above the first, at the corner towards the beholder. */
function LevelMark({ level, width, height }: { level: number; width: number; height: number }) {
  const corner = project(width - 0.16, height - 0.16);
  const pips = Math.min(PIPS, level - 1);
  const wide = pips * STEP + 5;
  return (
    <g className="town-level" transform={`translate(${round(corner.x)} ${round(corner.y)})`}>
      <rect x={-wide / 2} y={-6} width={wide} height={12} rx={6} />
      {Array.from({ length: pips }, (_, pip) => (pip - (pips - 1) / 2) * STEP).map((x) => (
        <path key={x} transform={`translate(${x} -0.2)`} d={STAR} />
      ))}
    </g>
  );
}
