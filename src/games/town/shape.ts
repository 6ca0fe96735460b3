/** Reads the parts of a stored snapshot. What is not as it should be is thrown, with its place. */
import type { Amounts } from '../world.ts';

export class Malformed extends Error {}

const NAME = /^[a-z][a-z0-9-]{0,49}$/;

/** An object with exactly these fields. */
export function fieldsOf<Name extends string>(
  value: unknown,
  names: readonly Name[],
  where: string,
): Record<Name, unknown> {
  const fields = objectOf(value, where);
  const missing = names.find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) throw new Malformed(`${where} has no ${missing}`);
  const unknown = Object.keys(fields).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Malformed(`${where} has an unknown field "${unknown}"`);
  return fields as Record<Name, unknown>;
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed(`${where} is no list`);
  return value;
}

export function integerOf(value: unknown, least: number, most: number, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new Malformed(`${where} is no integer from ${least} to ${most}`);
}

export function nameOf(value: unknown, where: string): string {
  if (typeof value === 'string' && NAME.test(value)) return value;
  throw new Malformed(`${where} is no name of the catalogue`);
}

/** Safe integers from `least`, by name. */
export function amountsOf(value: unknown, least: number, where: string): Amounts {
  const fields = objectOf(value, where);
  const entries = Object.entries(fields).map(([name, amount]) => [
    nameOf(name, `a name in ${where}`),
    integerOf(amount, least, Number.MAX_SAFE_INTEGER, `${where}.${name}`),
  ]);
  return Object.fromEntries(entries);
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed(`${where} is no object`);
  }
  return value as Record<string, unknown>;
}
