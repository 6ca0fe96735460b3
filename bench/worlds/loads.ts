/** What the owner of a town of the bench sends, command after command; each of them is carried out. */
import { WARE } from './catalogue.ts';

export interface TownCommand {
  readonly type: string;
  readonly commandId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** By name. `move` needs two free cells at the end of the last row. */
const LOADS = {
  /** Only the save changes. */
  move: [
    ['move', { id: 1, x: 14, y: 15 }],
    ['move', { id: 1, x: 15, y: 15 }],
  ],
  /** The save, the wallet and the inventory. */
  'buy, sell': [
    ['buy', { item: WARE, quantity: 1 }],
    ['sell', { item: WARE, quantity: 1 }],
  ],
} as const;

type Turn = readonly [type: string, input: TownCommand['input']];

export type LoadName = keyof typeof LOADS;
export const LOAD_NAMES = Object.keys(LOADS) as LoadName[];

/** Answers the next command of a load for one town, as often as it is called. */
export function commandsOfTown(): (load: LoadName) => TownCommand {
  const sent: Partial<Record<LoadName, number>> = {};
  return (load) => {
    const turns: readonly Turn[] = LOADS[load];
    const at = sent[load] ?? 0;
    sent[load] = at + 1;
    const [type, input] = turns[at % turns.length] as Turn;
    return { type, input, commandId: crypto.randomUUID() };
  };
}
