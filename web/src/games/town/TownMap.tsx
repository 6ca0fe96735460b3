/** The map: the island with all that stands on it, seen and moved about by pointer, touch and keys. */
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { Icon } from '../../components/Icon.tsx';
import { Building } from './Building.tsx';
import { middleOf } from './camera.ts';
import { Ghost } from './Ghost.tsx';
import { Ground, Shore } from './Ground.tsx';
import { type Footprint, SIZE, type Spot } from './grid.ts';
import type { Placing, PlacingHandle } from './placing.ts';
import { Signs } from './Signs.tsx';
import type { Sent } from './sent.ts';
import { isBusy, type Seen, type Standing } from './standing.ts';
import { useCamera } from './use-camera.ts';
import { useGestures } from './use-gestures.ts';

/** For what is dragged onto the map from beside it. */
export interface MapHandle {
  /** The cell under a point of the window; null: the point is not on the map. */
  spotAt(clientX: number, clientY: number): Spot | null;
  /** In the middle of what is seen. */
  middle(): Spot;
  /** On a building, or the map as a whole. */
  focus(id?: string): void;
  /** Moves the map so that a building is seen above this height of the window. */
  raise(id: string, bottom: number): void;
}

interface TownMapProps {
  ref: Ref<MapHandle>;
  /** In the order in which they are painted. */
  town: readonly Seen[];
  title: string;
  placing: PlacingHandle;
  sent: readonly Sent[];
  selected: string | null;
  /** Whether the player may change something here. */
  mine: boolean;
  onSelect(id: string | null, byKey: boolean): void;
  onCollect(id: string): void;
  onDrop(): void;
}

const ZOOM_STEP = 1.35;
/** In a larger town nothing smokes and turns: all of it would be painted again and again. */
const MOST_LIVELY = 80;
const STEPS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

export function TownMap(props: TownMapProps) {
  const { ref, town, title, placing, sent, selected, mine, onSelect, onCollect, onDrop } = props;
  const place = useRef<HTMLDivElement>(null);
  const [reached, setReached] = useState<string | null>(null);
  const standing = town.map((seen) => seen.standing);
  const camera = useCamera(place, middleOf(standing));
  const tabbable = standing.some(({ id }) => id === reached) ? reached : (standing[0]?.id ?? null);
  const carried = placing.placing;
  const lively = town.length <= MOST_LIVELY;

  const elementOf = (id: string) =>
    place.current?.querySelector<SVGElement>(`[data-building="${id}"] > [role=button]`);

  useImperativeHandle(ref, () => ({
    spotAt(clientX, clientY) {
      const { left, right, top, bottom } = (place.current as HTMLElement).getBoundingClientRect();
      const outside = clientX < left || clientX > right || clientY < top || clientY > bottom;
      return outside ? null : camera.spotAt(clientX, clientY);
    },
    middle: camera.middle,
    focus: (id) => (id === undefined ? place.current : elementOf(id))?.focus(),
    raise(id, bottom) {
      const hidden = (elementOf(id)?.getBoundingClientRect().bottom ?? 0) - bottom;
      if (hidden > 0) camera.pan(0, -hidden);
    },
  }));

  const gestures = useGestures(place, {
    camera,
    placing: () => placing.now()?.by ?? null,
    lift(id) {
      const found = standing.find((one) => one.id === id);
      if (!mine || found === undefined) return false;
      placing.lift(found, 'drag');
      return true;
    },
    aim: placing.aim,
    drop: onDrop,
    cancel: placing.end,
  });

  function onClick(event: MouseEvent): void {
    if (gestures.wasDrag()) return;
    const target = event.target as Element;
    // A keyboard's click has no place.
    const byKey = event.detail === 0;
    const sign = mine ? idIn(target, 'sign') : null;
    if (placing.now() !== null) {
      if (byKey || !gestures.wasTouch() || target.closest('[data-ghost]')) onDrop();
      else placing.aim(camera.spotAt(event.clientX, event.clientY));
    } else if (sign !== null) {
      onSign(sign);
    } else {
      reach(idIn(target, 'building'), byKey);
    }
  }

  function reach(id: string | null, byKey: boolean): void {
    if (id !== null) setReached(id);
    onSelect(id, byKey);
  }

  function onSign(id: string): void {
    const sign = town.find((seen) => seen.standing.id === id)?.sign;
    if (sign?.kind === 'needs') reach(id, false);
    else onCollect(id);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const done = placing.now() === null ? keyOnTown(event) : keyOnGhost(event.key);
    if (done) event.preventDefault();
  }

  function keyOnGhost(key: string): boolean {
    const step = STEPS[key];
    if (step) placing.step(...step);
    else if (key === 'Enter' || key === ' ') onDrop();
    else if (key === 'Escape') placing.end();
    else return false;
    return true;
  }

  function keyOnTown({ key, target }: KeyboardEvent): boolean {
    const step = STEPS[key];
    if (step) {
      const next = nextTowards(standing, tabbable, step);
      if (next !== null) {
        setReached(next);
        elementOf(next)?.focus();
      }
      return true;
    }
    const id = idIn(target as Element, 'building');
    if (key === 'Escape') reach(null, true);
    else if (id !== null && (key === 'Enter' || key === ' ')) reach(id, true);
    else return false;
    return true;
  }

  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of buttons that are drawn */}
      <div
        ref={place}
        className="town-map"
        data-testid="town-grid"
        data-placing={carried !== null}
        role="group"
        aria-label={`${title}: a grid of ${SIZE} by ${SIZE} cells`}
        tabIndex={carried !== null || town.length === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onContextMenu={(event) => event.preventDefault()}
        {...gestures.handlers}
      >
        {camera.viewBox !== null && (
          // biome-ignore lint/a11y/noSvgWithoutTitle: the group around it has the name
          <svg viewBox={camera.viewBox}>
            <Ground />
            {town.map((seen) => (
              <Building
                key={seen.standing.id}
                standing={seen.standing}
                waiting={seen.readyIn > 0}
                busy={lively && isBusy(seen)}
                selected={seen.standing.id === selected}
                away={seen.standing.id === carried?.id}
                tabbable={seen.standing.id === tabbable}
              />
            ))}
            <Shore />
            {sent.map((one) => (
              <Ghost key={`${one.building} ${one.x} ${one.y}`} {...one} state="sent" />
            ))}
            {carried !== null && !carried.outside && (
              <Carried carried={carried} placing={placing} />
            )}
            {carried === null && <Signs town={town} scale={camera.scale} />}
          </svg>
        )}
      </div>
      <div className="town-zoom">
        <ZoomButton
          name="Nearer"
          icon="plus"
          off={camera.nearest}
          onPress={() => camera.zoom(ZOOM_STEP)}
        />
        <ZoomButton
          name="Farther"
          icon="minus"
          off={camera.farthest}
          onPress={() => camera.zoom(1 / ZOOM_STEP)}
        />
      </div>
    </>
  );
}

function Carried({ carried, placing }: { carried: Placing; placing: PlacingHandle }) {
  const { building, level, place } = carried;
  const fits = placing.hindrance(carried) === null;
  return <Ghost building={building} level={level} {...place} state={fits ? 'fits' : 'blocked'} />;
}

interface ZoomButtonProps {
  name: string;
  icon: 'plus' | 'minus';
  off: boolean;
  onPress(): void;
}

function ZoomButton({ name, icon, off, onPress }: ZoomButtonProps) {
  return (
    <button
      type="button"
      className="town-round"
      aria-label={name}
      aria-disabled={off}
      onClick={onPress}
    >
      <Icon name={icon} size={16} />
    </button>
  );
}

/** The building that an element belongs to, by its drawing or its sign. */
function idIn(element: Element, kind: 'building' | 'sign'): string | null {
  return element.closest(`[data-${kind}]`)?.getAttribute(`data-${kind}`) ?? null;
}

/** The building that is nearest in a direction of the grid; null: there is none. */
function nextTowards(
  standing: readonly Standing[],
  from: string | null,
  [dx, dy]: readonly [number, number],
): string | null {
  const middle = ({ x, y, width, height }: Footprint) => ({ x: x + width / 2, y: y + height / 2 });
  const here = standing.find(({ id }) => id === from);
  if (here === undefined) return standing[0]?.id ?? null;
  const origin = middle(here);
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const one of standing) {
    const at = middle(one);
    const along = (at.x - origin.x) * dx + (at.y - origin.y) * dy;
    const across = Math.abs((at.x - origin.x) * dy) + Math.abs((at.y - origin.y) * dx);
    if (one.id === from || along <= 0) continue;
    const far = along + 2 * across;
    if (far < least) [best, least] = [one.id, far];
  }
  return best;
}
