/** The command line: see `src/commands/`. Compiled code is kept, so that the next start is quicker. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/roundhouse', import.meta.url)));
// R11: how long nodes wait for a table that another one makes, in seconds.
// biome-ignore lint/style/noProcessEnv: not a setting of ours; Colyseus reads it when it is loaded
process.env.COLYSEUS_MAX_CONCURRENT_CREATE_ROOM_WAIT_TIME ??= '5';
const { run } = await import('./commands/run.ts');
process.exitCode = await run(process.argv.slice(2));
