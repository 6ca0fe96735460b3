/** The ways that are measured side by side. */

import type { Way } from './way.ts';
import { openOurs } from './ways/ours.ts';
import { openRaw } from './ways/raw.ts';
import { openSequelize } from './ways/sequelize.ts';
import { openStatement } from './ways/statement.ts';

/** Connections, and so transactions at a time, of the ways that use one transaction for each bet. */
const CLIENTS = 64;

const OTHERS = { side: 'others', inFlight: CLIENTS } as const;

export const SEQUELIZE: Way = {
  ...OTHERS,
  name: 'Sequelize transaction',
  open: (books) => openSequelize(books.url, CLIENTS),
};
export const RAW: Way = {
  ...OTHERS,
  name: 'raw pg transaction',
  open: (books) => openRaw(books.url, CLIENTS),
};
export const STATEMENT: Way = {
  ...OTHERS,
  name: 'one statement (CTE)',
  open: (books) => openStatement(books.url, CLIENTS),
};

export const ours = (inFlight: number, name = `ours, ${inFlight.toLocaleString('en')}`): Way => ({
  side: 'ours',
  name,
  inFlight,
  open: openOurs,
});
