import { FailureError } from '../../rpc/failure.ts';
import { openTabOfKind } from '../../workbench/tab-actions.ts';
import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';

import { showPlanInTab, shownPlan } from './plan-store.ts';
import type { ShownPlan } from './plan-store.ts';
import { planTabState } from './plan-tab-state.ts';
import type { PlanTabSource } from './plan-tab-state.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { readPlan } from './reader/plan-reader.ts';

/** Longer plans are not kept across a restart. */
const mostKeptCharacters = 2_000_000;

/** Opens a plan that was read from pasted text. */
export function openPastedPlan(title: string, index: PlanIndex): void {
  const pasteId = crypto.randomUUID();
  const { text, queryText } = index.plan;
  if (text.length <= mostKeptCharacters) writeUiMemory(pasteKey(pasteId), { text, queryText: queryText ?? null });
  const id = openPlanTab(title, null, { kind: 'pasted', pasteId }, `plan:${pasteId}`);
  showPlanInTab(id, shownPlan(index));
}

/** Lets go of the text of a plan. */
export function forgetPaste(pasteId: string): void {
  writeUiMemory(pasteKey(pasteId), null);
}

/** The plan of a tab that an earlier window left, from its text. */
export async function readKeptPaste(pasteId: string, signal: AbortSignal): Promise<ShownPlan> {
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

/** Opens a tab for a plan. */
export function openPlanTab(title: string, connectionId: string | null, source: PlanTabSource, id?: string): string {
  return openTabOfKind({
    kind: 'plan',
    title,
    connectionId,
    state: planTabState(source),
    ...(id === undefined ? {} : { id }),
  });
}

function pasteKey(pasteId: string): string {
  return `plan-paste:${pasteId}`;
}
