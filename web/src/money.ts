/** Amounts and multipliers as people type and read them. Integers on both sides, no float in between. */

/** "50" -> 50; null for anything that is not a whole number of at least 1. */
export function parseAmount(text: string): number | null {
  const digits = text.trim();
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
}

/** "2", "1.5", "1,05" -> hundredths; null for anything else. */
export function parseMultiplier(text: string): number | null {
  const match = /^(\d{1,7})(?:[.,](\d{0,2}))?$/.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** 187 -> "1.87x" */
export function multiplierText(hundredths: number): string {
  const whole = Math.floor(hundredths / 100);
  return `${whole}.${String(hundredths % 100).padStart(2, '0')}x`;
}

/** The digits of an amount in groups of three: 12500 -> ["12", "500"]. */
export function digitGroups(amount: number): string[] {
  return String(Math.abs(amount)).split(/(?=(?:\d{3})+$)/);
}

/** What a stake would pay at a multiplier, for labels only: the ledger's figure comes from the server. */
export function estimatedPayout(amount: number, hundredths: number): number {
  return Math.floor((amount * hundredths) / 100);
}
