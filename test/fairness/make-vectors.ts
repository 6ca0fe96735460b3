/**
 * Makes the golden vectors of F2 to F9 with the server's own stream: `node test/fairness/make-vectors.ts` writes
 * vectors.json beside this file. What goes in is derived from a counter, so that the file is the same each time; a change
 * of it is a change of the rules.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Draw } from '../../src/fairness/draw.ts';
import { drawFrom, sha256 } from '../../src/fairness/stream.ts';
import type { RoundProof } from '../../src/fairness/verifier.ts';
import { isRefusal } from '../../src/games/contract.ts';
import type { MatchEnding, MatchGame, MatchOutcome } from '../../src/games/match.ts';
import { games } from '../../src/games/registry.ts';
import type { RoundId } from '../../src/ids.ts';

/** Of each game; rounds of a group share seed, salt and beacon, and differ in their ids. */
const GROUPS: Record<string, number> = { crash: 46, roulette: 46, derby: 10, duel: 8 };
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
export interface VectorGroup {
  readonly game: string;
  readonly seed: string;
  readonly salt: string;
  /** Its randomness is what goes into the bytes. */
  readonly beacon: NonNullable<RoundProof['beacon']> | null;
  readonly commitment: string;
  readonly rounds: readonly VectorRound[];
}
export interface VectorRound {
  readonly roundId: string;
  readonly outcome: Readonly<Record<string, unknown>>;
}
export interface Vectors {
  readonly groups: readonly VectorGroup[];
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
        const { seed, salt } = inputOf(game.name, i);
        const beacon = i % 3 === 0 ? beaconOf(`${game.name} ${i}`, i + 1) : null;
        const rounds = Array.from({ length: ROUNDS }, (_, n) => {
          const { roundId } = inputOf(`${game.name} ${i}`, n);
          const draw = drawOf({ seed, salt, beacon: beacon?.randomness ?? null, roundId });
          const outcome = game.kind === 'round' ? game.draw(draw) : played(game, draw, n);
          return { roundId, outcome: outcome as Readonly<Record<string, unknown>> };
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

/** A round of a group as the server would publish it, the first of its chain. */
export function proofOf(group: VectorGroup, { roundId, outcome }: VectorRound): RoundProof {
  const { game, seed, salt, beacon, commitment } = group;
  const chain = { commitment, salt, length: 1 };
  return { roundId, game, chain, index: 1, commitment, seed, beacon, outcome };
}

/** How every fourth match ends before its end. */
const BROKEN_OFF: readonly MatchEnding[] = ['agreed', 'resigned', 'time', 'left'];

/** A match by the server's rules, with moves that are drawn as well. */
function played(game: MatchGame, draw: Draw, n: number): MatchOutcome {
  const setup = game.setup(draw);
  const moves: object[] = [];
  let state = setup;
  for (;;) {
    const end = game.end(state);
    if (end) return { setup, moves, ...end, ending: end.winner === null ? 'drawn' : 'won' };
    if (n % 4 === 3 && moves.length >= n % 13) {
      const ending = BROKEN_OFF[((n - 3) / 4) % BROKEN_OFF.length] as MatchEnding;
      const winner = ending === 'agreed' ? null : (game.turn(state) + 1) % game.seats;
      return { setup, moves, winner, ending };
    }
    const open = game.moves(state);
    const move = open[draw.integer(open.length)] as object;
    const next = game.move(state, move);
    if (isRefusal(next)) throw new Error(next.refused);
    moves.push(move);
    state = next;
  }
}

function bytesFrom(text: string, length: number): string {
  return createHash('shake256', { outputLength: length }).update(text).digest('hex');
}

function beaconOf(text: string, round: number): VectorGroup['beacon'] {
  const signature = bytesFrom(`${text} signature`, 48);
  const randomness = sha256(Buffer.from(signature, 'hex')).toString('hex');
  return { chain: bytesFrom(`${text} chain`, 32), round, randomness, signature };
}

/** One in three has a beacon, of 1 to 255 bytes. */
function inputOf(kind: string, i: number): VectorInput {
  const bytes = (what: string, length: number) => bytesFrom(`${kind} ${i} ${what}`, length);
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
