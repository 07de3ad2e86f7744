import type { Plan } from '#contract/plan-model.ts';
import type { SavedPlan } from '#contract/plans.ts';

import { formatDuration } from '../../lib/format-duration.ts';
import { client } from '../../rpc/client.ts';
import { FailureError } from '../../rpc/failure.ts';
import { openTabOfKind } from '../../workbench/tab-actions.ts';
import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';
import { updateTab, useWorkbench } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import { explainStatement, explainWords } from './explain-statement.tsx';
import type { ExplainRequest } from './explain-statement.tsx';
import { nodeLabelOf, nodeNameOf } from './plan-names.ts';
import { actInPlanTab, forgetPlanTab, showPlanInTab, shownPlan, usePlanTabs } from './plan-store.ts';
import { planTabState, readPlanTabState } from './plan-tab-state.ts';
import type { PlanTabSource } from './plan-tab-state.ts';

/** Larger pastes are not kept across a restart. */
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
export function openSavedPlan(saved: SavedPlan): void {
  const title = saved.sql === null ? 'Plan' : titleOfSql(saved.sql);
  openPlanTab(title, null, { kind: 'saved', savedId: saved.id }, `plan:${saved.id}`);
}

/** Opens a plan that was read from pasted text. */
export function openPastedPlan(plan: Plan, pasteId: string, place: number): void {
  const id = openPlanTab(pastedTitle(plan), null, { kind: 'pasted', pasteId, place }, `plan:${pasteId}:${place}`);
  showPlanInTab(id, shownPlan(plan));
}

/** Keeps pasted text for the tabs that show its plans. Answers the id that they name it by. */
export function keepPaste(source: string): string {
  const pasteId = crypto.randomUUID();
  if (source.length <= mostKeptCharacters) writeUiMemory(pasteKey(pasteId), source);
  return pasteId;
}

/** Brings back the plan of a tab that an earlier window left. Runs nothing on a server. */
export async function restorePlanTab(tab: WorkbenchTab): Promise<void> {
  if (usePlanTabs.getState()[tab.id] !== undefined) return;
  const source = readPlanTabState(tab.state);
  if (source?.kind === 'pasted') {
    await actInPlanTab(tab.id, 'Reading the plan', (signal) => readPaste(source.pasteId, source.place, signal));
  } else if (source !== null && source.savedId !== null) {
    const { savedId } = source;
    const rolledBack = source.kind === 'explain' && source.rolledBack;
    await actInPlanTab(tab.id, 'Reading the plan', async (signal) => {
      const { plan, saved } = await client.plans.saved({ id: savedId }, { signal });
      return shownPlan(plan, { savedId, rolledBack, takenAt: saved.takenAt });
    });
  }
}

/** Lets go of what a tab holds. */
export function releasePlanTab(tab: WorkbenchTab): void {
  forgetPlanTab(tab.id);
  const source = readPlanTabState(tab.state);
  if (source?.kind !== 'pasted') return;
  const shared = useWorkbench.getState().tabs.some((other) => {
    const theirs = readPlanTabState(other.state);
    return other.id !== tab.id && theirs?.kind === 'pasted' && theirs.pasteId === source.pasteId;
  });
  if (!shared) writeUiMemory(pasteKey(source.pasteId), null);
}

async function readPaste(pasteId: string, place: number, signal: AbortSignal) {
  const text = await readUiMemory(pasteKey(pasteId));
  if (typeof text !== 'string') {
    throw new FailureError({
      code: 'not_found',
      message: 'The pasted text was not kept.',
      hint: 'Paste it again in Plans.',
      retryable: false,
    });
  }
  const { plans } = await client.plans.analyze({ source: text }, { signal });
  const plan = plans[place];
  if (plan === undefined)
    throw new FailureError({
      code: 'not_found',
      message: 'The pasted text does not hold this plan any more.',
      retryable: false,
    });
  return shownPlan(plan);
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

/** The title of a plan without a name: its root, and how long it took. */
export function pastedTitle(plan: Plan): string {
  const [root] = plan.nodes;
  if (root === undefined) return 'Plan';
  const label = nodeLabelOf(nodeNameOf(root, plan.text.split('\n', root.line)));
  return plan.executionMs === undefined ? `Plan: ${label}` : `Plan: ${label}, ${formatDuration(plan.executionMs)}`;
}

function titleOfSql(sql: string): string {
  const flat = sql.replaceAll(/\s+/g, ' ').trim();
  return `Plan: ${flat.length > 32 ? `${flat.slice(0, 31)}…` : flat}`;
}

function pasteKey(pasteId: string): string {
  return `plan-paste:${pasteId}`;
}
