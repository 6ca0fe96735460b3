/**
 * A process with one bare Colyseus room: what moves in the derby's state moves here at the same pace, and there is nothing
 * else. A race is computed beforehand; the room only shows it, again and again, while it is told to.
 */
import { Room, Server } from '@colyseus/core';
import { type ArraySchema, schema, t } from '@colyseus/schema';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { derby } from '../../src/games/derby.ts';
import { roundsOf } from '../returns/rounds.ts';

const [port = ''] = process.argv.slice(2);

const RunnerState = schema(
  {
    progress: t.uint16().default(0),
    winOdds: t.uint32().default(0),
    placeOdds: t.uint32().default(0),
  },
  'Runner',
);
const RaceState = schema({ now: t.number().default(0), runners: t.array(RunnerState) }, 'Race');
type Runner = { progress: number };

const EVERY_MS = derby.viewEveryMs;
const pictures = race();
let moving = false;

class RaceRoom extends Room {
  override patchRate = EVERY_MS;
  override state = new RaceState();
  #at = 0;

  override onCreate(): void {
    const runners = this.state.runners as unknown as ArraySchema<object>;
    for (const _ of pictures[0] ?? []) runners.push(new RunnerState());
  }

  /** One picture a patch: with a timer of its own, some pictures would share one. */
  override onBeforePatch(): void {
    if (moving) this.#move();
  }

  #move(): void {
    const picture = pictures[this.#at] ?? [];
    this.#at = (this.#at + 1) % pictures.length;
    this.state.now = Date.now();
    const runners = this.state.runners as unknown as ArrayLike<Runner>;
    for (let runner = 0; runner < picture.length; runner++) {
      (runners[runner] as Runner).progress = picture[runner] as number;
    }
  }
}

/** What the derby shows of one race. */
function race(): number[][] {
  const outcome = derby.draw(roundsOf('a race to look at')());
  const length = Math.floor(Math.max(...outcome.timesMs) / EVERY_MS);
  return Array.from({ length }, (_, at) =>
    (derby.view(at * EVERY_MS, outcome).runners as Runner[]).map(({ progress }) => progress),
  );
}

const server = new Server({
  transport: new WebSocketTransport(),
  greet: false,
  gracefullyShutdown: false,
});
server.define('race', RaceRoom);
process.on('message', (order) => {
  if (order === 'run') moving = true;
  if (order === 'rest') moving = false;
});
await server.listen(Number(port), '127.0.0.1');
console.log('Listening.');
