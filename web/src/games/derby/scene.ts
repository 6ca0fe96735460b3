/** What there is to be drawn of a race, in which colours, and where. */
import type { PaletteOf } from '../../canvas.ts';

export const COLOURS = {
  sky: '--derby-sky',
  far: '--derby-far',
  near: '--derby-near',
  turf: '--derby-turf',
  mown: '--derby-mown',
  rail: '--derby-rail',
  ink: '--ink',
  soft: '--soft',
  card: '--card',
  mine: '--brass-fill',
  onMine: '--on-brass',
} as const;
export type Palette = PaletteOf<typeof COLOURS>;

export interface Scene {
  /** By runner, in ten-thousandths of the distance. */
  readonly progress: readonly number[];
  /** By runner, for how many ms it has been at the end; null before. */
  readonly sinceFinish: readonly (number | null)[];
  /** By runner, its place; null while it is not known for certain. */
  readonly places: readonly (number | null)[];
  /** Runners (from 1) that the player has bet on. */
  readonly mine: ReadonlySet<number>;
  readonly bettingOpen: boolean;
  /** Less motion was asked for: the whole course stands still. */
  readonly calm: boolean;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The first lane begins here. */
  readonly top: number;
  readonly lane: number;
}

/** At the left edge, for the numbers of the lanes. */
export const LEFT = 26;
/** What is kept free under the last lane. */
export const BELOW = 6;
