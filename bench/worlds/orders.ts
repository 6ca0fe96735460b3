/** What the process of the clients is told, as JSON, and what it answers. */
import type { Window } from '../window.ts';
import type { LoadName } from './loads.ts';

/** The only argument of the process, as JSON. */
export interface Given {
  readonly url: string;
  /** What the server's access tokens are signed with. */
  readonly secret: string;
}

export type Order =
  /** These users open their towns, so many at a time, and stay. */
  | { readonly kind: 'open'; readonly userIds: readonly number[]; readonly atOnce: number }
  /** Those who have come send commands. */
  | {
      readonly kind: 'commands';
      readonly load: LoadName;
      readonly inFlight: number;
      readonly warmMs: number;
      readonly ms: number;
    }
  /** Somebody visits a town whose owner is there, and the owner sends each command so many times. */
  | {
      readonly kind: 'visit';
      readonly world: number;
      readonly ownerId: number;
      readonly visitorId: number;
      readonly times: number;
    };

/** From the join request to the first state, of each town. */
export interface Opened {
  readonly kind: 'open';
  readonly ms: readonly number[];
}

export interface Ran {
  readonly kind: 'commands';
  readonly window: Window;
}

/** What a visitor receives. */
export interface Visited {
  readonly kind: 'visit';
  readonly joining: Received;
  /** For each command of the owner, by its type. */
  readonly commands: Readonly<Record<string, readonly Received[]>>;
}

export interface Received {
  readonly frames: number;
  readonly bytes: number;
}
