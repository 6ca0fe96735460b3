/** What a player may ask for in a town. A payload has exactly the fields of its command. */
import type { Refusal } from '../contract.ts';
import { SIDE } from './grid.ts';

/** Of items in one command. */
const MAX_QUANTITY = 1_000_000;
const MAX_NAME_LENGTH = 50;

export interface Build {
  readonly type: 'build';
  readonly building: string;
  readonly x: number;
  readonly y: number;
}
export interface Upgrade {
  readonly type: 'upgrade';
  readonly id: number;
}
export interface Move {
  readonly type: 'move';
  readonly id: number;
  readonly x: number;
  readonly y: number;
}
export interface Demolish {
  readonly type: 'demolish';
  readonly id: number;
}
export interface Collect {
  readonly type: 'collect';
  /** All buildings when there is no word of it. */
  readonly id?: number;
}
export interface Supply {
  readonly type: 'supply';
  readonly id: number;
  readonly item: string;
  /** As many as there are and fit when there is no word of it. */
  readonly quantity?: number;
}
export interface Trade {
  readonly type: 'craft' | 'buy' | 'sell';
  readonly item: string;
  readonly quantity: number;
}
export type TownCommand = Build | Upgrade | Move | Demolish | Collect | Supply | Trade;

type Input = Readonly<Record<string, unknown>>;
interface Field {
  readonly is: (value: unknown) => boolean;
  readonly text: string;
  readonly optional?: true;
}

const NAME: Field = {
  is: (value) => typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH,
  text: `a name of 1 to ${MAX_NAME_LENGTH} characters`,
};
const CELL = integer(0, SIDE - 1);
const ID = integer(1, Number.MAX_SAFE_INTEGER);
const QUANTITY: Field = { ...integer(1, MAX_QUANTITY), optional: true };

export const commands = {
  build: reader('build', { building: NAME, x: CELL, y: CELL }),
  upgrade: reader('upgrade', { id: ID }),
  move: reader('move', { id: ID, x: CELL, y: CELL }),
  demolish: reader('demolish', { id: ID }),
  collect: reader('collect', { id: { ...ID, optional: true } }),
  supply: reader('supply', { id: ID, item: NAME, quantity: QUANTITY }),
  craft: reader('craft', { item: NAME, quantity: QUANTITY }, { quantity: 1 }),
  buy: reader('buy', { item: NAME, quantity: QUANTITY }, { quantity: 1 }),
  sell: reader('sell', { item: NAME, quantity: QUANTITY }, { quantity: 1 }),
};

function reader(
  type: TownCommand['type'],
  fields: Readonly<Record<string, Field>>,
  defaults: Readonly<Record<string, number>> = {},
): (input: Input) => TownCommand | Refusal {
  return (input) => {
    const unknown = Object.keys(input).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) return { refused: `There is no field "${unknown}" in ${type}.` };
    const command: Record<string, unknown> = { type, ...defaults };
    for (const [name, { is, text, optional }] of Object.entries(fields)) {
      const value = Object.hasOwn(input, name) ? input[name] : undefined;
      if (value === undefined && optional) continue;
      if (!is(value)) return { refused: `${name} is ${text}.` };
      command[name] = value;
    }
    return command as unknown as TownCommand;
  };
}

function integer(least: number, most: number): Field {
  return {
    is: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    text: `an integer from ${least} to ${most}`,
  };
}
