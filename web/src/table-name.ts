/** The table is part of the address (#/crash/main), so that it can be shared and survives a reload. */
import { useCallback, useSyncExternalStore } from 'react';

export const DEFAULT_TABLE = 'main';
export const TABLE_NAME = /^[a-z0-9-]{1,32}$/;

export function useTableName(): [string, (name: string) => void] {
  const name = useSyncExternalStore(subscribe, nameInAddress);
  const open = useCallback((next: string) => {
    location.hash = `/crash/${next}`;
  }, []);
  return [name, open];
}

function nameInAddress(): string {
  const name = /^#\/crash\/(.+)$/.exec(location.hash)?.[1] ?? '';
  return TABLE_NAME.test(name) ? name : DEFAULT_TABLE;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
