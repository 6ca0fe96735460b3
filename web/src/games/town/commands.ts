/**
 * What a player asks of the town. Nothing is shown as done before the room shows it; what is under way is marked, and not
 * asked for twice.
 */
import { inWords, toFailure } from '../../failure.ts';
import { UNKNOWN } from '../../insist.ts';
import { createStore, type ReadableStore } from '../../store.ts';

export type TownCommand =
  | { readonly type: 'build'; readonly building: string; readonly x: number; readonly y: number }
  | { readonly type: 'move'; readonly id: number; readonly x: number; readonly y: number }
  | { readonly type: 'upgrade' | 'demolish'; readonly id: number }
  | { readonly type: 'collect'; readonly id?: number }
  | { readonly type: 'supply'; readonly id: number; readonly item: string }
  | {
      readonly type: 'craft' | 'buy' | 'sell';
      readonly item: string;
      readonly quantity: number;
    };

/** What an answer says beside balance and inventory; by the command. */
export interface TownAnswer {
  readonly collected?: Readonly<Record<string, number>>;
  readonly supplied?: Counted;
  readonly crafted?: Counted;
  readonly bought?: Counted;
  readonly sold?: Counted;
  readonly price?: number;
  readonly refund?: number;
}
interface Counted {
  readonly item: string;
  readonly quantity: number;
}

export interface TownCommands {
  /** What was asked and is not yet answered, the latest last. */
  readonly asked: ReadableStore<readonly TownCommand[]>;
  /** Whether it was done for certain. */
  carryOut(command: TownCommand): Promise<boolean>;
}

/** What this needs of the room and the page, so that tests can play both. */
export interface TownDeps {
  /** Repeats itself until the answer is known. */
  command<T>(type: string, payload: object): Promise<T>;
  done(command: TownCommand, answer: TownAnswer): void;
  /** A refusal, in words. */
  refuse(text: string): void;
}

/** The server's own sentence names what is missing. */
const OWN_WORDS = new Set(['INSUFFICIENT_FUNDS', 'NOT_FOUND', 'BET_CONFLICT']);

export function createTownCommands(deps: TownDeps): TownCommands {
  const asked = createStore<readonly TownCommand[]>([]);
  return {
    asked,
    async carryOut(command) {
      if (asked.get().some((other) => isSame(other, command))) return false;
      asked.set([...asked.get(), command]);
      try {
        const { type, ...payload } = command;
        deps.done(command, await deps.command<TownAnswer>(type, payload));
        return true;
      } catch (error) {
        deps.refuse(refusalText(error));
        return false;
      } finally {
        asked.set(asked.get().filter((other) => other !== command));
      }
    },
  };
}

function refusalText(error: unknown): string {
  const failure = toFailure(error);
  if (failure.code === UNKNOWN) {
    return 'The server did not say whether it was done. The town will show it.';
  }
  return OWN_WORDS.has(failure.code) ? failure.message : inWords(failure);
}

const isSame = (a: TownCommand, b: TownCommand) => JSON.stringify(a) === JSON.stringify(b);

/** Whether something is under way for a building, of this type if one is named. */
export function isAsked(
  asked: readonly TownCommand[],
  id: string,
  type?: TownCommand['type'],
): boolean {
  return asked.some(
    (command) =>
      'id' in command && String(command.id) === id && (type === undefined || command.type === type),
  );
}
