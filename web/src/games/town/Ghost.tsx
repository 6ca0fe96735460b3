/** A building where it may come to stand, or is about to. */
import { groundPath, project } from './iso.ts';
import { SpriteArt, SpriteMotion } from './SpriteArt.tsx';

interface GhostProps {
  building: string;
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
  /** `sent`: the server was asked and has not answered. */
  state: 'fits' | 'blocked' | 'sent';
}

export function Ghost({ building, level, x, y, width, height, state }: GhostProps) {
  const at = project(x, y);
  const sprite = { building, level, width, height };
  return (
    <g
      className="town-ghost"
      data-ghost={state}
      data-testid={`ghost-${state}`}
      data-x={x}
      data-y={y}
      transform={`translate(${at.x} ${at.y})`}
    >
      <path className="town-ghost-lot" d={groundPath({ x: 0, y: 0, width, height })} />
      <g className="town-ghost-body">
        <SpriteArt {...sprite} />
        <SpriteMotion {...sprite} busy={false} />
      </g>
    </g>
  );
}
