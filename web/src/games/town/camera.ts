/** Which part of the picture is seen, and how large. All in units of the picture; sizes of the place in CSS pixels. */
import { SIZE } from './grid.ts';
import { type Point, project, round } from './iso.ts';

export interface View {
  /** What is in the middle. */
  readonly centre: Point;
  /** Pixels to a unit. */
  readonly scale: number;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The island with what rises from it and what is beside it. */
const ISLAND = { left: -596, right: 596, top: -84, bottom: 584 };
/** A cell is at least so wide at first, in pixels; who wants to see more goes farther away. */
const FIRST_SCALE = 0.6;
const MAX_SCALE = 2.2;
/** So much beyond the island is shown at most, if there is more of it to be seen. */
const BEYOND = 180;

/** All of the island where there is room; else what is around `centre`. */
export function firstView(room: Room, centre: Point): View {
  const fits = fitting(room) >= FIRST_SCALE;
  const middle = { x: (ISLAND.left + ISLAND.right) / 2, y: (ISLAND.top + ISLAND.bottom) / 2 };
  return clamped(
    { centre: fits ? middle : centre, scale: Math.max(fitting(room), FIRST_SCALE) },
    room,
  );
}

/** The middle of all that stands, or of the grid. */
export function middleOf(places: readonly { x: number; y: number }[]): Point {
  if (places.length === 0) return project(SIZE / 2, SIZE / 2);
  const mean = (key: 'x' | 'y') =>
    places.reduce((sum, place) => sum + place[key] + 1, 0) / places.length;
  return project(mean('x'), mean('y'));
}

export function panned({ centre, scale }: View, room: Room, dx: number, dy: number): View {
  return clamped({ centre: { x: centre.x - dx / scale, y: centre.y - dy / scale }, scale }, room);
}

/** Nearer by a factor; what lies under `at` (pixels from the place's corner) stays there. */
export function zoomed(view: View, room: Room, factor: number, at: Point): View {
  const scale = Math.min(MAX_SCALE, Math.max(fitting(room), view.scale * factor));
  const fixed = pictureAt(view, room, at);
  const away = 1 - view.scale / scale;
  return clamped(
    {
      centre: {
        x: view.centre.x + (fixed.x - view.centre.x) * away,
        y: view.centre.y + (fixed.y - view.centre.y) * away,
      },
      scale,
    },
    room,
  );
}

export function pictureAt({ centre, scale }: View, room: Room, at: Point): Point {
  return {
    x: centre.x + (at.x - room.width / 2) / scale,
    y: centre.y + (at.y - room.height / 2) / scale,
  };
}

export function viewBoxOf({ centre, scale }: View, room: Room): string {
  const [width, height] = [room.width / scale, room.height / scale];
  return [centre.x - width / 2, centre.y - height / 2, width, height].map(round).join(' ');
}

export const isNearest = ({ scale }: View) => scale >= MAX_SCALE - 0.001;
export const isFarthest = ({ scale }: View, room: Room) => scale <= fitting(room) + 0.001;

/** At this scale the whole island is seen. */
function fitting({ width, height }: Room): number {
  const [wide, high] = [ISLAND.right - ISLAND.left, ISLAND.bottom - ISLAND.top];
  return Math.min(Math.max(width, 1) / wide, Math.max(height, 1) / high, MAX_SCALE);
}

/** At a new size of the place, too. */
export function clamped({ centre, scale }: View, room: Room): View {
  const nearEnough = Math.min(MAX_SCALE, Math.max(scale, fitting(room)));
  return {
    scale: nearEnough,
    centre: {
      x: within(centre.x, ISLAND.left, ISLAND.right, room.width / nearEnough),
      y: within(centre.y, ISLAND.top, ISLAND.bottom, room.height / nearEnough),
    },
  };
}

/** The middle of what is seen, so that no more than the margin beyond both ends is seen; all of it: its own middle. */
function within(middle: number, from: number, to: number, seen: number): number {
  const [least, most] = [from - BEYOND + seen / 2, to + BEYOND - seen / 2];
  return least > most ? (from + to) / 2 : Math.min(most, Math.max(least, middle));
}
