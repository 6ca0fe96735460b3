/** The ways that are measured side by side. */

import type { Way } from './way.ts';
import { openOurs } from './ways/ours.ts';
import { openRaw } from './ways/raw.ts';
import { openSequelize } from './ways/sequelize.ts';
import { openStatement } from './ways/statement.ts';

/** Connections, and so transactions at a time, of the ways that use one transaction for each bet. */
export const CLIENTS = 64;

export interface Others {
  readonly sequelize: Way;
  readonly raw: Way;
  readonly statement: Way;
}

export function others(clients: number): Others {
  const common = { side: 'others', inFlight: clients } as const;
  return {
    sequelize: {
      ...common,
      name: SEQUELIZE,
      open: (books) => openSequelize(books.url, clients),
    },
    raw: { ...common, name: RAW, open: (books) => openRaw(books.url, clients) },
    statement: {
      ...common,
      name: 'one statement (CTE)',
      open: (books) => openStatement(books.url, clients),
    },
  };
}

export const SEQUELIZE = 'Sequelize transaction';
export const RAW = 'raw pg transaction';

export const ours = (inFlight: number, name = `ours, ${inFlight.toLocaleString('en')}`): Way => ({
  side: 'ours',
  name,
  inFlight,
  open: openOurs,
});
