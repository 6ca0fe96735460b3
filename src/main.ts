/** The command line: see `src/commands/`. Compiled code is kept, so that the next start is quicker. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/roundhouse', import.meta.url)));
const { run } = await import('./commands/run.ts');
process.exitCode = await run(process.argv.slice(2));
