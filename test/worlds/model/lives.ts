/** Many random lives of towns at once, against the model of run.ts. */
import { randomInt } from 'node:crypto';
import { seeded } from '../../long/seeded.ts';
import { Towns } from '../fixture.ts';
import { Life, Tally } from './run.ts';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
/** At the same time, on connections that they share. */
const AT_ONCE = 16;
const AUDIT_EVERY = 5_000;

/** So many lives, or as many as SEQUENCES says. */
export function describeLives(usually: number): void {
  const sequences = Number(process.env.SEQUENCES ?? usually);

  describe('worlds/model', function () {
    this.timeout(60_000 + sequences * 100);
    let towns: Towns;
    const tally = new Tally();

    before(async () => {
      towns = await Towns.open();
    });
    after(async () => {
      await towns.close();
      console.log(`        seed ${SEED}; ${JSON.stringify(tally)}`);
    });

    it(`[W5] [M5] ${sequences} random lives of towns, with kills, lost answers and double deliveries, end as the model says (seed ${SEED})`, async () => {
      let next = 0;
      const lives = async () => {
        while (next < sequences) {
          const number = next++;
          await new Life(towns, seeded(SEED + number), tally).run().catch((error) => {
            const { message } = error as Error;
            throw new Error(`life ${number} of seed ${SEED}: ${message}`, { cause: error });
          });
          if (number % AUDIT_EVERY === AUDIT_EVERY - 1) await towns.books.assertSound();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lives));
      await towns.books.assertSound();
    });
  });
}
