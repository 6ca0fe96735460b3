/** A horse at the gallop with its jockey, and the badge of its number. Lengths are in units of about a lane's height. */
import { SILK_SIZE, type Silk, silkOf } from './silks.ts';

/** How far a stride carries, in ten-thousandths of the distance: about two a second. */
export const STRIDE = 175;

export interface Pose {
  /** Where the nose is, and the ground, in CSS pixels. */
  readonly x: number;
  readonly ground: number;
  readonly unit: number;
  /** From 1. */
  readonly runner: number;
  /** Of the gallop, as an angle. */
  readonly stride: number;
  /** 0: stands, 1: gallops. */
  readonly effort: number;
  readonly font: string;
}

/** Coats that stand out from the turf by day and by night, and their manes. */
const COATS = [
  ['#96633a', '#4d2f19'],
  ['#7d4f30', '#2b1a10'],
  ['#b3875a', '#efe0c4'],
  ['#8f8982', '#55504b'],
] as const;
const BOOT = '#efe9dc';
const SKIN = '#d9a57c';
const TAU = 2 * Math.PI;
/** Where the legs begin, when they swing, and whether they are on the far side. */
const LEGS = [
  { hip: -1.5, phase: 0.5, far: true },
  { hip: -0.72, phase: 2.9, far: true },
  { hip: -1.42, phase: 0, far: false },
  { hip: -0.64, phase: 2.3, far: false },
] as const;

const patterns = new Map<string, Path2D>();

export function drawRunner(ctx: CanvasRenderingContext2D, pose: Pose): void {
  const { x, ground, unit, runner, stride, effort } = pose;
  const silk = silkOf(runner);
  const [coat, mane] = COATS[runner % COATS.length] as (typeof COATS)[number];
  ctx.save();
  ctx.translate(x, ground);
  ctx.scale(unit, unit);
  ctx.fillStyle = '#00000026';
  ellipse(ctx, -1, 0.02, 0.8, 0.07, 0);
  // The body rises and falls once a stride.
  ctx.translate(0, -0.05 * effort * (1 + Math.sin(stride)));
  ctx.rotate(0.03 * effort * Math.cos(stride));
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  for (const leg of LEGS) if (leg.far) drawLeg(ctx, leg, stride, effort, mane);
  drawTail(ctx, stride, effort, mane);
  drawBody(ctx, coat, mane);
  for (const leg of LEGS) if (!leg.far) drawLeg(ctx, leg, stride, effort, coat);
  drawJockey(ctx, silk, effort);
  ctx.restore();
  drawCloth(ctx, pose, silk);
}

function drawLeg(
  ctx: CanvasRenderingContext2D,
  { hip, phase }: (typeof LEGS)[number],
  stride: number,
  effort: number,
  colour: string,
): void {
  const swing = stride + phase;
  const reach = Math.cos(swing) * 0.42 * effort;
  const lift = Math.max(0, -Math.sin(swing)) * 0.24 * effort;
  const knee = { x: hip + reach * 0.6 + 0.05, y: -0.32 - lift * 0.5 };
  ctx.strokeStyle = colour;
  ctx.lineWidth = 0.13;
  ctx.beginPath();
  ctx.moveTo(hip, -0.62);
  ctx.lineTo(knee.x, knee.y);
  ctx.stroke();
  ctx.lineWidth = 0.085;
  ctx.beginPath();
  ctx.moveTo(knee.x, knee.y);
  ctx.lineTo(hip + reach - lift * 0.5, -lift);
  ctx.stroke();
}

function drawTail(
  ctx: CanvasRenderingContext2D,
  stride: number,
  effort: number,
  colour: string,
): void {
  const wave = 0.08 * Math.sin(stride) * effort;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 0.12;
  ctx.beginPath();
  ctx.moveTo(-1.66, -0.84);
  // At the gallop it streams, at rest it hangs.
  ctx.quadraticCurveTo(
    -1.86,
    -0.94 * effort - 0.7 * (1 - effort),
    -1.82 - 0.28 * effort,
    -0.3 - 0.48 * effort + wave,
  );
  ctx.stroke();
}

function drawBody(ctx: CanvasRenderingContext2D, coat: string, mane: string): void {
  ctx.fillStyle = coat;
  ellipse(ctx, -1.08, -0.76, 0.56, 0.24, 0);
  ellipse(ctx, -1.44, -0.78, 0.26, 0.25, 0);
  ctx.beginPath();
  ctx.moveTo(-0.86, -0.94);
  ctx.quadraticCurveTo(-0.58, -1.06, -0.42, -1.36);
  ctx.lineTo(-0.2, -1.2);
  ctx.quadraticCurveTo(-0.34, -0.86, -0.54, -0.62);
  ctx.closePath();
  ctx.fill();
  ellipse(ctx, -0.2, -1.2, 0.25, 0.1, 0.55);
  ctx.beginPath();
  ctx.moveTo(-0.42, -1.3);
  ctx.lineTo(-0.36, -1.5);
  ctx.lineTo(-0.28, -1.3);
  ctx.fill();
  ctx.strokeStyle = mane;
  ctx.lineWidth = 0.09;
  ctx.beginPath();
  ctx.moveTo(-0.44, -1.34);
  ctx.quadraticCurveTo(-0.58, -1.1, -0.82, -0.97);
  ctx.stroke();
}

function drawJockey(ctx: CanvasRenderingContext2D, silk: Silk, effort: number): void {
  const lean = 0.12 * effort;
  ctx.strokeStyle = BOOT;
  ctx.lineWidth = 0.11;
  ctx.beginPath();
  ctx.moveTo(-1.12, -1.1);
  ctx.lineTo(-0.86, -0.98);
  ctx.lineTo(-0.98, -0.76);
  ctx.stroke();
  ctx.save();
  ctx.translate(-0.98 + lean * 0.3, -1.26 + lean * 0.3);
  ctx.rotate(-0.75 + lean * 2);
  ctx.beginPath();
  ctx.ellipse(0, 0, 0.3, 0.17, 0, 0, TAU);
  ctx.fillStyle = silk.colour;
  ctx.fill();
  ctx.clip();
  ctx.translate(-0.3, -0.3);
  ctx.scale(0.6 / SILK_SIZE, 0.6 / SILK_SIZE);
  ctx.fillStyle = silk.second;
  ctx.fill(patternOf(silk));
  ctx.restore();
  ctx.strokeStyle = silk.colour;
  ctx.lineWidth = 0.09;
  ctx.beginPath();
  ctx.moveTo(-0.86 + lean, -1.34 + lean);
  ctx.lineTo(-0.58, -1.12);
  ctx.stroke();
  ctx.fillStyle = SKIN;
  ellipse(ctx, -0.68 + lean, -1.54 + lean, 0.09, 0.1, 0);
  ctx.fillStyle = silk.second;
  ctx.beginPath();
  ctx.arc(-0.7 + lean, -1.57 + lean, 0.13, Math.PI * 0.95, Math.PI * 2.05);
  ctx.fill();
}

/** The saddle cloth, with the number upright and sharp whatever the horse does. */
function drawCloth(
  ctx: CanvasRenderingContext2D,
  { x, ground, unit, runner, font, stride, effort }: Pose,
  silk: Silk,
): void {
  const size = Math.max(10, unit * 0.46);
  const rise = 0.05 * effort * (1 + Math.sin(stride)) * unit;
  const left = x - unit * 1.2 - size / 2;
  const top = ground - unit * 0.98 - rise;
  ctx.fillStyle = silk.colour;
  ctx.strokeStyle = '#00000059';
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.roundRect(left, top, size, size, size * 0.2);
  ctx.fill();
  ctx.stroke();
  number(ctx, left + size / 2, top + size / 2, size * 0.9, runner, silk, font);
}

/** A square of the runner's silks with its number on it. */
export function drawBadge(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  runner: number,
  font: string,
): void {
  const silk = silkOf(runner);
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / SILK_SIZE, size / SILK_SIZE);
  ctx.beginPath();
  ctx.roundRect(0, 0, SILK_SIZE, SILK_SIZE, 6);
  ctx.fillStyle = silk.colour;
  ctx.fill();
  ctx.save();
  ctx.clip();
  ctx.fillStyle = silk.second;
  ctx.fill(patternOf(silk));
  ctx.restore();
  ctx.lineWidth = 1.4;
  ctx.strokeStyle = '#00000047';
  ctx.stroke();
  ctx.fillStyle = silk.colour;
  ellipse(ctx, 12, 12, 8.2, 8.2, 0);
  ctx.restore();
  number(ctx, x, y, size * 0.68, runner, silk, font);
}

function number(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  runner: number,
  silk: Silk,
  font: string,
): void {
  ctx.fillStyle = silk.ink;
  ctx.font = `750 ${Math.round(size)}px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(String(runner), x, y + size * 0.06);
}

function patternOf({ pattern }: Silk): Path2D {
  const known = patterns.get(pattern) ?? new Path2D(pattern);
  patterns.set(pattern, known);
  return known;
}

function ellipse(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  rx: number,
  ry: number,
  angle: number,
): void {
  ctx.beginPath();
  ctx.ellipse(x, y, rx, ry, angle, 0, TAU);
  ctx.fill();
}
