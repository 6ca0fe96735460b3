/** What stands on the course: where bets end, the line, the numbers of the lanes, and the whole course in small. */
import { type Camera, fixedCamera } from './camera.ts';
import { DISTANCE, LAST_BETS } from './race.ts';
import { drawBadge } from './runner.ts';
import { BELOW, type Layout, LEFT, type Palette, type Scene } from './scene.ts';
import { silkOf } from './silks.ts';

const MAP_TOP = 13;
const TAU = 2 * Math.PI;

/** The marker at which bets end: brass while they are taken, and only a trace afterwards. */
export function drawLastBets(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  open: boolean,
  palette: Palette,
): void {
  const x = camera.x(LAST_BETS);
  if (x < LEFT - 60 || x > layout.width + 60) return;
  ctx.strokeStyle = open ? palette.mine : palette.soft;
  ctx.globalAlpha = open ? 1 : 0.5;
  ctx.lineWidth = 2;
  ctx.setLineDash([5, 5]);
  ctx.beginPath();
  ctx.moveTo(x, layout.top - 16);
  ctx.lineTo(x, layout.height - BELOW);
  ctx.stroke();
  ctx.setLineDash([]);
  flag(ctx, x, layout.top - 16, 'last bets', open ? palette.mine : palette.card, palette, open);
  ctx.globalAlpha = 1;
}

function flag(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  text: string,
  colour: string,
  palette: Palette,
  strong: boolean,
): void {
  ctx.font = `600 11px ${palette.font}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const width = ctx.measureText(text).width + 12;
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.roundRect(x - 1, y - 9, width, 17, [4, 4, 4, 0]);
  ctx.fill();
  ctx.fillStyle = strong ? palette.onMine : palette.soft;
  ctx.fillText(text, x + 5, y);
}

/** The finish: two columns of checks across all lanes, and its post. */
export function drawLine(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  palette: Palette,
): void {
  const x = camera.x(DISTANCE);
  if (x > layout.width + 40) return;
  const check = Math.max(4, layout.lane / 6);
  const rows = Math.floor((layout.height - BELOW - layout.top) / check);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < 2; column += 1) {
      ctx.fillStyle = (row + column) % 2 === 0 ? palette.ink : palette.card;
      ctx.fillRect(x + column * check, layout.top + row * check, check, check);
    }
  }
  ctx.fillStyle = palette.ink;
  ctx.fillRect(x + check - 1.5, layout.top - 22, 3, 22);
  ctx.beginPath();
  ctx.arc(x + check, layout.top - 24, 6, 0, TAU);
  ctx.fillStyle = '#c5352a';
  ctx.fill();
}

/** The numbers stay at the edge of their lanes, also of those who have fallen out of the picture. */
export function drawLanes(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  camera: Camera,
  scene: Scene,
  palette: Palette,
): void {
  const size = Math.min(18, layout.lane * 0.78);
  scene.progress.forEach((part, index) => {
    const y = layout.top + (index + 0.5) * layout.lane;
    drawBadge(ctx, 4 + size / 2, y, size, index + 1, palette.font);
    if (scene.calm || camera.x(part) > LEFT) return;
    ctx.fillStyle = palette.ink;
    ctx.beginPath();
    ctx.moveTo(size + 8, y);
    ctx.lineTo(size + 14, y - 4);
    ctx.lineTo(size + 14, y + 4);
    ctx.fill();
  });
}

/** The whole course in small, for what the camera does not see. */
export function drawMap(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  scene: Scene,
  palette: Palette,
): void {
  const map = fixedCamera(layout.width, 14, 18);
  ctx.lineCap = 'round';
  ctx.lineWidth = 4;
  ctx.strokeStyle = palette.card;
  line(ctx, map.x(0), map.x(DISTANCE), MAP_TOP);
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = palette.soft;
  line(ctx, map.x(0), map.x(DISTANCE), MAP_TOP);
  ctx.fillStyle = scene.bettingOpen ? palette.mine : palette.soft;
  ctx.fillRect(map.x(LAST_BETS) - 1, MAP_TOP - 6, 2, 12);
  ctx.fillStyle = palette.ink;
  ctx.fillRect(map.x(DISTANCE) - 1, MAP_TOP - 6, 2, 12);
  const lastFirst = scene.progress
    .map((part, index) => ({ part, index }))
    .sort((a, b) => a.part - b.part);
  for (const { part, index } of lastFirst) {
    ctx.beginPath();
    ctx.arc(map.x(part), MAP_TOP, 4.5, 0, TAU);
    ctx.fillStyle = silkOf(index + 1).colour;
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = palette.ink;
    ctx.stroke();
  }
  ctx.lineCap = 'butt';
}

function line(ctx: CanvasRenderingContext2D, from: number, to: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  ctx.stroke();
}
