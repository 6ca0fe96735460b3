/** The database of a run: a schema of its own with the bench's catalogue and the towns that are opened later. */
import { pino } from 'pino';
import { openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/migrate.ts';
import { seedCatalogue } from '../../src/database/seed.ts';
import { worlds } from '../../src/games/registry.ts';
import type { WorldCatalogue } from '../../src/games/world.ts';
import { audit } from '../../src/ledger/audit.ts';
import { inSchema, withClient } from '../store.ts';
import { addCatalogue } from './catalogue.ts';
import { addTowns, DAY_MS, type Town } from './towns.ts';

const silent = pino({ level: 'silent' });
export const YEAR_MS = 365 * DAY_MS;
/** Of the town with many buildings, and of the one with some. */
export const LARGE = 256;
export const SMALL = 32;

export interface Size {
  /** Towns of so many buildings: opened after a year, one after the other. */
  readonly large: number;
  /** Of those, these are opened first and not counted: the server's code is not compiled yet. */
  readonly warm: number;
  /** Towns that are live at the same time. */
  readonly small: number;
}

export class Stage {
  readonly url: string;
  readonly catalogue: WorldCatalogue;
  readonly large: readonly Town[];
  readonly small: readonly Town[];
  /** One of each that no server opens, and a user who visits. */
  readonly apart: { readonly large: Town; readonly small: Town; readonly visitor: Town };
  readonly #drop: () => Promise<unknown>;

  private constructor(
    given: Pick<Stage, 'url' | 'catalogue' | 'large' | 'small' | 'apart'>,
    drop: () => Promise<unknown>,
  ) {
    this.url = given.url;
    this.catalogue = given.catalogue;
    this.large = given.large;
    this.small = given.small;
    this.apart = given.apart;
    this.#drop = drop;
  }

  static async open(base: string, size: Size): Promise<Stage> {
    const schema = `roundhouse_bench_${process.pid}_worlds`;
    const drop = () => withClient(base, (client) => client.query(`DROP SCHEMA ${schema} CASCADE`));
    await withClient(base, (client) => client.query(`CREATE SCHEMA ${schema}`));
    try {
      const url = inSchema(base, schema);
      await migrateUp(url);
      const db = await openDatabase(url, { poolSize: 2, logger: silent });
      await seedCatalogue(db.sequelize, worlds).finally(() => db.close());
      return await withClient(url, async (client) => {
        const catalogue = await addCatalogue(client);
        const add = (name: string, count: number, buildings: number, ageMs = 0) =>
          addTowns(client, `bench-${name}`, count, buildings, ageMs);
        const large = await add('large', size.warm + size.large, LARGE, YEAR_MS);
        const small = await add('small', size.small, SMALL);
        const [one] = (await add('one-large', 1, LARGE)) as [Town];
        const [other] = (await add('one-small', 1, SMALL)) as [Town];
        const [visitor] = (await add('visitor', 1, 1)) as [Town];
        const apart = { large: one, small: other, visitor };
        await client.query('ANALYZE');
        return new Stage({ url, catalogue, large, small, apart }, drop);
      });
    } catch (error) {
      await drop();
      throw error;
    }
  }

  /** M12: what breaks a rule in the books. */
  async unsound(): Promise<string[]> {
    const db = await openDatabase(this.url, { poolSize: 2, logger: silent });
    try {
      const { findings } = await audit(db);
      return findings.map(({ check, rows }) => `${check}: ${JSON.stringify(rows[0])}`);
    } finally {
      await db.close();
    }
  }

  async close(): Promise<void> {
    await this.#drop();
  }
}
