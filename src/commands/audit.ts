import { audit } from '../ledger/audit.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

export const auditCommand: Command = {
  usage: 'audit [--json]',
  summary:
    'proves the books, also beside a running server; exit code 1 when anything does not hold',
  options: { json: { type: 'boolean' } },
  async run({ values, config }) {
    const report = await withDatabase(config(), audit);
    if (values.json) {
      console.log(JSON.stringify(report, null, 2));
    } else {
      const counted = Object.entries(report.counted).map(([name, n]) => `${n} ${name}`);
      console.log(`Looked at ${counted.join(', ')}: ${report.checks} checks.`);
      for (const { check, rows } of report.findings) {
        console.log(`BROKEN: ${check}`);
        for (const row of rows) console.log(`  ${JSON.stringify(row)}`);
      }
      console.log(report.ok ? 'The books are sound.' : `${report.findings.length} checks failed.`);
    }
    return report.ok ? 0 : 1;
  },
};
