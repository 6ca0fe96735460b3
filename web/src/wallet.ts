/** The balance as the ledger last told it. The page never computes one. */
import type { Wallet } from '../../src/protocol.ts';
import { createStore } from './store.ts';

export const wallet = createStore<Wallet | null>(null);

/** Messages and REST answers may overtake each other: what is older than the figure shown is dropped. */
export function applyWallet(next: Wallet): void {
  const shown = wallet.get();
  if (shown === null || next.seq > shown.seq) wallet.set(next);
}

export function forgetWallet(): void {
  wallet.set(null);
}
