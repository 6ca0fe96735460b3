/**
 * Finds what tells an outcome without containing it: of many rounds that have begun and not ended, a time, a number or a
 * length that puts them in the order of their outcomes.
 */

/** Of one round, by name: all that can be counted of what is known about it before its end. */
export type Features = ReadonlyMap<string, number>;

/**
 * Ten rounds are put into an order as like as this by chance about once in a million times, sixteen once in 10^10. Equal
 * values make it more likely; what takes few different values is not looked at.
 */
const TOO_ALIKE = 0.98;
const MIN_ROUNDS = 10;
const MIN_DISTINCT = 8;

/** The features that rank the rounds as their outcomes do, upwards or downwards. */
export function findTelling(features: readonly Features[], outcomes: readonly number[]): string[] {
  if (features.length < MIN_ROUNDS) throw new RangeError(`${features.length} rounds are too few`);
  const common = [...(features[0] as Features).keys()].filter((name) =>
    features.every((each) => each.has(name)),
  );
  return common.filter((name) => {
    const values = features.map((each) => each.get(name) as number);
    if (new Set(values).size < MIN_DISTINCT) return false;
    return Math.abs(correlation(ranks(values), ranks(outcomes))) > TOO_ALIKE;
  });
}

/** Numbers, times (ms) and lengths of texts in a value, by their paths, and the time between each two times in it. */
export function featuresOf(value: unknown, path: string): Map<string, number> {
  const found = new Map<string, number>();
  const times: [string, number][] = [];
  const collect = (part: unknown, at: string): void => {
    if (typeof part === 'number') found.set(at, part);
    else if (typeof part === 'string') {
      const ms = /^\d{4}-\d\d-\d\dT/.test(part) ? Date.parse(part) : Number.NaN;
      if (Number.isNaN(ms)) found.set(`${at}.length`, part.length);
      else times.push([at, ms]);
      const number = Number(part);
      if (part !== '' && !Number.isNaN(number)) found.set(at, number);
    } else if (typeof part === 'object' && part !== null) {
      for (const [key, inner] of Object.entries(part)) collect(inner, `${at}.${key}`);
    }
  };
  collect(value, path);
  for (const [name, ms] of times) {
    found.set(name, ms);
    for (const [other, otherMs] of times) {
      if (name < other) found.set(`${other} - ${name}`, otherMs - ms);
    }
  }
  return found;
}

/** From 0; those of equal values are their mean. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [xMean, yMean] = [mean(xs), mean(ys)];
  const products = (as: readonly number[], bs: readonly number[]) =>
    as.reduce((sum, a, index) => sum + a * (bs[index] as number), 0);
  const dx = xs.map((x) => x - xMean);
  const dy = ys.map((y) => y - yMean);
  const scale = Math.sqrt(products(dx, dx) * products(dy, dy));
  return scale === 0 ? 0 : products(dx, dy) / scale;
}
