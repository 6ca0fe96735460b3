/** So many at a time; what waits for its turn is forgotten when the door is shut. */
import type { Send } from '../window.ts';

export interface Door<Command> {
  readonly send: Send<Command>;
  /** Answers when all that were let in are through. */
  shut(): Promise<void>;
}

export function bounded<Command>(send: Send<Command>, places: number): Door<Command> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  let empty: (() => void) | undefined;

  async function enter(command: Command): Promise<string> {
    inside += 1;
    try {
      return await send(command);
    } finally {
      inside -= 1;
      waiting.shift()?.();
      if (inside === 0) empty?.();
    }
  }
  return {
    send: (command) =>
      inside < places
        ? enter(command)
        : new Promise((resolve, reject) => {
            waiting.push(() => void enter(command).then(resolve, reject));
          }),
    shut: () => {
      waiting.length = 0;
      if (inside === 0) return Promise.resolve();
      return new Promise((resolve) => {
        empty = resolve;
      });
    },
  };
}
