/** A canvas as large as its place, in the page's own colours, drawn anew whenever either changes. */
import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';

/** Which variables of the style sheets a drawing takes its colours from. */
type Colours<Name extends string> = Readonly<Record<Name, `--${string}`>>;
/** Their present values, and the font of the place. */
type Palette<Name extends string> = Readonly<Record<Name | 'font', string>>;
export type PaletteOf<C extends Colours<string>> = Palette<keyof C & string>;

type Draw<Name extends string> = (
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  palette: Palette<Name>,
) => void;

/** Where the canvas goes, and the function that draws it anew. */
export function useCanvas<Name extends string>(
  colours: Colours<Name>,
  draw: Draw<Name>,
): [RefObject<HTMLCanvasElement | null>, () => void] {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<Palette<Name> | null>(null);

  function show(): void {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    palette.current ??= readPalette(element, colours);
    const { clientWidth: width, clientHeight: height } = element;
    fitToScreen(element, ctx, width, height);
    draw(ctx, { width, height }, palette.current);
  }

  const onResize = useEffectEvent(show);
  const onScheme = useEffectEvent(() => {
    palette.current = null;
    show();
  });
  useEffect(() => {
    const observer = new ResizeObserver(onResize);
    observer.observe(canvas.current as HTMLCanvasElement);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', onScheme);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', onScheme);
    };
  }, []);
  return [canvas, show];
}

function readPalette<Name extends string>(
  element: HTMLElement,
  colours: Colours<Name>,
): Palette<Name> {
  const style = getComputedStyle(element);
  const values = Object.entries<string>(colours).map(([name, variable]) => [
    name,
    style.getPropertyValue(variable).trim(),
  ]);
  return Object.fromEntries([...values, ['font', style.fontFamily]]) as Palette<Name>;
}

/** As many dots as the screen has for this place, and drawing in CSS pixels all the same. */
function fitToScreen(
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
