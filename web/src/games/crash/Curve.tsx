/** The canvas under the stage. It is drawn for every picture while a round runs, and otherwise only when it changed. */
import { useEffect, useEffectEvent, useRef } from 'react';
import type { CrashState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import { fitToScreen } from '../../canvas.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { drawScene, type Mark, type Palette } from './curve/draw.ts';
import { momentOf } from './moment.ts';

export function Curve({ table }: { table: Table<CrashState> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<Palette | null>(null);
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const mine = useStore(bets);

  function draw(): void {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    palette.current ??= readPalette(element);
    const { clientWidth: width, clientHeight: height } = element;
    fitToScreen(element, ctx, width, height);
    const elapsedMs = state === null ? null : momentOf(state, table.clock()).elapsedMs;
    const crashed = state?.phase === 'settled';
    drawScene(ctx, { width, height }, palette.current, { elapsedMs, crashed, marks: marks() });
  }

  function marks(): Mark[] {
    const out = (state?.topBets ?? []).filter((bet) => bet.status === 'cashed');
    const own = mine.filter((bet) => bet.roundId === state?.roundId && bet.status === 'cashed');
    const ownIds = new Set(own.map((bet) => bet.betId));
    return [
      ...out
        .filter((bet) => !ownIds.has(bet.betId))
        .map(({ multiplier }) => ({ multiplier, mine: false })),
      ...own.map(({ multiplier }) => ({ multiplier: multiplier ?? 100, mine: true })),
    ];
  }

  useTicker(state?.phase === 'running' && link.phase === 'live', draw);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every change, also when nothing ticks
  useEffect(draw, [state, mine]);

  const onResize = useEffectEvent(draw);
  const onScheme = useEffectEvent(() => {
    palette.current = null;
    draw();
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

  return <canvas className="curve" ref={canvas} />;
}

function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    line: colour('--line'),
    soft: colour('--soft'),
    curve: colour('--accent'),
    crash: colour('--rust'),
    mine: colour('--brass-fill'),
    card: colour('--card'),
    font: style.fontFamily,
  };
}
