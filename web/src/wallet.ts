/** The balance as the ledger last told it. The page never computes one. */
import type { Wallet } from '../../src/protocol.ts';
import { createStore } from './store.ts';

export const wallet = createStore<Wallet | null>(null);

/**
 * Messages and REST answers may overtake each other: what is older than the figure shown is dropped. So is news of a
 * wallet in another currency than the one of the table.
 */
export function applyWallet(next: Wallet): void {
  const shown = wallet.get();
  if (shown !== null && (next.currency !== shown.currency || next.seq <= shown.seq)) return;
  wallet.set(next);
}

export function forgetWallet(): void {
  wallet.set(null);
}
