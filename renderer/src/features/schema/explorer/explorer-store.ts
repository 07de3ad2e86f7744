import { create } from 'zustand';

import { readUiMemory, writeUiMemory } from '../../../workbench/ui-memory.ts';
import { useWorkbench } from '../../../workbench/workbench-store.ts';

import type { Expansion } from './explorer-tree.ts';

interface ExplorerState {
  /** By connection; a connection without an entry was not read from memory yet. */
  readonly expansions: Readonly<Record<string, Expansion>>;
  /** The selected line, by connection. */
  readonly selected: Readonly<Record<string, string>>;
  /** Grows each time the search field is to take the focus. */
  readonly searchRequests: number;
}

export const useExplorer = create<ExplorerState>(() => ({ expansions: {}, selected: {}, searchRequests: 0 }));

const { getState, setState } = useExplorer;

/** Brings back what was open in a connection's tree. */
export async function restoreExpansion(connectionId: string): Promise<void> {
  if (getState().expansions[connectionId] !== undefined) return;
  const memory = await readUiMemory(memoryKey(connectionId));
  const entries = typeof memory === 'object' && memory !== null && !Array.isArray(memory) ? Object.entries(memory) : [];
  const known = Object.fromEntries(
    entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  );
  setState(({ expansions }) => ({
    expansions: { ...expansions, [connectionId]: { ...known, ...expansions[connectionId] } },
  }));
}

/** Opens or closes a line, and remembers it. */
export function setExpanded(connectionId: string, lineId: string, expanded: boolean): void {
  const expansion = { ...getState().expansions[connectionId], [lineId]: expanded };
  setState(({ expansions }) => ({ expansions: { ...expansions, [connectionId]: expansion } }));
  writeUiMemory(memoryKey(connectionId), expansion);
}

/** Selects a line. */
export function selectLine(connectionId: string, lineId: string): void {
  setState(({ selected }) => ({ selected: { ...selected, [connectionId]: lineId } }));
}

/** Puts the cursor into the search field, showing the explorer first. */
export function focusSearch(): void {
  useWorkbench.setState((state) => ({
    activeSectionId: 'schema',
    sidePanelHidden: { ...state.sidePanelHidden, schema: false },
  }));
  setState(({ searchRequests }) => ({ searchRequests: searchRequests + 1 }));
}

function memoryKey(connectionId: string): string {
  return `schema.explorer:${connectionId}`;
}
