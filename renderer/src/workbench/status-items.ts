import { useSyncExternalStore } from 'react';
import type { ComponentType } from 'react';

/** A piece of the status bar. Its component renders nothing where it has nothing to say. */
export interface StatusItem {
  readonly id: string;
  readonly side: 'left' | 'right';
  /** Smaller stands further to the outside. */
  readonly order: number;
  readonly component: ComponentType;
}

let items: readonly StatusItem[] = [];
const listeners = new Set<() => void>();

function set(next: readonly StatusItem[]): void {
  items = next;
  for (const listener of listeners) listener();
}

/** Adds an item to the status bar for as long as the returned function is not called. */
export function registerStatusItem(item: StatusItem): () => void {
  set([...items.filter((known) => known.id !== item.id), item].sort((a, b) => a.order - b.order));
  return () => set(items.filter((known) => known !== item));
}

/** The items of the status bar, outermost first. */
export function useStatusItems(): readonly StatusItem[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => items,
  );
}
