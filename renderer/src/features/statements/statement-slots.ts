import { useSyncExternalStore } from 'react';
import type { ComponentType } from 'react';

/** What a part that another feature adds to a statement's page is given. */
export interface StatementSlotProps {
  readonly connectionId: string;
  readonly queryId: string;
  /** Normalised: constants are `$1`, `$2`, … */
  readonly sql: string;
}

/** `samples`: calls with their values. `index-trial`: what an index would change. Empty while no feature fills them. */
export type StatementSlot = 'samples' | 'index-trial';

const parts = new Map<StatementSlot, ComponentType<StatementSlotProps>>();
const listeners = new Set<() => void>();

/** Fills a place on the page of a statement. */
export function fillStatementSlot(slot: StatementSlot, component: ComponentType<StatementSlotProps>): void {
  parts.set(slot, component);
  for (const listener of listeners) listener();
}

/** What fills a place; null for nothing. */
export function useStatementSlot(slot: StatementSlot): ComponentType<StatementSlotProps> | null {
  return useSyncExternalStore(subscribe, () => parts.get(slot) ?? null);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
