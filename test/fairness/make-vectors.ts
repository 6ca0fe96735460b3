/**
 * Makes the golden vectors of F2 to F8 with the server's own stream: `node test/fairness/make-vectors.ts` writes
 * vectors.json beside this file. What goes in is derived from a counter, so that the file is the same each time; a change
 * of it is a change of the rules.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawFrom, sha256 } from '../../src/fairness/stream.ts';
import { games } from '../../src/games/registry.ts';
import type { RoundId } from '../../src/ids.ts';

/** Of each game; rounds of a group share seed, salt and beacon, and differ in their ids. */
const GROUPS: Record<string, number> = { crash: 46, roulette: 46, derby: 10 };
const ROUNDS = 100;
const INTEGERS = 40;
const SHUFFLES = 20;

/** All that a round's bytes depend on; bytes as lower case hex, ids as UUIDs. */
export interface VectorInput {
  readonly seed: string;
  readonly salt: string;
  readonly roundId: string;
  readonly beacon: string | null;
}
export interface Vectors {
  readonly groups: (Omit<VectorInput, 'roundId'> & {
    readonly game: string;
    readonly commitment: string;
    readonly rounds: { readonly roundId: string; readonly outcome: Record<string, unknown> }[];
  })[];
  /** The first integers in [0, n) of a round, and the 52 bits after them. */
  readonly integers: (VectorInput & {
    readonly n: number;
    readonly drawn: number[];
    readonly bits52: string;
  })[];
  /** How [0, 1, ..., length - 1] comes out of the shuffle. */
  readonly shuffles: (VectorInput & { readonly length: number; readonly shuffled: number[] })[];
}

export const VECTORS_FILE = fileURLToPath(new URL('vectors.json', import.meta.url));

/** Powers of two and their neighbours, primes, decks, and one that throws nearly half of all draws away. */
const BOUNDS = [
  1,
  2,
  3,
  6,
  7,
  10,
  37,
  52,
  100,
  255,
  256,
  257,
  65_537,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 + 1,
  3_000_000_000,
  2 ** 32 - 1,
  2 ** 32,
];
const LENGTHS = [0, 1, 2, 3, 8, 37, 52, 100];

export function makeVectors(): Vectors {
  return {
    groups: games.flatMap((game) =>
      Array.from({ length: GROUPS[game.name] ?? 0 }, (_, i) => {
        const { seed, salt, beacon } = inputOf(game.name, i);
        const rounds = Array.from({ length: ROUNDS }, (_, n) => {
          const { roundId } = inputOf(`${game.name} ${i}`, n);
          const outcome = game.draw(drawOf({ seed, salt, beacon, roundId }));
          return { roundId, outcome: outcome as Record<string, unknown> };
        });
        const commitment = sha256(Buffer.from(seed, 'hex')).toString('hex');
        return { game: game.name, seed, salt, beacon, commitment, rounds };
      }),
    ),
    integers: Array.from({ length: INTEGERS }, (_, i) => {
      const input = inputOf('integers', i);
      const n = BOUNDS[i % BOUNDS.length] as number;
      const draw = drawOf(input);
      const drawn = Array.from({ length: 12 }, () => draw.integer(n));
      return { ...input, n, drawn, bits52: draw.bits52().toString() };
    }),
    shuffles: Array.from({ length: SHUFFLES }, (_, i) => {
      const input = inputOf('shuffles', i);
      const length = LENGTHS[i % LENGTHS.length] as number;
      const shuffled = drawOf(input).shuffle(Array.from({ length }, (_, at) => at));
      return { ...input, length, shuffled };
    }),
  };
}

export function drawOf({ seed, salt, roundId, beacon }: VectorInput) {
  const bytes = beacon === null ? undefined : Buffer.from(beacon, 'hex');
  return drawFrom(Buffer.from(seed, 'hex'), Buffer.from(salt, 'hex'), roundId as RoundId, bytes);
}

/** One in three has a beacon, of 1 to 255 bytes. */
function inputOf(kind: string, i: number): VectorInput {
  const bytes = (what: string, length: number) =>
    createHash('shake256', { outputLength: length }).update(`${kind} ${i} ${what}`).digest('hex');
  const id = bytes('round', 16);
  const roundId = `${id.slice(0, 8)}-${id.slice(8, 12)}-7${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20)}`;
  const beaconLength = i === 3 ? 255 : 1 + ((i * 31) % 96);
  const beacon = i % 3 === 0 ? bytes('beacon', beaconLength) : null;
  return { seed: bytes('seed', 32), salt: bytes('salt', 32), roundId, beacon };
}

/** One vector a line. */
function textOf(vectors: Vectors): string {
  const lists = Object.entries(vectors).map(([name, list]) => {
    const lines = list.map((vector: object) => `    ${JSON.stringify(vector)}`);
    return `  "${name}": [\n${lines.join(',\n')}\n  ]`;
  });
  return `{\n${lists.join(',\n')}\n}\n`;
}

if (import.meta.main) writeFileSync(VECTORS_FILE, textOf(makeVectors()));
