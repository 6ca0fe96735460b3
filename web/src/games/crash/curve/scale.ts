/** Where a moment and a multiplier lie on the canvas, and which lines the axes show. Pure. */

/** Growth of the multiplier per ms (SPEC F4): e^(GROWTH t). */
const GROWTH = 0.00006;

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Scale {
  x(elapsedMs: number): number;
  y(multiplier: number): number;
  readonly untilMs: number;
  readonly untilMultiplier: number;
}

/** The least that is shown, and how much room stays beyond the tip of the curve. */
const LEAST_MS = 9000;
const LEAST_MULTIPLIER = 2;
const ROOM_BESIDE = 1.12;
const ROOM_ABOVE = 1.3;

export function multiplierAt(elapsedMs: number): number {
  return Math.exp(GROWTH * Math.max(0, elapsedMs));
}

/** When the multiplier (in hundredths) is reached, in ms after lock. */
export function elapsedAt(hundredths: number): number {
  return Math.log(Math.max(100, hundredths) / 100) / GROWTH;
}

export function scaleFor(elapsedMs: number, frame: Frame): Scale {
  const untilMs = Math.max(LEAST_MS, elapsedMs * ROOM_BESIDE);
  const rise = (multiplierAt(elapsedMs) - 1) * ROOM_ABOVE;
  const untilMultiplier = Math.max(LEAST_MULTIPLIER, 1 + rise);
  const plotWidth = frame.width - frame.left - frame.right;
  const plotHeight = frame.height - frame.top - frame.bottom;
  return {
    untilMs,
    untilMultiplier,
    x: (ms) => frame.left + (ms / untilMs) * plotWidth,
    y: (m) => frame.height - frame.bottom - ((m - 1) / (untilMultiplier - 1)) * plotHeight,
  };
}

/** Round steps (1, 2, 5 times a power of ten) so that at most `most` lines lie in (0, until]. */
export function stepFor(until: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(until / most));
  const factor = [1, 2, 5, 10].find((f) => until / (f * power) <= most) ?? 10;
  return factor * power;
}
