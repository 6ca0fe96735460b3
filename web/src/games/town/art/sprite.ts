/** A building as it is drawn, its first cell's back corner at the origin. */
import type { Point } from '../iso.ts';
import type { Part } from './shapes.ts';

export interface Sprite {
  readonly parts: readonly Part[];
  /** Where smoke rises while it works. */
  readonly smoke: readonly Point[];
  /** Sails that turn while it works: around which point, and how long. */
  readonly sails?: { readonly at: Point; readonly length: number };
}
