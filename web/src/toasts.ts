/** Short messages that go away by themselves: few at a time, and the same text never twice. */
import { createStore } from './store.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
}

const TOASTS_SHOWN = 3;
const SHOWN_MS = 6000;

export const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

export function toastError(text: string): void {
  const id = nextId++;
  const others = toasts.get().filter((toast) => toast.text !== text);
  toasts.set([...others, { id, text }].slice(-TOASTS_SHOWN));
  setTimeout(() => dismissToast(id), SHOWN_MS);
}

export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}
