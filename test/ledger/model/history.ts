/**
 * Whether a history of calls made at once is one that the ledger may have: is there an order of their steps that keeps
 * what was answered before something else was asked, agrees with every answer, and ends in what the books hold?
 * A depth-first search that remembers where it has been.
 */
import type { Span, Spec } from './spec.ts';

/** A call of one client. Its steps, one transaction each, take effect in their order between `invoked` and `returned`. */
export interface Call extends Span {
  readonly client: number;
  readonly text: string;
  readonly steps: readonly ((spec: Spec) => boolean)[];
}

/** Beyond it a history is called unexplained; groups are small, answers name the seq, and few orders remain. */
const MAX_STATES = 100_000;

export interface Explained {
  /** The state after the group; undefined when no order explains it. */
  readonly after: Spec | undefined;
  /** States that were looked at. */
  readonly states: number;
  /** How many of the steps the best order explained. */
  readonly best: number;
}

export function explain(
  before: Spec,
  calls: readonly Call[],
  ends: (spec: Spec) => boolean,
): Explained {
  const clients = [...Map.groupBy(calls, ({ client }) => client).values()].map((own) =>
    own.toSorted((a, b) => a.invoked - b.invoked),
  );
  const steps = calls.reduce((total, call) => total + call.steps.length, 0);
  const seen = new Set<string>();
  let best = 0;

  /** `at` is for each client how many calls and how many steps of the next one are done. */
  const search = (
    spec: Spec,
    at: readonly { call: number; step: number }[],
    done: number,
  ): Spec | undefined => {
    best = Math.max(best, done);
    if (done === steps) return ends(spec) ? spec : undefined;
    const key = `${at.map(({ call, step }) => `${call}.${step}`)} ${spec.digest()}`;
    if (seen.has(key) || seen.size >= MAX_STATES) return undefined;
    seen.add(key);
    const next = clients.map((own, i) => own[at[i]?.call ?? 0]);
    const firstAnswer = Math.min(...next.map((call) => call?.returned ?? Number.POSITIVE_INFINITY));
    for (const [i, call] of next.entries()) {
      // What was answered before this was asked comes before it.
      if (!call || call.invoked > firstAnswer) continue;
      const { call: place, step } = at[i] as { call: number; step: number };
      const then = new (spec.constructor as typeof Spec)(spec);
      if (!call.steps[step]?.(then)) continue;
      const moved =
        step + 1 < call.steps.length
          ? { call: place, step: step + 1 }
          : { call: place + 1, step: 0 };
      const found = search(then, at.with(i, moved), done + 1);
      if (found) return found;
    }
    return undefined;
  };

  const after = search(
    before,
    clients.map(() => ({ call: 0, step: 0 })),
    0,
  );
  return { after, states: seen.size, best };
}
