/**
 * The server's clock, as seen from here. Every `state.now` arrives late by the way it took, so the sample that was
 * underway the shortest (the greatest difference) is the best of the last few.
 */
const SAMPLES = 16;

export interface ServerClock {
  /** `state.now` of a patch that arrived just now. */
  sample(serverNow: number): void;
  now(): number;
  /** How long ago the last patch arrived, in ms. */
  silentMs(): number;
}

export function createServerClock(localNow: () => number = () => performance.now()): ServerClock {
  const offsets: number[] = [];
  let heardAt = localNow();
  let last = 0;
  return {
    sample(serverNow) {
      heardAt = localNow();
      if (serverNow === last) return;
      last = serverNow;
      offsets.push(serverNow - heardAt);
      if (offsets.length > SAMPLES) offsets.shift();
    },
    now: () => (offsets.length === 0 ? Date.now() : localNow() + Math.max(...offsets)),
    silentMs: () => localNow() - heardAt,
  };
}
