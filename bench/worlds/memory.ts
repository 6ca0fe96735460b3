/** Loaded into the server that is measured (node --import): says how much memory the process takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The answer to 'memory'. */
export interface Memory {
  readonly kind: 'memory';
  /** As it stood when it was asked for, garbage included. */
  readonly rssBytes: number;
  /** Once the garbage is gone, which V8 itself collects when a process has had little to do for some ten seconds. */
  readonly restBytes: number;
  /** What is in use then: objects, and buffers outside of the heap. */
  readonly usedBytes: number;
}

/** Pages of what was collected are given back in the background. */
const GIVEN_BACK_MS = 250;

setFlagsFromString('--expose-gc');
/** As V8 does it itself in the end, with all that it keeps for later given up. */
const gc = runInNewContext('gc') as (options: object) => void;

process.on('message', async (question) => {
  if (question !== 'memory') return;
  const rssBytes = process.memoryUsage.rss();
  for (let round = 0; round < 2; round++) {
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await delay(GIVEN_BACK_MS);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const usedBytes = heapUsed + external;
  process.send?.({ kind: 'memory', rssBytes, restBytes: rss, usedBytes } satisfies Memory);
});
