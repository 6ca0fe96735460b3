/** From the rows of items and buildings to what the rules of worlds are given of them. */
import type pg from 'pg';
import type { CatalogueBuilding, CatalogueItem, WorldCatalogue } from '../games/world.ts';
import { persist } from '../ledger/persist.ts';
import { BuildingData, CatalogueName, ItemData } from '../protocol.ts';

/** What rules are given is never older than this. */
export const CATALOGUE_MS = 2_000;
/** What is produced and consumed under this name is money, so no item has it. */
export const MONEY = 'coin';

interface Row {
  readonly kind: 'item' | 'building';
  readonly id: number;
  readonly name: string;
  readonly title: string;
  /** An item's price, a building's cost. */
  readonly amount: number | null;
  readonly isActive: boolean;
  readonly data: unknown;
  /** Another one after every change of the row. */
  readonly revision: string;
}

const ROWS = `SELECT 'item' AS kind, id, name, title, price AS amount, is_active AS "isActive", data,
    xmin::text AS revision FROM items WHERE owner_user_id IS NULL
  UNION ALL SELECT 'building', id, name, title, cost, is_active, data, xmin::text FROM buildings
  ORDER BY kind, id`;

/** What became of a row; null: it does not parse. */
interface Parsed<Entry> {
  readonly revision: string;
  readonly entry: Entry | null;
}

interface RowsOptions {
  /** Hears of each row that is left out, and why. */
  broken(row: object, reason: string): void;
  /** In ms, monotonic. */
  now(): number;
}

/** Reads the rows when they are old; parses, and complains about, only those that have changed. */
export class CatalogueRows {
  readonly #pool: pg.Pool;
  readonly #options: RowsOptions;
  #held: { readonly catalogue: WorldCatalogue; readonly at: number } | null = null;
  #reading: Promise<WorldCatalogue> | null = null;
  #items = new Map<number, Parsed<CatalogueItem>>();
  #buildings = new Map<number, Parsed<CatalogueBuilding>>();

  constructor(pool: pg.Pool, options: RowsOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** As they were less than CATALOGUE_MS ago. Who asks while they are read waits for the same. @throws AppError BUSY */
  async current(): Promise<WorldCatalogue> {
    const held = this.#held;
    if (held && this.#options.now() - held.at < CATALOGUE_MS) return held.catalogue;
    this.#reading ??= this.#begin();
    return this.#reading;
  }

  /** Whoever asks from now on sees what was committed until now. */
  forget(): void {
    this.#held = null;
    this.#reading = null;
  }

  #begin(): Promise<WorldCatalogue> {
    const at = this.#options.now();
    const reading = this.#read()
      .then((catalogue) => {
        // What was asked for before a change is not kept: it may not have it.
        if (this.#reading === reading) this.#held = { catalogue, at };
        return catalogue;
      })
      .finally(() => {
        if (this.#reading === reading) this.#reading = null;
      });
    return reading;
  }

  async #read(): Promise<WorldCatalogue> {
    const { rows } = await persist(() => this.#pool.query<Row>(ROWS));
    this.#items = this.#parse(rows, 'item', itemOf, this.#items);
    this.#buildings = this.#parse(rows, 'building', buildingOf, this.#buildings);
    return { items: byName(this.#items), buildings: byName(this.#buildings) };
  }

  #parse<Entry>(
    rows: readonly Row[],
    kind: Row['kind'],
    read: (row: Row) => Entry | string,
    known: ReadonlyMap<number, Parsed<Entry>>,
  ): Map<number, Parsed<Entry>> {
    const parsed = new Map<number, Parsed<Entry>>();
    for (const row of rows) {
      if (row.kind !== kind) continue;
      const before = known.get(row.id);
      parsed.set(row.id, before?.revision === row.revision ? before : this.#parseOne(row, read));
    }
    return parsed;
  }

  #parseOne<Entry>(row: Row, read: (row: Row) => Entry | string): Parsed<Entry> {
    const { kind, id, name, revision } = row;
    // What was built of a name that no save may hold could never be opened again.
    const entry = CatalogueName.safeParse(name).success ? read(row) : 'Its name is none.';
    if (typeof entry !== 'string') return { revision, entry };
    this.#options.broken({ [kind]: id, name }, entry);
    return { revision, entry: null };
  }
}

/** The item, or why there is none. */
function itemOf({ id, name, title, amount, isActive, data }: Row): CatalogueItem | string {
  if (name === MONEY) return 'This is the name of money.';
  const { success, data: parsed, error } = ItemData.safeParse(data);
  if (!success) return error.message;
  const { sellPrice, stack, recipe } = parsed;
  return { id, name, title, isActive, price: amount, sellPrice, stack, recipe };
}

/** The building, or why there is none. A step up of which no cost is told costs no coins. */
function buildingOf({ id, name, title, amount, isActive, data }: Row): CatalogueBuilding | string {
  const { success, data: parsed, error } = BuildingData.safeParse(data);
  if (!success) return error.message;
  const { width, height } = parsed;
  const levels = parsed.levels.map((level, index) => ({
    ...level,
    cost: (index === 0 ? amount : level.cost) ?? 0,
  }));
  return { id, name, title, isActive, width, height, levels };
}

function byName<Entry extends { readonly name: string }>(
  parsed: ReadonlyMap<number, Parsed<Entry>>,
): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const { entry } of parsed.values()) if (entry !== null) entries.set(entry.name, entry);
  return entries;
}
