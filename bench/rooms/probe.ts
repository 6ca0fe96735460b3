/** Loaded into the processes that are measured (node --import): says how much CPU time the process has used. */

/** The answer to 'cpu'. `at` is the process' own monotonic clock, in ms. */
export interface CpuTime {
  readonly kind: 'cpu';
  readonly at: number;
  /** Of all threads, in the process and in the system on its behalf. */
  readonly ms: number;
}

process.on('message', (question) => {
  if (question !== 'cpu') return;
  const at = performance.now();
  const { user, system } = process.cpuUsage();
  process.send?.({ kind: 'cpu', at, ms: (user + system) / 1_000 } satisfies CpuTime);
});
// Whoever started it is gone.
process.once('disconnect', () => process.exit());
