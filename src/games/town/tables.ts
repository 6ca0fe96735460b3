/** The catalogue that a new server begins with; from then on it is rows that admins change. */
export { buildings } from './buildings.ts';
export { items } from './items.ts';
