/** What passes by: hills, a hedge, the rails, and turf that is mown in stripes. */
import type { Camera } from './camera.ts';
import { DISTANCE } from './race.ts';
import type { Layout, Palette } from './scene.ts';

/** How fast the layers pass, of the speed of the turf. */
const FAR_SPEED = 0.08;
const NEAR_SPEED = 0.35;
/** Pixels from one hill, and from one tree, to the next. */
const HILL = 190;
const TREE = 74;
/** Each stripe of the turf, in ten-thousandths of the distance. */
const STRIPE = 250;
const RAIL_POST = 46;
const QUARTERS = [0.25, 0.5, 0.75];
const TAU = 2 * Math.PI;

/** `start` is where the start of the course lies, in pixels: how far everything has moved. */
export function drawScenery(
  ctx: CanvasRenderingContext2D,
  { width, top }: Layout,
  start: number,
  palette: Palette,
): void {
  ctx.fillStyle = palette.sky;
  ctx.fillRect(0, 0, width, top);
  ctx.fillStyle = palette.far;
  ctx.beginPath();
  ctx.moveTo(0, top);
  for (let x = 0; x <= width + 8; x += 8) {
    const along = (x - start * FAR_SPEED) / HILL;
    ctx.lineTo(x, top - 15 - top * (0.16 + 0.1 * Math.sin(along) + 0.07 * Math.sin(along * 2.3)));
  }
  ctx.lineTo(width + 8, top);
  ctx.fill();
  ctx.fillStyle = palette.near;
  ctx.fillRect(0, top - 15, width, 15);
  const from = start * NEAR_SPEED;
  const first = Math.floor(-from / TREE) - 1;
  for (let tree = first; from + tree * TREE < width + TREE; tree += 1) {
    const x = from + tree * TREE;
    // The same tree is the same whenever it passes.
    const grown = 7 + 6 * Math.abs(Math.sin(tree * 12.9898));
    ctx.beginPath();
    ctx.ellipse(x, top - 13, grown * 1.5, grown, 0, 0, TAU);
    ctx.ellipse(x + grown * 1.6, top - 12, grown, grown * 0.7, 0, 0, TAU);
    ctx.fill();
  }
}

export function drawTurf(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  lanes: number,
  palette: Palette,
): void {
  const { width, height, top, lane } = layout;
  ctx.fillStyle = palette.turf;
  ctx.fillRect(0, top, width, height - top);
  ctx.fillStyle = palette.mown;
  const stripe = STRIPE * camera.scale;
  const first = Math.floor(-camera.x(0) / stripe / 2) - 1;
  for (let i = first; camera.x(0) + 2 * i * stripe < width; i += 1) {
    ctx.fillRect(camera.x(0) + 2 * i * stripe, top, stripe, height - top);
  }
  ctx.strokeStyle = palette.rail;
  ctx.globalAlpha = 0.28;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let i = 1; i < lanes; i += 1) {
    const y = Math.round(top + i * lane) + 0.5;
    ctx.moveTo(0, y);
    ctx.lineTo(width, y);
  }
  ctx.stroke();
  drawQuarters(ctx, layout, camera, palette);
  ctx.globalAlpha = 1;
  drawRail(ctx, top - 8, width, camera, palette, 8);
}

/** Faint lines at each quarter of the way, with its name on the turf. */
function drawQuarters(
  ctx: CanvasRenderingContext2D,
  { height, top, width }: Layout,
  camera: Camera,
  palette: Palette,
): void {
  for (const quarter of QUARTERS) {
    const x = Math.round(camera.x(quarter * DISTANCE)) + 0.5;
    if (x < 0 || x > width) continue;
    ctx.globalAlpha = 0.4;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, height);
    ctx.stroke();
    ctx.globalAlpha = 0.9;
    ctx.fillStyle = palette.soft;
    ctx.font = `600 10px ${palette.font}`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    ctx.fillText(`${quarter * 100}%`, x + 4, top + 3);
  }
}

function drawRail(
  ctx: CanvasRenderingContext2D,
  y: number,
  width: number,
  camera: Camera,
  palette: Palette,
  postHeight: number,
): void {
  ctx.fillStyle = palette.rail;
  ctx.fillRect(0, y, width, 2);
  const offset = ((camera.x(0) % RAIL_POST) + RAIL_POST) % RAIL_POST;
  for (let x = offset - RAIL_POST; x < width; x += RAIL_POST) ctx.fillRect(x, y, 2, postHeight);
}
