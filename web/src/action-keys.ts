/** Space and Enter act, wherever they do not already mean something. */
import { useEffect, useEffectEvent } from 'react';

export function useActionKeys(act: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    // A held key must not bet and then cash out.
    if (event.repeat) return isFree(event) ? event.preventDefault() : undefined;
    if (event.altKey || event.ctrlKey || event.metaKey || !isFree(event)) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

/** Buttons and dialogs keep their keys. In the number inputs of the bet, Space has no other use. */
function isFree({ target }: KeyboardEvent): boolean {
  if (!(target instanceof Element) || document.querySelector('dialog[open]')) return false;
  const control = target.closest('button, a, input, select, textarea, summary, [tabindex]');
  return control === null || (control.matches('input') && control.closest('.bet-panel') !== null);
}
