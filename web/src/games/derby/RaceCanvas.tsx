/** The course as a picture. It is drawn for every frame while something moves, and otherwise only when it changed. */
import { useEffect } from 'react';
import type { DerbyState } from '../../../../src/protocol.ts';
import { bets } from '../../bets.ts';
import { useCanvas } from '../../canvas.ts';
import type { Table } from '../../rooms/table.ts';
import { useStore } from '../../store.ts';
import { useTicker } from '../../ticker.ts';
import { selectionOf } from './bets.ts';
import { drawRace } from './draw.ts';
import { type Finish, placeOf } from './finish.ts';
import { usePart } from './follow.ts';
import type { Race } from './race.ts';
import { COLOURS } from './scene.ts';

interface RaceCanvasProps {
  table: Table<DerbyState>;
  race: Race;
  finish: Finish | null;
}

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export function RaceCanvas({ table, race, finish }: RaceCanvasProps) {
  const link = useStore(table.link.state);
  const mine = useStore(bets);
  const phase = usePart(table, (state) => state.phase);
  const roundId = usePart(table, (state) => state.roundId);
  const bettingOpen = usePart(table, (state) => state.bettingOpen) ?? false;

  const [canvas, draw] = useCanvas(COLOURS, (ctx, size, palette) => {
    const now = table.clock().now();
    const progress = race.shownAt(now);
    const sinceFinish = race.sinceFinish(now);
    // Who came in with the same patch is a matter for the photo: places are shown once they are certain.
    const certain = finish ?? untilPhoto(race.order());
    const backed = mine.filter((bet) => bet.roundId === roundId).map(selectionOf);
    drawRace(ctx, size, palette, {
      progress,
      sinceFinish,
      places: progress.map((_, index) =>
        sinceFinish[index] == null ? null : placeOf(certain, index + 1),
      ),
      mine: new Set(backed.flatMap((selection) => selection?.runner ?? [])),
      bettingOpen,
      calm: calm.matches,
    });
  });

  useTicker((phase === 'running' || phase === 'settled') && link.phase === 'live', draw);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every change, also when nothing ticks
  useEffect(draw, [phase, roundId, mine, finish]);
  return <canvas className="derby-canvas" ref={canvas} />;
}

/** The places until the first that several share as far as the patches can tell. */
function untilPhoto(order: Finish): Finish {
  const photo = order.findIndex((runners) => runners.length > 1);
  return photo === -1 ? order : order.slice(0, photo);
}
