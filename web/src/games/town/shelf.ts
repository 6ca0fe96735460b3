/** The catalogue as this page last read it; an admin may change it at any time. */
import { getBuildings, getItems } from '../../api.ts';
import { createStore, type ReadableStore } from '../../store.ts';
import { catalogueOf, type TownCatalogue } from './catalogue.ts';

const RETRY_MS = 3_000;

const current = createStore<TownCatalogue | null>(null);
/** Null until it is there. */
export const shelf: ReadableStore<TownCatalogue | null> = current;
let reading: Promise<void> | null = null;

/** Reads it anew. Until it was there once, again and again. */
export function readCatalogue(): Promise<void> {
  reading ??= read().finally(() => {
    reading = null;
  });
  return reading;
}

async function read(): Promise<void> {
  try {
    const [buildings, items] = await Promise.all([getBuildings(), getItems()]);
    current.set(catalogueOf(buildings, items));
  } catch {
    if (current.get() === null) setTimeout(() => void readCatalogue(), RETRY_MS);
  }
}
