import type { Connection } from '#contract/connections.ts';
import type { SavedPlan } from '#contract/plans.ts';

import { client } from '../../rpc/client.ts';
import { FailureError } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { openTabOfKind } from '../../workbench/tab-actions.ts';
import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';
import { updateTab, useWorkbench } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import { explainStatement, explainWords } from './explain-statement.tsx';
import type { ExplainRequest } from './explain-statement.tsx';
import { actInPlanTab, forgetPlanTab, showPlanInTab, shownPlan, usePlanTabs } from './plan-store.ts';
import type { ShownPlan } from './plan-store.ts';
import { planTabState, readPlanTabState } from './plan-tab-state.ts';
import type { PlanTabSource } from './plan-tab-state.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { readPlan } from './reader/plan-reader.ts';

/** Longer plans are not kept across a restart. */
const mostKeptCharacters = 2_000_000;

/** Explains a statement in a tab of its own. */
export async function openExplainTab(request: ExplainRequest & { readonly title?: string | undefined }): Promise<void> {
  const { connectionId, sql, analyze, title = 'Plan' } = request;
  const id = openPlanTab(title, connectionId, { kind: 'explain', sql, analyze, savedId: null, rolledBack: false });
  await explainInTab(id, { connectionId, sql, analyze });
}

/** Explains a statement in a tab that is open. What it shows stays until the new plan is there. */
export async function explainInTab(tabId: string, request: ExplainRequest): Promise<void> {
  const shown = await actInPlanTab(tabId, explainWords(request.analyze), (signal, say) =>
    explainStatement(request, signal, say),
  );
  if (shown === null) return;
  const { sql, analyze } = request;
  updateTab(tabId, {
    state: planTabState({ kind: 'explain', sql, analyze, savedId: shown.savedId, rolledBack: shown.rolledBack }),
  });
}

/** Opens a plan of the history. One that is open is shown. */
export function openSavedPlan(saved: Pick<SavedPlan, 'id' | 'sql' | 'connectionId'>): void {
  const title = saved.sql === null ? 'Plan' : titleOfSql(saved.sql);
  const connections = queryClient.getQueryData<readonly Connection[]>(rpcKey('connections', 'list')) ?? [];
  const known = connections.some(({ id }) => id === saved.connectionId);
  openPlanTab(title, known ? saved.connectionId : null, { kind: 'saved', savedId: saved.id }, `plan:${saved.id}`);
}

/** Opens a plan that was read from pasted text. */
export function openPastedPlan(title: string, index: PlanIndex): void {
  const pasteId = crypto.randomUUID();
  const { text, queryText } = index.plan;
  if (text.length <= mostKeptCharacters) writeUiMemory(pasteKey(pasteId), { text, queryText: queryText ?? null });
  const id = openPlanTab(title, null, { kind: 'pasted', pasteId }, `plan:${pasteId}`);
  showPlanInTab(id, shownPlan(index));
}

/** Brings back the plan of a tab that an earlier window left. Runs nothing on a server. */
export async function restorePlanTab(tab: WorkbenchTab): Promise<void> {
  if (usePlanTabs.getState()[tab.id] !== undefined) return;
  const source = readPlanTabState(tab.state);
  if (source?.kind === 'pasted') {
    await actInPlanTab(tab.id, 'Reading the plan', (signal) => readPaste(source.pasteId, signal));
  } else if (source !== null && source.savedId !== null) {
    const { savedId } = source;
    const rolledBack = source.kind === 'explain' && source.rolledBack;
    await actInPlanTab(tab.id, 'Reading the plan', async (signal) => ({
      ...(await readSaved(savedId, signal)),
      rolledBack,
    }));
  }
}

/** A plan of the history, read. */
export async function readSaved(savedId: string, signal: AbortSignal): Promise<ShownPlan> {
  const { saved, source } = await client.plans.saved({ id: savedId }, { signal });
  const index = await readPlan({ source, place: 0, queryText: saved.sql }, signal);
  return shownPlan(index, { savedId, takenAt: saved.takenAt, serverVersion: saved.serverVersion });
}

/** Lets go of what a tab holds. */
export function releasePlanTab(tab: WorkbenchTab): void {
  forgetPlanTab(tab.id);
  const source = readPlanTabState(tab.state);
  if (source?.kind === 'pasted') writeUiMemory(pasteKey(source.pasteId), null);
}

/** The plan tabs that show a plan now, other than one. */
export function otherShownPlans(tabId: string): { readonly tab: WorkbenchTab; readonly shown: ShownPlan }[] {
  const contents = usePlanTabs.getState();
  return useWorkbench.getState().tabs.flatMap((tab) => {
    const shown = tab.id === tabId ? null : (contents[tab.id]?.shown ?? null);
    return shown === null ? [] : [{ tab, shown }];
  });
}

async function readPaste(pasteId: string, signal: AbortSignal): Promise<ShownPlan> {
  const kept = await readUiMemory(pasteKey(pasteId));
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept) || typeof kept['text'] !== 'string') {
    throw new FailureError({
      code: 'not_found',
      message: 'The pasted text was not kept.',
      hint: 'Paste it again in Plans.',
      retryable: false,
    });
  }
  const { text, queryText } = kept;
  const statement = typeof queryText === 'string' ? queryText : null;
  return shownPlan(await readPlan({ source: text, place: 0, queryText: statement }, signal));
}

function openPlanTab(title: string, connectionId: string | null, source: PlanTabSource, id?: string): string {
  return openTabOfKind({
    kind: 'plan',
    title,
    connectionId,
    state: planTabState(source),
    ...(id === undefined ? {} : { id }),
  });
}

function titleOfSql(sql: string): string {
  const flat = sql.replaceAll(/\s+/g, ' ').trim();
  return `Plan: ${flat.length > 32 ? `${flat.slice(0, 31)}…` : flat}`;
}

function pasteKey(pasteId: string): string {
  return `plan-paste:${pasteId}`;
}
