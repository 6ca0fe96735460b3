/** Which drawing each kind of building has. A kind that is not known here is a workshop, as large as its place. */
import { farm, henhouse, lumberCamp, pasture } from './fields.ts';
import { bakery, cottage, market, tavern, villa, weavery, workshop } from './homes.ts';
import { clayPit, mine, quarry } from './pits.ts';
import type { Sprite } from './sprite.ts';
import { charcoalBurner, kiln, mill, sawmill, smelter, smithy } from './works.ts';

interface Drawing {
  /** In cells, as it is drawn. */
  readonly width: number;
  readonly height: number;
  draw(level: number): Sprite;
}

const of = (width: number, height: number, draw: Drawing['draw']): Drawing => ({
  width,
  height,
  draw,
});

const WORKSHOP = of(1, 1, workshop);
const DRAWINGS: ReadonlyMap<string, Drawing> = new Map([
  ['cottage', of(1, 1, cottage)],
  ['villa', of(2, 2, villa)],
  ['farm', of(2, 2, farm)],
  ['lumber-camp', of(2, 2, lumberCamp)],
  ['quarry', of(2, 2, quarry)],
  ['clay-pit', of(2, 1, clayPit)],
  ['mine', of(3, 2, mine)],
  ['pasture', of(3, 3, pasture)],
  ['henhouse', of(1, 1, henhouse)],
  ['mill', of(2, 2, mill)],
  ['bakery', of(2, 1, bakery)],
  ['sawmill', of(2, 2, sawmill)],
  ['charcoal-burner', of(1, 1, charcoalBurner)],
  ['kiln', of(1, 1, kiln)],
  ['smelter', of(2, 2, smelter)],
  ['smithy', of(2, 1, smithy)],
  ['weavery', of(2, 1, weavery)],
  ['tavern', of(2, 2, tavern)],
  ['market', of(3, 3, market)],
]);

/** More levels than these look the same. */
const LEVELS_DRAWN = 3;

export interface FittedSprite {
  readonly sprite: Sprite;
  /** To its place: a factor, and how far it is moved, in cells, to stand in the middle. */
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
}

const known = new Map<string, Sprite>();

/** The drawing of a kind, for a place of so many cells, which an admin may have changed. */
export function spriteOf(
  kind: string,
  level: number,
  { width, height }: { width: number; height: number },
): FittedSprite {
  const drawing = DRAWINGS.get(kind) ?? WORKSHOP;
  const drawn = Math.max(1, Math.min(LEVELS_DRAWN, level));
  const name = `${kind} ${drawn}`;
  const sprite = known.get(name) ?? drawing.draw(drawn);
  known.set(name, sprite);
  const scale = Math.min(width / drawing.width, height / drawing.height);
  return {
    sprite,
    scale,
    dx: (width - drawing.width * scale) / 2,
    dy: (height - drawing.height * scale) / 2,
  };
}
