/** Finds the command, reads its words, and turns what goes wrong into a line and an exit code. */
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { commands } from './index.ts';

export async function run(argv: readonly string[]): Promise<number> {
  try {
    return await command(argv);
  } catch (error) {
    console.error(
      error instanceof ConfigError || error instanceof AppError ? error.message : error,
    );
    return 1;
  }
}

async function command(argv: readonly string[]): Promise<number> {
  const [name = 'serve', ...rest] = argv;
  const found = commands[name];
  if (!found) {
    console.error(`Unknown command "${name}". Try: npm run roundhouse -- help`);
    return 2;
  }
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    strict: false,
    options: found.options ?? {},
  });
  return found.run({ values, positionals, config: () => loadConfig() });
}
