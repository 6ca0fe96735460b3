/** E-mail addresses are one address in any case, here as in the unique index on lower(email). */
import { col, fn, type WhereOptions, where } from 'sequelize';

export function canonicalEmail(email: string): string {
  return email.toLowerCase();
}

export function hasEmail(canonical: string): WhereOptions {
  return where(fn('lower', col('email')), canonical);
}
