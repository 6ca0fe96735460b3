/** The commands by name. */
import { auditCommand } from './audit.ts';
import type { Command } from './command.ts';
import { migrateCommand, seedCommand } from './migrate.ts';
import { reportCommand } from './report.ts';
import { serveCommand, startCommand } from './serve.ts';
import { userCommand } from './user.ts';
import { verifyCommand } from './verify.ts';

const helpCommand: Command = {
  usage: 'help',
  summary: 'prints this',
  async run() {
    const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
    for (const { usage, summary } of Object.values(commands)) {
      console.log(`  ${usage.padEnd(width)}  ${summary}`);
    }
    return 0;
  },
};

export const commands: Record<string, Command> = {
  serve: serveCommand,
  start: startCommand,
  migrate: migrateCommand,
  seed: seedCommand,
  audit: auditCommand,
  verify: verifyCommand,
  user: userCommand,
  report: reportCommand,
  help: helpCommand,
};
