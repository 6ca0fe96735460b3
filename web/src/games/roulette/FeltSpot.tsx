/** One spot of the table, with what lies on it: chips that wait, and chips that are placed. */
import { type CSSProperties, memo, type PointerEvent, useRef } from 'react';
import { Chip } from './Chip.tsx';
import type { PlacedStack } from './placed.ts';
import { colourOf, paysOf, type Spot } from './spots.ts';

interface FeltSpotProps {
  spot: Spot;
  /** Of chips that are not placed yet. */
  waiting: number;
  placed: PlacedStack | undefined;
  /** Covered by the spot that is pointed at. */
  lit: boolean;
  drawn: number | null;
  tabbable: boolean;
  onShow(spot: Spot): void;
  onEnter(id: string): void;
  onAdd(id: string): void;
  onRemove(id: string): void;
}

/** A finger that rests this long asks what the spot is. */
const LONG_PRESS_MS = 450;

export const FeltSpot = memo(function FeltSpot(props: FeltSpotProps) {
  const { spot, waiting, placed, lit, drawn, tabbable } = props;
  const press = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; long: boolean }>({
    timer: undefined,
    long: false,
  });

  function onPointerDown(event: PointerEvent): void {
    // A pointer leaves the focus where it is, so that Space goes on to mean "place"; the keyboard can still come here.
    event.preventDefault();
    press.current.long = false;
    clearTimeout(press.current.timer);
    press.current.timer = undefined;
    if (event.pointerType === 'mouse') return;
    press.current.timer = setTimeout(() => {
      press.current.long = true;
      props.onShow(spot);
    }, LONG_PRESS_MS);
  }

  const endPress = () => clearTimeout(press.current.timer);
  const won = drawn !== null && spot.covers.includes(drawn);
  return (
    <button
      type="button"
      className={spot.line === null ? 'spot spot-cell' : 'spot spot-line'}
      style={placeOf(spot)}
      tabIndex={tabbable ? 0 : -1}
      data-spot={spot.id}
      data-line={spot.line ?? undefined}
      data-colour={cellColour(spot)}
      data-lit={lit}
      data-drawn={drawn !== null && spot.type === 'straight' && spot.covers[0] === drawn}
      data-chips={waiting > 0 || placed !== undefined}
      data-won={placed !== undefined && won}
      data-lost={placed !== undefined && drawn !== null && !won}
      aria-label={labelOf(spot, waiting, placed)}
      onPointerDown={onPointerDown}
      onPointerUp={endPress}
      onPointerCancel={endPress}
      onPointerEnter={(event) => event.pointerType === 'mouse' && props.onShow(spot)}
      onFocus={() => {
        props.onEnter(spot.id);
        props.onShow(spot);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        if (!press.current.long && press.current.timer === undefined) props.onRemove(spot.id);
      }}
      onClick={() => {
        if (!press.current.long) props.onAdd(spot.id);
        press.current.long = false;
        props.onEnter(spot.id);
        props.onShow(spot);
      }}
    >
      {spot.line === null && <CellFace spot={spot} />}
      {placed !== undefined && <Chip amount={placed.amount} kind="placed" />}
      {waiting > 0 && <Chip amount={waiting} kind="waiting" />}
      {placed !== undefined && placed.paid > 0 && (
        <span className="spot-paid" aria-hidden="true">
          +{placed.paid}
        </span>
      )}
    </button>
  );
});

/** The print on a cell. */
function CellFace({ spot: { type, name } }: { spot: Spot }) {
  if (type === 'column') return <span className="spot-face">2:1</span>;
  if (type === 'red' || type === 'black') return <span className="spot-face spot-diamond" />;
  return <span className="spot-face">{FACES[name] ?? name}</span>;
}

const FACES: Readonly<Record<string, string>> = {
  'First dozen': '1st 12',
  'Second dozen': '2nd 12',
  'Third dozen': '3rd 12',
  'Low, 1 to 18': '1-18',
  'High, 19 to 36': '19-36',
};

function cellColour({ type, covers }: Spot): string | undefined {
  if (type === 'straight') return colourOf(covers[0] as number);
  return type === 'red' || type === 'black' ? `diamond-${type}` : undefined;
}

function labelOf(spot: Spot, waiting: number, placed: PlacedStack | undefined): string {
  const parts = [`${spot.name}, pays ${paysOf(spot)} to 1`];
  if (placed) parts.push(`${placed.amount} placed`);
  if (placed && placed.paid > 0) parts.push(`${placed.paid} paid`);
  if (waiting > 0) parts.push(`${waiting} not placed yet`);
  return parts.join(', ');
}

/** Middle and size in cells; the style sheet turns the table upright where it is narrow. */
function placeOf({ x, y, size }: Spot): CSSProperties {
  const place: Record<string, number> = { '--x': x, '--y': y };
  if (size !== null) Object.assign(place, { '--w': size.width, '--h': size.height });
  return place as CSSProperties;
}
