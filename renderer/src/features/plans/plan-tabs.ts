import type { Connection } from '#contract/connections.ts';
import type { SavedPlan } from '#contract/plans.ts';

import { client } from '../../rpc/client.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { updateTab, useWorkbench } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import { explainStatement, explainWords } from './explain-statement.tsx';
import type { ExplainRequest } from './explain-statement.tsx';
import { forgetPaste, openPlanTab, readKeptPaste } from './pasted-plan.ts';
import { actInPlanTab, forgetPlanTab, shownPlan, usePlanTabs } from './plan-store.ts';
import type { ShownPlan } from './plan-store.ts';
import { planTabState, readPlanTabState } from './plan-tab-state.ts';
import { readPlan } from './reader/plan-reader.ts';

/** Explains a statement in a tab of its own. */
export async function openExplainTab(request: ExplainRequest & { readonly title?: string | undefined }): Promise<void> {
  const { connectionId, sql, analyze, title = 'Plan', parameters } = request;
  const id = openPlanTab(title, connectionId, { kind: 'explain', sql, analyze, savedId: null, rolledBack: false });
  await explainInTab(id, { connectionId, sql, analyze, ...(parameters === undefined ? {} : { parameters }) });
}

/** Explains a statement in a tab that is open. What it shows stays until the new plan is there. */
export async function explainInTab(tabId: string, request: ExplainRequest): Promise<void> {
  const { sql, analyze } = request;
  await actInPlanTab(tabId, explainWords(analyze), async (signal, say) => {
    const shown = await explainStatement(request, signal, say);
    const { savedId, rolledBack } = shown;
    updateTab(tabId, { state: planTabState({ kind: 'explain', sql, analyze, savedId, rolledBack }) });
    return shown;
  });
}

/** Opens a plan of the history. One that is open is shown. */
export function openSavedPlan(saved: Pick<SavedPlan, 'id' | 'sql' | 'connectionId'>): void {
  const title = saved.sql === null ? 'Plan' : titleOfSql(saved.sql);
  const connections = queryClient.getQueryData<readonly Connection[]>(rpcKey('connections', 'list')) ?? [];
  const known = connections.some(({ id }) => id === saved.connectionId);
  openPlanTab(title, known ? saved.connectionId : null, { kind: 'saved', savedId: saved.id }, `plan:${saved.id}`);
}

/** Brings back the plan of a tab that an earlier window left. Runs nothing on a server. */
export async function restorePlanTab(tab: WorkbenchTab): Promise<void> {
  if (usePlanTabs.getState()[tab.id] !== undefined) return;
  const source = readPlanTabState(tab.state);
  if (source?.kind === 'pasted') {
    await actInPlanTab(tab.id, 'Reading the plan', (signal) => readKeptPaste(source.pasteId, signal));
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
  const { takenAt, serverVersion, connectionId, connectionName, database } = saved;
  return shownPlan(index, {
    savedId,
    takenAt,
    serverVersion,
    origin: { connectionId, connectionName, database },
  });
}

/** Lets go of what a tab holds. */
export function releasePlanTab(tab: WorkbenchTab): void {
  forgetPlanTab(tab.id);
  const source = readPlanTabState(tab.state);
  if (source?.kind === 'pasted') forgetPaste(source.pasteId);
}

/** The plan tabs that show a plan now, other than one. */
export function otherShownPlans(tabId: string): { readonly tab: WorkbenchTab; readonly shown: ShownPlan }[] {
  const contents = usePlanTabs.getState();
  return useWorkbench.getState().tabs.flatMap((tab) => {
    const shown = tab.id === tabId ? null : (contents[tab.id]?.shown ?? null);
    return shown === null ? [] : [{ tab, shown }];
  });
}

function titleOfSql(sql: string): string {
  const flat = sql.replaceAll(/\s+/g, ' ').trim();
  return `Plan: ${flat.length > 32 ? `${flat.slice(0, 31)}…` : flat}`;
}
