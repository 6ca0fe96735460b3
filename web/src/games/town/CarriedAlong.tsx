/** What is dragged beside the map, under the pointer. */
import type { Placing } from './placing.ts';
import { Portrait } from './SpriteArt.tsx';

interface CarriedAlongProps {
  at: { x: number; y: number };
  carried: Placing;
}

export function CarriedAlong({ at, carried }: CarriedAlongProps) {
  const { building, level, place } = carried;
  return (
    <div className="town-carried" style={{ translate: `${at.x}px ${at.y}px` }} aria-hidden="true">
      <Portrait building={building} level={level} width={place.width} height={place.height} />
    </div>
  );
}
