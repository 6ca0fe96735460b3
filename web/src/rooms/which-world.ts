/** Worlds by their addresses: `main` is the first own one, `slot-2` another, and `visit-123` any by the id of its save. */

/** What a join says; nothing: the own world in slot 1. */
export interface WorldWish {
  readonly slot?: number;
  readonly world?: number;
}

const PLACE = /^(slot|visit)-([1-9]\d{0,14})$/;
const FIRST_SLOT = 1;

export function whichWorld(place: string | null): WorldWish {
  const [, kind, digits] = PLACE.exec(place ?? '') ?? [];
  if (kind === undefined) return {};
  return kind === 'slot' ? { slot: Number(digits) } : { world: Number(digits) };
}

/** The place in the address of an own world; undefined: that of the game alone. */
export function placeOfSlot(slot: number): string | undefined {
  return slot === FIRST_SLOT ? undefined : `slot-${slot}`;
}

export function placeOfVisit(world: number): string {
  return `visit-${world}`;
}
