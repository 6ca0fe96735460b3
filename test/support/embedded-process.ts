/**
 * A process that uses the embedded PostgreSQL, for tests to kill: prints what startEmbedded answered as a line of
 * JSON, then lives until it is told to stop by the end of its input.
 */
import { once } from 'node:events';
import { startEmbedded } from '../../src/database/embedded.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: embedded-process.ts DATA_DIR');
try {
  const { stop, ...embedded } = await startEmbedded({ dataDir });
  console.log(JSON.stringify(embedded));
  process.stdin.resume();
  await once(process.stdin, 'end');
  await stop();
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }));
}
