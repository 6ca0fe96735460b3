/** Every migration, in the order of running. A new one is added at the end. */

import { migration as accounts } from './0001-accounts.ts';
import { migration as catalogue } from './0002-catalogue.ts';
import { migration as live } from './0003-live.ts';
import { migration as money } from './0004-money.ts';
import { migration as rounds } from './0005-rounds.ts';
import { migration as bets } from './0006-bets.ts';
import { migration as postings } from './0007-postings.ts';
import { migration as matches } from './0008-matches.ts';
import { migration as worlds } from './0009-worlds.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  accounts,
  catalogue,
  live,
  money,
  rounds,
  bets,
  postings,
  matches,
  worlds,
];
