/** How surprising counts are: chi-square, and what is said of many of its results together. */

/** The chance of a chi-square as great as that of these counts, or greater, when the probabilities are right. */
export function pValueOf(counts: readonly number[], probabilities: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const chiSquare = counts.reduce((sum, count, bin) => {
    const expected = all * (probabilities[bin] as number);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return chiSquareTail(chiSquare, counts.length - 1);
}

/** P(chi-square with so many degrees of freedom >= x): the upper regularized incomplete gamma function. */
export function chiSquareTail(x: number, freedom: number): number {
  if (x <= 0) return 1;
  const a = freedom / 2;
  const y = x / 2;
  const factor = Math.exp(a * Math.log(y) - y - logGamma(a));
  return y < a + 1 ? 1 - factor * lowerSeries(a, y) : factor * upperFraction(a, y);
}

/** The chance of `least` or more successes in `trials`. */
export function binomialTail(least: number, trials: number, chance: number): number {
  let fewer = 0;
  for (let k = 0; k < least; k++) {
    const ways = logGamma(trials + 1) - logGamma(k + 1) - logGamma(trials - k + 1);
    fewer += Math.exp(ways + k * Math.log(chance) + (trials - k) * Math.log1p(-chance));
  }
  return Math.max(0, 1 - fewer);
}

/** Kolmogorov and Smirnov: the chance that so many values from [0, 1) lie so unevenly there. */
export function unevenness(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const distance = sorted.reduce(
    (most, value, at) => Math.max(most, value - at / n, (at + 1) / n - value),
    0,
  );
  const root = Math.sqrt(n);
  const t = (root + 0.12 + 0.11 / root) * distance;
  let tail = 0;
  for (let k = 1; k <= 100; k++) tail += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * t * t);
  return Math.min(1, Math.max(0, tail));
}

const MAX_TERMS = 100_000;
const ENOUGH = 1e-15;

function lowerSeries(a: number, y: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * ENOUGH; n++) {
    term *= y / (a + n);
    sum += term;
  }
  return sum;
}

/** Lentz' method. */
function upperFraction(a: number, y: number): number {
  let b = y + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    product *= d * c;
    if (Math.abs(d * c - 1) < ENOUGH) break;
  }
  return product;
}

/** Stirling's series, after the argument was lifted to where it is exact enough. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z++) shift += Math.log(z);
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1_260 - inverse / 1_680))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
