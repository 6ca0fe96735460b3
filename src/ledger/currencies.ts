/** The currencies that are played in: a wallet per user and currency. The first of them is the usual one. */
import { AppError } from '../errors.ts';

/** Of a server that is not told otherwise. */
export const DEFAULT_CURRENCY = 'COIN';

export class Currencies {
  readonly all: readonly string[];
  readonly usual: string;

  constructor(all: readonly string[] = [DEFAULT_CURRENCY]) {
    const [usual] = all;
    if (usual === undefined) throw new RangeError('there is at least one currency');
    this.all = all;
    this.usual = usual;
  }

  /** The one that is asked for, or the usual one. @throws AppError BAD_REQUEST */
  chosen(wish: string | undefined): string {
    if (wish === undefined) return this.usual;
    if (!this.all.includes(wish)) {
      throw new AppError('BAD_REQUEST', `currency: one of ${this.all.join(', ')}`);
    }
    return wish;
  }
}
