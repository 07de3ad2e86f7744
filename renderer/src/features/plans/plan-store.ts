import { create } from 'zustand';

import type { Failure } from '#contract/failure.ts';
import { formatElapsed } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';

import type { PlanIndex } from './reader/plan-index.ts';

/** A plan on screen, with what is known about how it was taken. */
export interface ShownPlan {
  readonly index: PlanIndex;
  /** The statement changed data, ran, and was taken back. */
  readonly rolledBack: boolean;
  readonly savedId: string | null;
  readonly takenAt: string | null;
  /** As the server prints it; null where the plan did not come from one. */
  readonly serverVersion: string | null;
  /** The run before this one, which had a cold cache. */
  readonly firstRun: { readonly savedId: string | null; readonly executionMs: number | null } | null;
}

export interface PlanTabContent {
  readonly shown: ShownPlan | null;
  readonly busy: { readonly words: string; readonly startedAt: number } | null;
  readonly failure: Failure | null;
}

/** What the plan tabs hold, by tab. A tab that is not here has not been read yet. */
export const usePlanTabs = create<Readonly<Record<string, PlanTabContent>>>(() => ({}));

const controllers = new Map<string, AbortController>();

/** What a tab shows at its very beginning. */
export const noContent: PlanTabContent = { shown: null, busy: null, failure: null };

/** Answers a plan. `say` tells what it is doing now. */
export type PlanAct = (signal: AbortSignal, say: (words: string) => void) => Promise<ShownPlan>;

/** Does something that ends in a plan for a tab: shows that it runs, and its plan or its failure. An earlier act of the tab is cancelled. */
export async function actInPlanTab(tabId: string, words: string, act: PlanAct): Promise<ShownPlan | null> {
  controllers.get(tabId)?.abort();
  const controller = new AbortController();
  controllers.set(tabId, controller);
  let startedAt = Date.now();
  const say = (next: string) => {
    startedAt = Date.now();
    if (controllers.get(tabId) === controller) change(tabId, { busy: { words: next, startedAt }, failure: null });
  };
  say(words);
  try {
    const shown = await act(controller.signal, say);
    if (controllers.get(tabId) !== controller) return null;
    change(tabId, { shown, busy: null });
    return shown;
  } catch (error) {
    if (controllers.get(tabId) === controller)
      change(tabId, {
        busy: null,
        failure: controller.signal.aborted ? stopped(Date.now() - startedAt) : failureOf(error, controller.signal),
      });
    return null;
  } finally {
    if (controllers.get(tabId) === controller) controllers.delete(tabId);
  }
}

/** Cancels what a tab is doing, on the server too. */
export function cancelInPlanTab(tabId: string): void {
  controllers.get(tabId)?.abort();
}

/** Puts a plan that is already here into a tab. */
export function showPlanInTab(tabId: string, shown: ShownPlan): void {
  change(tabId, { shown, busy: null, failure: null });
}

/** Takes the failure of an act off a tab that shows an earlier plan. */
export function dismissFailure(tabId: string): void {
  change(tabId, { failure: null });
}

/** Lets go of a tab's plan, cancelling what it is doing. */
export function forgetPlanTab(tabId: string): void {
  controllers.get(tabId)?.abort();
  controllers.delete(tabId);
  usePlanTabs.setState(({ [tabId]: _left, ...others }) => others, true);
}

/** A plan made ready for being shown. */
export function shownPlan(index: PlanIndex, about: Partial<Omit<ShownPlan, 'index'>> = {}): ShownPlan {
  return { index, rolledBack: false, savedId: null, takenAt: null, serverVersion: null, firstRun: null, ...about };
}

function stopped(afterMs: number): Failure {
  return { code: 'cancelled', message: `Stopped after ${formatElapsed(afterMs)}.`, retryable: true };
}

function change(tabId: string, part: Partial<PlanTabContent>): void {
  usePlanTabs.setState((tabs) => ({ [tabId]: { ...(tabs[tabId] ?? noContent), ...part } }));
}
