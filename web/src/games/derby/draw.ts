/** Draws one picture of a race: the course that passes by, eight lanes, and who is where. */
import { type Camera, fixedCamera, followingCamera } from './camera.ts';
import { drawScenery, drawTurf } from './course.ts';
import { drawLanes, drawLastBets, drawLine, drawMap } from './marks.ts';
import { drawBadge, drawRunner, STRIDE } from './runner.ts';
import { BELOW, type Layout, LEFT, type Palette, type Scene } from './scene.ts';

const RIGHT = 34;
/** What the lanes leave to the scenery, of the height. */
const SCENERY = 0.24;
const LEAST_SCENERY = 54;
/** Beyond the line they slow down and come to stand: the first this far, in units, and the last not far behind it. */
const RUN_OUT = 2.6;
const LEAST_RUN_OUT = 0.15;
const RUN_OUT_MS = 700;
/** Who is this much later than the first stops at the line. */
const FIELD_MS = 4_000;
const PLACES_SHOWN = 3;
const TAU = 2 * Math.PI;

export function drawRace(
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  palette: Palette,
  scene: Scene,
): void {
  const lanes = scene.progress.length;
  const top = Math.max(LEAST_SCENERY, Math.round(size.height * SCENERY));
  const layout: Layout = { ...size, top, lane: (size.height - top - BELOW) / Math.max(1, lanes) };
  const camera = scene.calm
    ? fixedCamera(size.width, LEFT + layout.lane * 0.6, RIGHT)
    : followingCamera(scene.progress, size.width, LEFT);
  ctx.clearRect(0, 0, size.width, size.height);
  drawScenery(ctx, layout, scene.calm ? 0 : camera.x(0), palette);
  drawTurf(ctx, layout, camera, lanes, palette);
  drawLastBets(ctx, layout, camera, scene.bettingOpen, palette);
  drawLine(ctx, layout, camera, palette);
  scene.progress.forEach((part, index) => {
    if (scene.calm) drawToken(ctx, layout, camera, index, part, palette, scene);
    else drawHorse(ctx, layout, camera, index, part, palette, scene);
  });
  drawLanes(ctx, layout, camera, scene, palette);
  if (!scene.calm) drawMap(ctx, layout, scene, palette);
}

function groundOf(layout: Layout, index: number): number {
  return layout.top + (index + 1) * layout.lane - layout.lane * 0.16;
}

/** How far a runner has run out, from 0 to 1. */
function ranOut(scene: Scene, index: number): number {
  const since = scene.sinceFinish[index] ?? null;
  return since === null ? 0 : 1 - Math.exp(-since / RUN_OUT_MS);
}

/** They come to stand in the order in which they came in. */
function runOutOf({ sinceFinish }: Scene, index: number): number {
  const first = Math.max(...sinceFinish.map((since) => since ?? 0));
  const behind = first - (sinceFinish[index] ?? 0);
  return RUN_OUT * Math.max(LEAST_RUN_OUT, 1 - (Number.isFinite(behind) ? behind : 0) / FIELD_MS);
}

function drawHorse(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  index: number,
  part: number,
  palette: Palette,
  scene: Scene,
): void {
  const out = ranOut(scene, index);
  const unit = layout.lane * 0.92;
  const beyond = out * runOutOf(scene, index) * unit;
  const x = camera.x(part) + beyond;
  if (x < 0) return;
  const ground = groundOf(layout, index);
  const runner = index + 1;
  if (scene.mine.has(runner)) drawMine(ctx, x - unit, ground, unit, palette);
  drawRunner(ctx, {
    x,
    ground,
    unit,
    runner,
    stride: ((part + beyond / camera.scale) / STRIDE) * TAU + runner * 1.7,
    effort: part === 0 ? 0 : 1 - out,
    font: palette.font,
  });
  const place = scene.places[index] ?? null;
  if (place !== null && place <= PLACES_SHOWN) {
    drawPlace(ctx, x + unit * 0.42, ground - unit * 0.55, unit, place, palette);
  }
}

/** With less motion a runner is its badge, on a course that stands still. */
function drawToken(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  index: number,
  part: number,
  palette: Palette,
  scene: Scene,
): void {
  const size = layout.lane * 0.82;
  const y = layout.top + (index + 0.5) * layout.lane;
  const x = camera.x(part);
  if (scene.mine.has(index + 1)) drawMine(ctx, x - size / 2, y + size / 2, size, palette);
  drawBadge(ctx, x - size / 2, y, size, index + 1, palette.font);
  const place = scene.places[index] ?? null;
  if (place !== null && place <= PLACES_SHOWN) {
    drawPlace(ctx, x + size * 0.75, y, size, place, palette);
  }
}

/** A shadow of brass under a runner that the player has bet on. */
function drawMine(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  unit: number,
  palette: Palette,
): void {
  ctx.fillStyle = palette.mine;
  ctx.globalAlpha = 0.75;
  ctx.beginPath();
  ctx.ellipse(x, y, unit * 0.95, unit * 0.13, 0, 0, TAU);
  ctx.fill();
  ctx.globalAlpha = 1;
}

function drawPlace(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  unit: number,
  place: number,
  palette: Palette,
): void {
  const radius = Math.max(8, unit * 0.34);
  ctx.fillStyle = place === 1 ? palette.mine : palette.card;
  ctx.strokeStyle = place === 1 ? palette.mine : palette.soft;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, TAU);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = place === 1 ? palette.onMine : palette.ink;
  ctx.font = `700 ${Math.round(radius * 1.25)}px ${palette.font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(String(place), x, y + 0.5);
}
