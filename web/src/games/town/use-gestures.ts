/**
 * Fingers and mice on the map: a drag moves the view, two fingers zoom, a building is carried by the mouse at once and by
 * a finger that has rested on it. What is only pressed is a click, as from the keyboard.
 */
import { type PointerEvent, type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import type { Spot } from './grid.ts';
import type { Point } from './iso.ts';
import type { Camera } from './use-camera.ts';

/** Farther than this a press is a drag, in pixels. */
export const SLACK = 6;
const HOLD_MS = 380;
/** So much above a finger is what it carries, in pixels. */
export const FINGER_RAISE = 34;
const WHEEL_STEP = 0.0016;

export interface GestureDeps {
  readonly camera: Camera;
  /** Whether something is being placed at this moment, and how. */
  placing(): 'drag' | 'choice' | null;
  /** The building is carried from now on; false: it stays. */
  lift(id: string): boolean;
  aim(spot: Spot): void;
  /** What is carried was let go of. */
  drop(): void;
  cancel(): void;
}

interface Press {
  readonly pointer: number;
  readonly touch: boolean;
  /** The building under it. */
  readonly id: string | null;
  readonly onGhost: boolean;
  readonly from: Point;
  last: Point;
  /** What the drag does; null: it is none yet. */
  does: 'pan' | 'carry' | 'pinch' | null;
}

export function useGestures(element: RefObject<HTMLElement | null>, deps: GestureDeps) {
  const press = useRef<Press | null>(null);
  const fingers = useRef(new Map<number, Point>());
  const hold = useRef<ReturnType<typeof setTimeout>>(undefined);
  const dragged = useRef(false);
  const touched = useRef(false);

  const spotFor = (at: Point, touch: boolean) =>
    deps.camera.spotAt(at.x, at.y - (touch ? FINGER_RAISE : 0));

  const onHold = useEffectEvent(() => {
    const { current } = press;
    if (current === null || current.does !== null || current.id === null) return;
    if (deps.lift(current.id)) start(current, 'carry');
  });

  function start(current: Press, does: NonNullable<Press['does']>): void {
    current.does = does;
    dragged.current = true;
    clearTimeout(hold.current);
    // From now on all of it is ours, wherever the pointer goes.
    element.current?.setPointerCapture(current.pointer);
  }

  function onPointerDown(event: PointerEvent): void {
    const at = { x: event.clientX, y: event.clientY };
    const touch = event.pointerType === 'touch';
    touched.current = touch;
    if (touch) fingers.current.set(event.pointerId, at);
    if (press.current !== null) {
      if (touch && press.current.does !== 'carry') press.current.does = 'pinch';
      clearTimeout(hold.current);
      dragged.current = true;
      return;
    }
    if (event.button !== 0) return;
    const target = event.target as Element;
    dragged.current = false;
    press.current = {
      pointer: event.pointerId,
      touch,
      id: target.closest('[data-building]')?.getAttribute('data-building') ?? null,
      onGhost: target.closest('[data-ghost]') !== null,
      from: at,
      last: at,
      does: null,
    };
    if (touch && deps.placing() === null) hold.current = setTimeout(onHold, HOLD_MS);
  }

  function onPointerMove(event: PointerEvent): void {
    const at = { x: event.clientX, y: event.clientY };
    const { current } = press;
    if (current === null) {
      // A mouse that carries nothing pressed shows where a chosen building would stand.
      if (deps.placing() === 'choice' && event.pointerType === 'mouse')
        deps.aim(spotFor(at, false));
      return;
    }
    if (current.does === 'pinch') pinch(event.pointerId, at);
    if (current.does === 'pinch' || event.pointerId !== current.pointer) return;
    if (current.does === null) decide(current, at);
    if (current.does === 'carry') deps.aim(spotFor(at, current.touch));
    if (current.does === 'pan') deps.camera.pan(at.x - current.last.x, at.y - current.last.y);
    current.last = at;
    if (current.touch) fingers.current.set(event.pointerId, at);
  }

  function decide(current: Press, at: Point): void {
    if (Math.hypot(at.x - current.from.x, at.y - current.from.y) < SLACK) return;
    start(current, carries(current) ? 'carry' : 'pan');
  }

  function carries({ touch, id, onGhost }: Press): boolean {
    if (deps.placing() === 'choice') return onGhost;
    return !touch && id !== null && deps.placing() === null && deps.lift(id);
  }

  function pinch(pointer: number, at: Point): void {
    const before = [...fingers.current.values()];
    fingers.current.set(pointer, at);
    const after = [...fingers.current.values()];
    const [a, b] = [spreadOf(before), spreadOf(after)];
    if (a === null || b === null) return;
    deps.camera.pan(b.middle.x - a.middle.x, b.middle.y - a.middle.y);
    if (a.distance > 0) deps.camera.zoom(b.distance / a.distance, b.middle);
  }

  function release(event: PointerEvent, cancelled: boolean): void {
    fingers.current.delete(event.pointerId);
    const { current } = press;
    if (current === null) return;
    if (current.does === 'pinch' ? fingers.current.size > 0 : event.pointerId !== current.pointer) {
      return;
    }
    clearTimeout(hold.current);
    press.current = null;
    if (current.does !== 'carry' || deps.placing() !== 'drag') return;
    if (cancelled) deps.cancel();
    else deps.drop();
  }

  const onWheel = useEffectEvent((event: WheelEvent) => {
    // A page that can be scrolled keeps its wheel.
    const scrolls = document.documentElement.scrollHeight > innerHeight + 1;
    if (scrolls && !event.ctrlKey) return;
    event.preventDefault();
    const step = WHEEL_STEP * (event.ctrlKey ? 6 : 1);
    deps.camera.zoom(Math.exp(-event.deltaY * step), { x: event.clientX, y: event.clientY });
  });
  useEffect(() => {
    const { current } = element;
    const listener = (event: WheelEvent) => onWheel(event);
    current?.addEventListener('wheel', listener, { passive: false });
    return () => {
      current?.removeEventListener('wheel', listener);
      clearTimeout(hold.current);
    };
  }, [element]);

  return {
    /** Whether the click that comes now is only the end of a drag. */
    wasDrag: () => dragged.current,
    wasTouch: () => touched.current,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp: (event: PointerEvent) => release(event, false),
      onPointerCancel: (event: PointerEvent) => release(event, true),
    },
  };
}

function spreadOf(points: readonly Point[]): { middle: Point; distance: number } | null {
  const [a, b] = points;
  if (a === undefined || b === undefined) return null;
  return {
    middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    distance: Math.hypot(a.x - b.x, a.y - b.y),
  };
}
