/** A canvas as large as its place, in the page's own colours, drawn anew whenever either changes. */
import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { fitToScreen } from '../../canvas.ts';
import type { Palette } from './scene.ts';

type Draw = (
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  palette: Palette,
) => void;

export function useCanvas(draw: Draw): [RefObject<HTMLCanvasElement | null>, () => void] {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<Palette | null>(null);

  function show(): void {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    palette.current ??= readPalette(element);
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

function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    sky: colour('--derby-sky'),
    far: colour('--derby-far'),
    near: colour('--derby-near'),
    turf: colour('--derby-turf'),
    mown: colour('--derby-mown'),
    rail: colour('--derby-rail'),
    ink: colour('--ink'),
    soft: colour('--soft'),
    card: colour('--card'),
    mine: colour('--brass-fill'),
    onMine: colour('--on-brass'),
    font: style.fontFamily,
  };
}
