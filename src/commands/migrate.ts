import { migrateDown, migrateUp, migrationStatus } from '../database/migrate.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

export const migrateCommand: Command = {
  usage: 'migrate up|down|status',
  summary: 'runs what is pending, takes the last migration back, or lists both',
  async run({ positionals: [direction], config }) {
    return withDatabase(config(), async ({ url }) => {
      if (direction === 'up') {
        report('ran', await migrateUp(url));
      } else if (direction === 'down') {
        report('took back', await migrateDown(url));
      } else if (direction === 'status') {
        const { executed, pending } = await migrationStatus(url);
        report('done', executed);
        report('pending', pending);
      } else {
        console.error('Usage: migrate up|down|status');
        return 2;
      }
      return 0;
    });
  },
};

export const seedCommand: Command = {
  usage: 'seed',
  summary: 'writes the catalogue of games (every start does)',
  async run({ config }) {
    await withDatabase(config(), async () => {});
    console.log('The catalogue is up to date.');
    return 0;
  },
};

function report(what: string, names: readonly string[]): void {
  console.log(
    names.length === 0 ? `${what}: nothing` : names.map((name) => `${what}: ${name}`).join('\n'),
  );
}
