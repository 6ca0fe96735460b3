/**
 * The draws of many rounds, made as a table makes them: each round has a seed of a chain of SHA-256, a round id and the
 * salt. What is drawn follows from the text alone.
 */
import type { Draw } from '../../src/fairness/draw.ts';
import { drawFrom, sha256 } from '../../src/fairness/stream.ts';
import type { RoundId } from '../../src/ids.ts';

const MAX_ROUNDS = 2 ** 48;

/** Answers the next round's draw, as often as it is called. */
export function roundsOf(text: string): () => Draw {
  const salt = sha256(Buffer.from(`salt of ${text}`));
  let seed = sha256(Buffer.from(text));
  let number = 0;
  return () => {
    seed = sha256(seed);
    number = (number + 1) % MAX_ROUNDS;
    const id = `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
    return drawFrom(seed, salt, id as RoundId);
  };
}
