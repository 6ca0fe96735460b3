/** The command line. `serve` is the server process itself; `start` builds the page first when it is missing or old. */
import { parseArgs } from 'node:util';
import { commands } from './commands/index.ts';
import { ConfigError, loadConfig } from './config.ts';
import { AppError } from './errors.ts';

async function main(argv: string[]): Promise<number> {
  const [name = 'serve', ...rest] = argv;
  const command = commands[name];
  if (!command) {
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
    options: command.options ?? {},
  });
  return command.run({ values, positionals, config: () => loadConfig() });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(
      error instanceof ConfigError || error instanceof AppError ? error.message : error,
    );
    process.exitCode = 1;
  },
);
