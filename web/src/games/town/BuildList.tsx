/** What can be built, what it takes, and what is missing: to be dragged onto the map, or chosen and placed there. */
import { type PointerEvent, type RefObject, useEffectEvent, useRef } from 'react';
import { type Lack, lackInWords, lackOf, type Purse, priceOf } from './afford.ts';
import type { Kind, TownCatalogue } from './catalogue.ts';
import type { PlacingHandle } from './placing.ts';
import { Portrait } from './SpriteArt.tsx';
import { Counted, PriceTag } from './Thing.tsx';
import type { MapHandle } from './TownMap.tsx';
import { FINGER_RAISE, SLACK } from './use-gestures.ts';
import { spanText } from './words.ts';

interface BuildListProps {
  catalogue: TownCatalogue;
  purse: Purse;
  placing: PlacingHandle;
  map: RefObject<MapHandle | null>;
  /** What is carried was let go of. */
  onDrop(): void;
  /** Dragged beside the map, it is shown under the pointer. */
  onCarry(at: { x: number; y: number } | null): void;
}

export function BuildList({ catalogue, purse, placing, map, onDrop, onCarry }: BuildListProps) {
  const kinds = [...catalogue.kinds.values()].filter(({ isActive }) => isActive);
  const drag = useDrag(placing, map, onDrop, onCarry);

  function choose(kind: Kind): void {
    const carried = placing.now();
    if (carried?.building === kind.name && carried.id === null) {
      placing.end();
    } else if (map.current !== null) {
      placing.begin(kind, 'choice', map.current.middle());
      map.current.focus();
    }
  }

  return (
    <ul className="town-kinds" data-testid="town-palette">
      {kinds.map((kind) => {
        const price = priceOf(kind.levels[0] as Kind['levels'][number]);
        const lack = lackOf(price, purse);
        const chosen = placing.placing?.building === kind.name && placing.placing.id === null;
        return (
          <li key={kind.name}>
            <button
              type="button"
              className="town-kind"
              data-testid={`palette-${kind.name}`}
              data-affordable={lack === null}
              aria-disabled={lack !== null}
              aria-pressed={chosen}
              onPointerDown={(event) => lack === null && drag.begin(event, kind)}
              onClick={() => lack === null && !drag.wasDrag() && choose(kind)}
            >
              <Portrait building={kind.name} level={1} width={kind.width} height={kind.height} />
              <span className="town-kind-text">
                <span className="town-kind-title one-line">{kind.title}</span>
                <PriceTag price={price} lack={lack} catalogue={catalogue} />
                <Makes kind={kind} catalogue={catalogue} lack={lack} />
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface MakesProps {
  kind: Kind;
  catalogue: TownCatalogue;
  lack: Lack | null;
}

/** What it is good for; or why it cannot be had. */
function Makes({ kind, catalogue, lack }: MakesProps) {
  if (lack !== null) return <span className="town-kind-note">{lackInWords(lack, catalogue)}</span>;
  const [level] = kind.levels;
  const made = Object.entries(level?.produces ?? {});
  if (level === undefined || made.length === 0) {
    return <span className="town-kind-note">{kind.about}</span>;
  }
  return (
    <span className="town-kind-note town-kind-makes">
      {made.map(([thing, rate]) => (
        <Counted key={thing} thing={thing} quantity={rate} catalogue={catalogue} />
      ))}
      an hour{level.seconds > 0 && `, built in ${spanText(level.seconds * 1000)}`}
    </span>
  );
}

/** A finger that goes less far may still turn out to scroll the list, which then takes it away. */
const TOUCH_SLACK = 22;

/** Carries a new building from the list to the map. */
function useDrag(
  placing: PlacingHandle,
  map: RefObject<MapHandle | null>,
  onDrop: () => void,
  onCarry: BuildListProps['onCarry'],
) {
  const dragged = useRef(false);

  const onMove = useEffectEvent((kind: Kind, x: number, y: number) => {
    const spot = map.current?.spotAt(x, y) ?? null;
    if (!dragged.current) {
      dragged.current = true;
      placing.begin(kind, 'drag', spot ?? { x: 0, y: 0 });
    }
    placing.aim(spot);
    onCarry(spot === null ? { x, y } : null);
  });
  const onEnd = useEffectEvent((letGo: boolean) => {
    onCarry(null);
    if (letGo) onDrop();
    else placing.end();
  });

  function begin(event: PointerEvent, kind: Kind): void {
    dragged.current = false;
    if (event.button !== 0) return;
    const { pointerId, clientX, clientY } = event;
    const touch = event.pointerType === 'touch';
    const [raise, slack] = touch ? [FINGER_RAISE, TOUCH_SLACK] : [0, SLACK];
    const listening = new AbortController();
    const { signal } = listening;

    addEventListener(
      'pointermove',
      (next) => {
        if (next.pointerId !== pointerId) return;
        const far = Math.hypot(next.clientX - clientX, next.clientY - clientY) >= slack;
        if (dragged.current || far) onMove(kind, next.clientX, next.clientY - raise);
      },
      { signal },
    );
    for (const type of ['pointerup', 'pointercancel'] as const) {
      addEventListener(
        type,
        (last) => {
          if (last.pointerId !== pointerId) return;
          listening.abort();
          if (dragged.current) onEnd(type === 'pointerup');
        },
        { signal },
      );
    }
    addEventListener(
      'keydown',
      ({ key }) => {
        if (key !== 'Escape' || !dragged.current) return;
        listening.abort();
        onEnd(false);
      },
      { signal },
    );
  }

  return { begin, wasDrag: () => dragged.current };
}
