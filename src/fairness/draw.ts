/** The random numbers of one round, drawn from its fairness bytes (F2, F3). Rules see nothing but this. */
export interface Draw {
  /** The next 52 bits as an integer in [0, 2^52). */
  bits52(): bigint;
  /** An unbiased integer in [0, n), n from 1 to 2^32 (F3: rejection, then modulo). */
  integer(n: number): number;
  /** Fisher-Yates on `integer`; the input is left as it is. */
  shuffle<T>(items: readonly T[]): T[];
}
