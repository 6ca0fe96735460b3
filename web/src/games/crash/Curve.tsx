/** The canvas under the stage. It is drawn for every picture while a round runs, and otherwise only when it changed. */
import { useEffect } from 'react';
import type { CrashState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import { useCanvas } from '../../canvas.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { COLOURS, drawScene, type Mark } from './curve/draw.ts';
import { momentOf } from './moment.ts';

export function Curve({ table }: { table: Table<CrashState> }) {
  const state = useStore(table.state);
  const link = useStore(table.link.state);
  const mine = useStore(bets);

  const [canvas, draw] = useCanvas(COLOURS, (ctx, size, palette) => {
    const elapsedMs = state === null ? null : momentOf(state, table.clock()).elapsedMs;
    const crashed = state?.phase === 'settled';
    drawScene(ctx, size, palette, { elapsedMs, crashed, marks: marks() });
  });

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
  return <canvas className="curve" ref={canvas} />;
}
