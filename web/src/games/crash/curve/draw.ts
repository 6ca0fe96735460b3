/** Draws one picture of a round: axes, the curve so far, and where players went out. */
import type { PaletteOf } from '../../../canvas.ts';
import { elapsedAt, type Frame, multiplierAt, type Scale, scaleFor, stepFor } from './scale.ts';

/** Each is #rrggbb, so that it can be faded by two more digits. */
export const COLOURS = {
  line: '--line',
  soft: '--soft',
  curve: '--accent',
  crash: '--rust',
  mine: '--brass-fill',
  card: '--card',
} as const;
type Palette = PaletteOf<typeof COLOURS>;

export interface Mark {
  /** In hundredths. */
  readonly multiplier: number;
  readonly mine: boolean;
}

export interface Scene {
  /** Null before the round runs. */
  readonly elapsedMs: number | null;
  readonly crashed: boolean;
  readonly marks: readonly Mark[];
}

const POINTS = 96;
const TAU = 2 * Math.PI;

export function drawScene(
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  palette: Palette,
  scene: Scene,
): void {
  const frame: Frame = { ...size, left: 14, right: 46, top: 14, bottom: 26 };
  const elapsed = scene.elapsedMs ?? 0;
  const scale = scaleFor(elapsed, frame);
  ctx.clearRect(0, 0, size.width, size.height);
  drawAxes(ctx, frame, scale, palette);
  if (scene.elapsedMs === null) {
    drawPath(ctx, scale, scale.untilMs);
    ctx.setLineDash([2, 7]);
    ctx.lineWidth = 2;
    ctx.strokeStyle = palette.line;
    ctx.stroke();
    ctx.setLineDash([]);
    return;
  }
  const colour = scene.crashed ? palette.crash : palette.curve;
  drawCurve(ctx, frame, scale, elapsed, colour);
  for (const mark of scene.marks) drawMark(ctx, scale, mark, elapsed, palette);
  drawTip(ctx, scale, elapsed, scene.crashed, colour);
}

function drawAxes(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  scale: Scale,
  palette: Palette,
): void {
  const right = frame.width - frame.right;
  ctx.font = `500 11px ${palette.font}`;
  ctx.fillStyle = palette.soft;
  ctx.lineWidth = 1;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  // Lines grow out of nothing from the left, where the words stand.
  const fade = ctx.createLinearGradient(frame.left, 0, right, 0);
  fade.addColorStop(0.3, `${palette.line}00`);
  fade.addColorStop(0.85, palette.line);
  const rise = scale.untilMultiplier - 1;
  const stepUp = stepFor(rise, 5);
  for (let i = 0; i * stepUp <= rise * 1.0001; i += 1) {
    const value = 1 + i * stepUp;
    const y = Math.round(scale.y(value)) + 0.5;
    ctx.strokeStyle = i === 0 ? palette.line : fade;
    ctx.beginPath();
    ctx.moveTo(frame.left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    ctx.fillText(axisText(value, stepUp), right + 8, y);
  }
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  const seconds = scale.untilMs / 1000;
  const stepOn = Math.max(1, stepFor(seconds, Math.max(2, Math.floor(frame.width / 65))));
  for (let s = stepOn; s < seconds; s += stepOn) {
    ctx.fillText(`${s} s`, scale.x(s * 1000), frame.height - 8);
  }
}

function axisText(value: number, step: number): string {
  return `${step < 1 ? value.toFixed(1) : String(Math.round(value))}x`;
}

/** The curve from lock to `untilMs`, as the current path. */
function drawPath(ctx: CanvasRenderingContext2D, scale: Scale, untilMs: number): void {
  ctx.beginPath();
  ctx.moveTo(scale.x(0), scale.y(1));
  for (let i = 1; i <= POINTS; i += 1) {
    const ms = (untilMs * i) / POINTS;
    ctx.lineTo(scale.x(ms), scale.y(multiplierAt(ms)));
  }
}

function drawCurve(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  scale: Scale,
  elapsed: number,
  colour: string,
): void {
  drawPath(ctx, scale, elapsed);
  ctx.lineWidth = 3.5;
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.lineTo(scale.x(elapsed), scale.y(1));
  ctx.closePath();
  const fill = ctx.createLinearGradient(0, frame.top, 0, frame.height - frame.bottom);
  fill.addColorStop(0, colour);
  fill.addColorStop(1, `${colour}00`);
  ctx.globalAlpha = 0.2;
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function drawMark(
  ctx: CanvasRenderingContext2D,
  scale: Scale,
  mark: Mark,
  elapsed: number,
  palette: Palette,
): void {
  const ms = elapsedAt(mark.multiplier);
  if (ms > elapsed) return;
  ctx.beginPath();
  ctx.arc(scale.x(ms), scale.y(multiplierAt(ms)), mark.mine ? 6 : 3.5, 0, TAU);
  ctx.fillStyle = mark.mine ? palette.mine : palette.card;
  ctx.strokeStyle = mark.mine ? palette.card : palette.curve;
  ctx.lineWidth = mark.mine ? 2.5 : 2;
  ctx.fill();
  ctx.stroke();
}

function drawTip(
  ctx: CanvasRenderingContext2D,
  scale: Scale,
  elapsed: number,
  crashed: boolean,
  colour: string,
): void {
  const x = scale.x(elapsed);
  const y = scale.y(multiplierAt(elapsed));
  ctx.fillStyle = colour;
  ctx.strokeStyle = colour;
  if (!crashed) {
    ctx.globalAlpha = 0.22;
    ctx.beginPath();
    ctx.arc(x, y, 12, 0, TAU);
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.arc(x, y, 5.5, 0, TAU);
    ctx.fill();
    return;
  }
  ctx.lineWidth = 3;
  ctx.beginPath();
  for (const [dx, dy] of [
    [-1, -1],
    [1, -1],
  ] as const) {
    ctx.moveTo(x - 7 * dx, y - 7 * dy);
    ctx.lineTo(x + 7 * dx, y + 7 * dy);
  }
  ctx.stroke();
}
