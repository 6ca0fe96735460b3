/**
 * The table: a button for every spot that takes a chip, cells and lines alike. One of them takes part in the tab order,
 * the arrow keys go from spot to spot; Delete or the right mouse button takes a stack away.
 */
import { type KeyboardEvent, useRef, useState } from 'react';
import type { Stacks } from './chips.ts';
import { FeltSpot } from './FeltSpot.tsx';
import type { PlacedStack } from './placed.ts';
import { type Direction, nextSpot, turned } from './reach.ts';
import { paysOf, SPOTS, type Spot, spotById } from './spots.ts';

interface FeltProps {
  stacks: Stacks;
  placed: ReadonlyMap<string, PlacedStack>;
  /** The number of the round, once it is public. */
  drawn: number | null;
  onAdd(id: string): void;
  onRemove(id: string): void;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const FIRST = SPOTS[0] as Spot;

export function Felt({ stacks, placed, drawn, onAdd, onRemove }: FeltProps) {
  const felt = useRef<HTMLFieldSetElement>(null);
  const [shown, setShown] = useState<Spot | null>(null);
  const [entry, setEntry] = useState(FIRST.id);

  function onKeyDown(event: KeyboardEvent): void {
    const here = spotById(entry) ?? FIRST;
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      event.preventDefault();
      const next = nextSpot(here, isUpright(felt.current) ? turned(direction) : direction);
      setEntry(next.id);
      felt.current?.querySelector<HTMLElement>(`[data-spot="${next.id}"]`)?.focus();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      onRemove(here.id);
    }
  }

  const lit = new Set(shown?.covers);
  return (
    <div className="felt">
      <fieldset
        className="felt-spots"
        ref={felt}
        aria-label="Table: arrow keys move, Space puts a chip, Delete takes the stack away"
        onKeyDown={onKeyDown}
        onPointerLeave={() => setShown(null)}
      >
        {SPOTS.map((spot) => (
          <FeltSpot
            key={spot.id}
            spot={spot}
            waiting={stacks.get(spot.id) ?? 0}
            placed={placed.get(spot.id)}
            lit={spot.type === 'straight' && lit.has(spot.covers[0] as number)}
            drawn={drawn}
            tabbable={spot.id === entry}
            onShow={setShown}
            onEnter={setEntry}
            onAdd={onAdd}
            onRemove={onRemove}
          />
        ))}
      </fieldset>
      <p className="felt-caption soft" aria-hidden="true">
        {shown === null
          ? 'Numbers, lines and corners take chips.'
          : `${shown.name} pays ${paysOf(shown)} to 1`}
      </p>
    </div>
  );
}

function isUpright(felt: HTMLElement | null): boolean {
  return felt !== null && felt.clientHeight > felt.clientWidth;
}
