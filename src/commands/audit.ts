import { AppError } from '../errors.ts';
import type { PublishedHead } from '../ledger/audit/chain.ts';
import { proveBooks } from '../ledger/audit/prove.ts';
import type { AuditReport, Progress } from '../ledger/audit.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

/** A run that is shorter says nothing but its result. */
const QUIET_SECONDS = 5;
const HEAD = /^([1-9]\d{0,14}):([0-9a-f]{64})$/;

export const auditCommand: Command = {
  usage: 'audit [--incremental] [--head BLOCK:HASH] [--json]',
  summary:
    'proves the books, also beside a running server; exit code 1 when anything does not hold, 2 when it cannot tell',
  options: {
    json: { type: 'boolean' },
    incremental: { type: 'boolean' },
    head: { type: 'string' },
  },
  async run({ values, config }) {
    try {
      const head = values.head === undefined ? undefined : readHead(values.head);
      const report = await withDatabase(config(), (db) =>
        proveBooks(db, console.error, {
          incremental: values.incremental === true,
          head,
          onProgress: tell,
        }),
      );
      console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report));
      return report.ok ? 0 : 1;
    } catch (error) {
      console.error(`The audit could not be carried out: ${(error as Error).message || error}`);
      return 2;
    }
  },
};

function readHead(text: unknown): PublishedHead {
  const [, block, hash] = HEAD.exec(String(text)) ?? [];
  if (!block || !hash) throw new AppError('BAD_REQUEST', '--head: BLOCK:HASH, as it was published');
  return { block: Number(block), hash };
}

function tell({ done, of, checks, seconds }: Progress): void {
  if (seconds < QUIET_SECONDS) return;
  console.error(`${done}/${of} after ${Math.round(seconds)} s: ${checks.join('; ')}`);
}

function textOf({
  ok,
  kind,
  since,
  counted,
  checks,
  head,
  findings,
  seconds,
}: AuditReport): string {
  const counts = Object.entries(counted).map(([name, n]) => `${n} ${name}`);
  const lines = [
    since
      ? `What came after block ${since.block}, which was proven ${since.at}, and what that touches.`
      : 'Everything.',
    `Looked at ${counts.join(', ')}: ${checks} checks, ${kind}, ${seconds} s.`,
    head
      ? `Head of the hash chain: ${head.block}:${head.hash} (${head.transactions} transactions, ${head.at})`
      : 'The hash chain has no block yet.',
  ];
  for (const { check, rows } of findings) {
    lines.push(`BROKEN: ${check}`, ...rows.map((row) => `  ${JSON.stringify(row)}`));
  }
  lines.push(ok ? 'The books are sound.' : `${findings.length} checks failed.`);
  return lines.join('\n');
}
