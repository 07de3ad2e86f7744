import { forgetModel } from '../../editor/sql-models.ts';
import { askUser } from '../../ui/ask-dialog.tsx';
import { openTabOfKind } from '../../workbench/tab-actions.ts';
import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';
import { updateTab, useWorkbench } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import { releaseRun, useRuns } from './run-store.ts';

const texts = new Map<string, string>();

export interface NewQueryTab {
  readonly sql: string;
  readonly title?: string | undefined;
  readonly connectionId?: string | null | undefined;
}

/** Opens a query tab with a text. Nothing in it runs. */
export function openQueryTab({ sql, title, connectionId }: NewQueryTab): string {
  const { tabs, activeConnectionId } = useWorkbench.getState();
  const id = crypto.randomUUID();
  rememberText(id, sql);
  return openTabOfKind({
    id,
    kind: 'query',
    title: title ?? nextTitle(tabs),
    connectionId: connectionId === undefined ? activeConnectionId : connectionId,
  });
}

/** The text of a tab: what was typed, or what an earlier window left. */
export async function textOf(tabId: string): Promise<string> {
  const known = texts.get(tabId);
  if (known !== undefined) return known;
  const memory = await readUiMemory(memoryKey(tabId));
  const text = typeof memory === 'string' ? memory : '';
  texts.set(tabId, text);
  return text;
}

/** The text of a tab if it is already here, without asking. */
export function knownText(tabId: string): string | null {
  return texts.get(tabId) ?? null;
}

/** Keeps the text of a tab, also across restarts. */
export function rememberText(tabId: string, text: string): void {
  texts.set(tabId, text);
  writeUiMemory(memoryKey(tabId), text);
}

/** Whether a tab may be closed: asks where an open transaction would be rolled back. */
export async function mayCloseQueryTab(tab: WorkbenchTab): Promise<boolean> {
  const transaction = useRuns.getState().transactions[tab.id] ?? 'idle';
  if (transaction !== 'in transaction') return true;
  return await askUser({
    title: `Close ${tab.title} and roll back its transaction`,
    words:
      'Its transaction is open. Closing the tab ends the session, and the server takes back every change that was not committed.',
    action: 'Roll back and close',
    danger: true,
  });
}

/** Lets go of a tab: its session, results, text and undo steps. */
export function releaseQueryTab(tab: WorkbenchTab): void {
  releaseRun(tab.id);
  texts.delete(tab.id);
  writeUiMemory(memoryKey(tab.id), null);
  forgetModel(tab.id);
}

/** Points a tab at another connection. Its session on the old one is closed. */
export function moveQueryTab(tab: WorkbenchTab, connectionId: string): void {
  releaseRun(tab.id);
  updateTab(tab.id, { connectionId });
}

function memoryKey(tabId: string): string {
  return `query-tab:${tabId}`;
}

function nextTitle(tabs: readonly WorkbenchTab[]): string {
  const taken = new Set(tabs.map((tab) => tab.title));
  let number = 1;
  while (taken.has(`Query ${number}`)) number += 1;
  return `Query ${number}`;
}
