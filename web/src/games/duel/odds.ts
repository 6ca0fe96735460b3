/** Odds of the spectators' pool as people read them. */

/** From here on hundredths say nothing any more. */
const WHOLE = 10_000;

/** 0 -> "-", 187 -> "1.87", 123456 -> "1234" */
export function oddsText(hundredths: number): string {
  if (hundredths === 0) return '-';
  const whole = Math.floor(hundredths / 100);
  return hundredths >= WHOLE
    ? String(whole)
    : `${whole}.${String(hundredths % 100).padStart(2, '0')}`;
}
