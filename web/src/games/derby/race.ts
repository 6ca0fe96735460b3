/**
 * Where the runners are to be shown. Patches come 20 times a second and not evenly; the picture runs a little behind
 * the server's time, between the patches that have come, and never beyond the last of them.
 */

/** Progress is counted in ten-thousandths of the distance. */
export const DISTANCE = 10_000;
/** Where bets end: when the leader is here. When that is, nobody knows before. */
export const LAST_BETS = 4_000;
/** Two patches of 50 ms: one that is late by that much does not stop the picture. */
const SHOWN_BEHIND_MS = 100;
const SAMPLES_KEPT = 16;

interface Sample {
  /** Server time in ms. */
  readonly at: number;
  readonly progress: readonly number[];
}

export interface Race {
  /** What a patch says: `at` is its `state.now`. */
  take(roundId: string, at: number, progress: readonly number[]): void;
  /** Progress of each runner as it is to be shown at this server time. */
  shownAt(now: number): readonly number[];
  /** For each runner how long ago, as shown, it came to the end; null before. */
  sinceFinish(now: number): readonly (number | null)[];
  /** Who has come to the end, in the order of the patches that showed it; the same patch is the same place. */
  order(): number[][];
}

export function createRace(): Race {
  let round = '';
  let samples: Sample[] = [];
  /** By runner, the server time of the patch in which it was first at the end. */
  let arrivals: (number | null)[] = [];

  function take(roundId: string, at: number, progress: readonly number[]): void {
    const last = samples.at(-1);
    // Another round; or the server's clock was set back, and what came before cannot be compared any more.
    if (roundId !== round || (last !== undefined && at < last.at)) {
      // A page that comes too late has not seen when they arrived.
      const seen = roundId === round ? arrivals : progress.map(() => null);
      arrivals = progress.map((part, runner) =>
        part >= DISTANCE ? (seen[runner] ?? Number.NEGATIVE_INFINITY) : null,
      );
      round = roundId;
      samples = [{ at, progress }];
      return;
    }
    if (last?.progress.every((part, runner) => part === progress[runner])) {
      // News of bets or players only: the runners were not looked at anew. Unless they are still standing.
      if (progress.every((part) => part === 0)) samples = [{ at, progress }];
      return;
    }
    arrivals = progress.map((part, runner) => (part >= DISTANCE ? (arrivals[runner] ?? at) : null));
    if (last?.at === at) samples.pop();
    samples.push({ at, progress });
    if (samples.length > SAMPLES_KEPT) samples.shift();
  }

  function shownAt(now: number): readonly number[] {
    const time = now - SHOWN_BEHIND_MS;
    const next = samples.findIndex(({ at }) => at > time);
    if (next === -1) return samples.at(-1)?.progress ?? [];
    const after = samples[next] as Sample;
    const before = samples[next - 1];
    if (before === undefined) return after.progress;
    const part = (time - before.at) / (after.at - before.at);
    return before.progress.map((from, runner) => {
      const to = after.progress[runner] ?? from;
      return from + (to - from) * part;
    });
  }

  return {
    take,
    shownAt,
    sinceFinish: (now) =>
      arrivals.map((at) => {
        const since = at === null ? null : now - SHOWN_BEHIND_MS - at;
        return since !== null && since >= 0 ? since : null;
      }),
    order() {
      const times = arrivals.filter((at) => at !== null);
      const patches = [...new Set(times)].sort((a, b) => a - b);
      return patches.map((patch) =>
        arrivals.flatMap((at, runner) => (at === patch ? [runner + 1] : [])),
      );
    },
  };
}
