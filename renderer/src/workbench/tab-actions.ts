import { tabKindOf } from './tab-kinds.ts';
import { openTab, removeTab, showTab, useWorkbench } from './workbench-store.ts';
import type { Json, WorkbenchTab } from './workbench-store.ts';

export interface NewTab {
  readonly kind: string;
  readonly title: string;
  readonly connectionId: string | null;
  readonly state?: Json;
  /** Give one where the same thing must not open twice, for example `relation:<connection>:<oid>`. */
  readonly id?: string;
}

/** Opens a tab and shows it. Answers its id. */
export function openTabOfKind({ kind, title, connectionId, state = null, id = crypto.randomUUID() }: NewTab): string {
  const found = tabKindOf(kind);
  if (found === null) throw new Error(`There is no kind of tab called ${kind}.`);
  openTab({ id, kind, title, connectionId, state }, found.sectionId);
  return id;
}

/** Shows a tab that is open. */
export function showOpenTab(tab: WorkbenchTab): void {
  const found = tabKindOf(tab.kind);
  if (found !== null) showTab(tab.id, found.sectionId);
}

/** Closes a tab if it may be closed, letting its kind release what it holds, and shows the neighbour of the same section. */
export async function closeTab(tab: WorkbenchTab): Promise<void> {
  const found = tabKindOf(tab.kind);
  if ((await found?.mayClose?.(tab)) === false) return;
  const { tabs } = useWorkbench.getState();
  const siblings = tabs.filter((candidate) => tabKindOf(candidate.kind)?.sectionId === found?.sectionId);
  const place = siblings.findIndex((candidate) => candidate.id === tab.id);
  const neighbour = siblings[place + 1] ?? siblings[place - 1] ?? null;
  found?.onClose?.(tab);
  removeTab(tab.id, found?.sectionId ?? '', neighbour?.id ?? null);
}
