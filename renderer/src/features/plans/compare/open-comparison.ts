import type { SavedPlan } from '#contract/plans.ts';

import { formatDuration } from '../../../lib/format-duration.ts';
import { formatAbsolute } from '../../../lib/relative-time.ts';
import { client } from '../../../rpc/client.ts';
import { FailureError } from '../../../rpc/failure.ts';
import { openTabOfKind } from '../../../workbench/tab-actions.ts';
import { readUiMemory, writeUiMemory } from '../../../workbench/ui-memory.ts';
import type { WorkbenchTab } from '../../../workbench/workbench-store.ts';

import type { ShownPlan } from '../plan-store.ts';
import { comparePlans } from '../reader/plan-reader.ts';
import type { ComparedPlans } from '../reader/plan-reader.ts';
import type { PlanOfSource } from '../reader/reader-protocol.ts';

import { askForPlan } from './ask-for-plan.tsx';
import { comparisonState, readComparisonState } from './comparison-state.ts';
import type { ComparedSide, ComparisonState } from './comparison-state.ts';

/** A plan to compare with: what it is called, and where it is. */
export type SideChoice =
  | { readonly kind: 'saved'; readonly saved: SavedPlan }
  | { readonly kind: 'shown'; readonly title: string; readonly shown: ShownPlan }
  | { readonly kind: 'text'; readonly title: string; readonly text: string };

/** Opens two plans side by side, the older one as the plan before. */
export function openComparison(before: SideChoice, after: SideChoice): void {
  const id = `comparison:${crypto.randomUUID()}`;
  openTabOfKind({
    id,
    kind: 'plan-comparison',
    title: 'Comparison',
    connectionId: null,
    state: comparisonState({ before: sideOf(before), after: sideOf(after) }),
  });
}

/** Asks for the text of a plan, and compares one on screen with it. */
export async function compareWithPasted(shown: ShownPlan): Promise<void> {
  const text = await askForPlan();
  if (text === null) return;
  openComparison({ kind: 'text', title: 'Pasted plan', text }, { kind: 'shown', title: 'This plan', shown });
}

/** Lets go of the texts that a tab kept. */
export function releaseComparison(tab: WorkbenchTab): void {
  const state = readComparisonState(tab.state);
  for (const side of [state?.before, state?.after]) if (side?.kind === 'text') writeUiMemory(keyOf(side.textId), null);
}

/** Reads both plans and compares them. */
export async function readComparison({ before, after }: ComparisonState, signal: AbortSignal): Promise<ComparedPlans> {
  const [one, other] = await Promise.all([sourceOf(before, signal), sourceOf(after, signal)]);
  return comparePlans(one, other, signal);
}

function sideOf(choice: SideChoice): ComparedSide {
  if (choice.kind === 'saved')
    return { kind: 'saved', savedId: choice.saved.id, label: savedLabel(choice.saved, true) };
  if (choice.kind === 'shown' && choice.shown.savedId !== null)
    return { kind: 'saved', savedId: choice.shown.savedId, label: shownLabel(choice.title, choice.shown) };
  const textId = crypto.randomUUID();
  const { plan } = choice.kind === 'shown' ? choice.shown.index : { plan: null };
  writeUiMemory(keyOf(textId), {
    text: choice.kind === 'text' ? choice.text : (plan?.text ?? ''),
    queryText: plan?.queryText ?? null,
  });
  return {
    kind: 'text',
    textId,
    label: choice.kind === 'shown' ? shownLabel(choice.title, choice.shown) : choice.title,
  };
}

/** When a plan was taken, how long it took, by which version; and where, if asked. */
export function savedLabel(
  { takenAt, executionMs, serverVersion, connectionName, database }: SavedPlan,
  withPlace = false,
): string {
  const place = [connectionName, database].filter((part) => part !== null).join(' / ');
  return [
    formatAbsolute(takenAt),
    executionMs === null ? 'not run' : formatDuration(executionMs),
    ...versionWords(serverVersion),
    ...(withPlace && place !== '' ? [place] : []),
  ].join(' · ');
}

function shownLabel(title: string, { takenAt, index, serverVersion, origin }: ShownPlan): string {
  const { executionMs } = index.plan;
  const place = [origin?.connectionName ?? null, origin?.database ?? null].filter((part) => part !== null).join(' / ');
  return [
    takenAt === null ? title : formatAbsolute(takenAt),
    ...(executionMs === undefined ? [] : [formatDuration(executionMs)]),
    ...versionWords(serverVersion),
    ...(place === '' ? [] : [place]),
  ].join(' · ');
}

function versionWords(serverVersion: string | null): string[] {
  return serverVersion === null ? [] : [`PostgreSQL ${serverVersion.split(' ')[0] ?? ''}`];
}

async function sourceOf(side: ComparedSide, signal: AbortSignal): Promise<PlanOfSource> {
  if (side.kind === 'saved') {
    const { saved, source } = await client.plans.saved({ id: side.savedId }, { signal });
    return { source, place: 0, queryText: saved.sql, serverVersion: saved.serverVersion };
  }
  const kept = await readUiMemory(keyOf(side.textId));
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept) || typeof kept['text'] !== 'string')
    throw new FailureError({
      code: 'not_found',
      message: `The plan “${side.label}” was not kept.`,
      hint: 'Open both plans again, and compare them from there.',
      retryable: false,
    });
  const { text, queryText } = kept;
  return { source: text, place: 0, queryText: typeof queryText === 'string' ? queryText : null };
}

function keyOf(textId: string): string {
  return `plan-compared:${textId}`;
}
