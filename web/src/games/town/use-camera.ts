/** What the map shows: it follows the size of its place, and is panned and zoomed. */
import { type RefObject, useEffect, useEffectEvent, useState } from 'react';
import {
  clamped,
  firstView,
  isFarthest,
  isNearest,
  panned,
  pictureAt,
  type Room,
  type View,
  viewBoxOf,
  zoomed,
} from './camera.ts';
import type { Spot } from './grid.ts';
import { type Point, unproject } from './iso.ts';

export interface Camera {
  /** Null until the size of the place is known. */
  readonly viewBox: string | null;
  /** Pixels to a unit of the picture. */
  readonly scale: number;
  readonly nearest: boolean;
  readonly farthest: boolean;
  /** The cell under a point of the window; may lie beside the grid. */
  spotAt(clientX: number, clientY: number): Spot;
  /** The cell in the middle. */
  middle(): Spot;
  pan(dx: number, dy: number): void;
  /** Around a point of the window, or the middle. */
  zoom(factor: number, at?: Point): void;
}

interface Shown {
  readonly view: View;
  readonly room: Room;
}

export function useCamera(element: RefObject<HTMLElement | null>, centre: Point): Camera {
  const [shown, setShown] = useState<Shown | null>(null);

  const onSize = useEffectEvent((room: Room) => {
    if (room.width === 0 || room.height === 0) return;
    setShown((before) => ({
      room,
      view: before === null ? firstView(room, centre) : clamped(before.view, room),
    }));
  });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) onSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element.current as HTMLElement);
    return () => observer.disconnect();
  }, [element]);

  const change = (next: (view: View, room: Room) => View) =>
    setShown((before) =>
      before === null ? null : { ...before, view: next(before.view, before.room) },
    );

  function inside(clientX: number, clientY: number): Point {
    const { left, top } = (element.current as HTMLElement).getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  return {
    viewBox: shown === null ? null : viewBoxOf(shown.view, shown.room),
    scale: shown?.view.scale ?? 1,
    nearest: shown !== null && isNearest(shown.view),
    farthest: shown !== null && isFarthest(shown.view, shown.room),
    spotAt: (clientX, clientY) =>
      unproject(
        shown === null ? centre : pictureAt(shown.view, shown.room, inside(clientX, clientY)),
      ),
    middle: () => unproject(shown?.view.centre ?? centre),
    pan: (dx, dy) => change((view, room) => panned(view, room, dx, dy)),
    zoom: (factor, at) => {
      const point = at && inside(at.x, at.y);
      change((view, room) =>
        zoomed(view, room, factor, point ?? { x: room.width / 2, y: room.height / 2 }),
      );
    },
  };
}
