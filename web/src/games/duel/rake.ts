/** What the house keeps of a pot, as the catalogue says. */
import { useCatalogue } from '../../catalogue.ts';
import { prizeOf } from './situation.ts';

/** What the winner of two such stakes gets; null while the rake is not known. */
export function usePrize(): (stake: number) => number | null {
  const rake = useCatalogue()?.find(({ name }) => name === 'duel')?.parameters.rakePercent;
  return (stake) => (typeof rake === 'number' ? prizeOf(stake, rake) : null);
}
