/** Canvases of games. */

/** As many dots as the screen has for this place, and drawing in CSS pixels all the same. */
export function fitToScreen(
  canvas: HTMLCanvasElement,
  ctx: CanvasRenderingContext2D,
  width: number,
  height: number,
): void {
  const ratio = window.devicePixelRatio || 1;
  const dots = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== dots.width || canvas.height !== dots.height) {
    canvas.width = dots.width;
    canvas.height = dots.height;
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
}
