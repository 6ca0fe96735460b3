/**
 * The colours of the runners: those of saddle cloths on many racecourses. Nobody has to tell them apart by colour: each
 * has its number, and a pattern of its own.
 */

export interface Silk {
  readonly colour: string;
  /** Of the pattern. */
  readonly second: string;
  /** Of the number on `colour`. */
  readonly ink: string;
  /** SVG path data in a square of 24 by 24; the same path is drawn on the canvas. */
  readonly pattern: string;
}

export const SILK_SIZE = 24;

const WHITE = '#ffffff';
const BLACK = '#15191b';

const SILKS: readonly Silk[] = [
  { colour: '#c5352a', second: '#ffffff', ink: WHITE, pattern: '' },
  {
    colour: '#f4f2ea',
    second: '#6c7d86',
    ink: BLACK,
    pattern: 'M0 0H4V24H0ZM8 0H12V24H8ZM16 0H20V24H16Z',
  },
  {
    colour: '#285fae',
    second: '#c3d9f5',
    ink: WHITE,
    pattern: 'M0 2H24V6H0ZM0 10H24V14H0ZM0 18H24V22H0Z',
  },
  {
    colour: '#eac033',
    second: '#86620a',
    ink: BLACK,
    pattern:
      'M4 1l3 3-3 3-3-3ZM20 1l3 3-3 3-3-3ZM4 17l3 3-3 3-3-3ZM20 17l3 3-3 3-3-3ZM12 9l3 3-3 3-3-3Z',
  },
  { colour: '#2c7a47', second: '#cfeebb', ink: WHITE, pattern: 'M0 18 18 0H24V6L6 24H0Z' },
  { colour: '#24292c', second: '#e9c64a', ink: '#f2d46a', pattern: 'M0 0 12 10 24 0V7L12 17 0 7Z' },
  { colour: '#e57a2d', second: '#64310a', ink: BLACK, pattern: 'M0 0H12V12H0ZM12 12H24V24H12Z' },
  {
    colour: '#eaa3c0',
    second: '#84345b',
    ink: BLACK,
    pattern: 'M0 0H5L12 7 19 0H24V5L17 12 24 19V24H19L12 17 5 24H0V19L7 12 0 5Z',
  },
];

/** Of a runner from 1. */
export function silkOf(runner: number): Silk {
  return SILKS[(runner - 1) % SILKS.length] as Silk;
}
