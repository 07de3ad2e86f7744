import { create } from 'zustand';

import type { Failure } from '#contract/failure.ts';
import { formatElapsed } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';

import { firstView, viewOfNew } from './plan-view-state.ts';
import type { PlanViewState } from './plan-view-state.ts';
import type { PlanIndex } from './reader/plan-index.ts';

/** A plan on screen, with what is known about how it was taken. */
export interface ShownPlan {
  /** Another one for each plan that is shown: views that hold a state of their own begin anew with it. */
  readonly serial: number;
  readonly index: PlanIndex;
  /** The statement changed data, ran, and was taken back. */
  readonly rolledBack: boolean;
  readonly savedId: string | null;
  readonly takenAt: string | null;
  /** As the server prints it; null where the plan did not come from one. */
  readonly serverVersion: string | null;
  /** Where it was taken; null where nobody knows. */
  readonly origin: PlanOrigin | null;
  /** The run before this one, which had a cold cache. */
  readonly firstRun: { readonly savedId: string | null; readonly executionMs: number | null } | null;
}

/** The connection and database that a plan was taken from. */
export interface PlanOrigin {
  readonly connectionId: string | null;
  readonly connectionName: string | null;
  readonly database: string | null;
}

export interface PlanTabContent {
  readonly shown: ShownPlan | null;
  readonly busy: { readonly words: string; readonly startedAt: number } | null;
  readonly failure: Failure | null;
  /** Does again what failed; a plan that could not be read is read again, and no statement is run for it. */
  readonly retry: (() => void) | null;
  readonly view: PlanViewState;
}

/** What the plan tabs hold, by tab. A tab that is not here has not been read yet. */
export const usePlanTabs = create<Readonly<Record<string, PlanTabContent>>>(() => ({}));

const controllers = new Map<string, AbortController>();

/** What a tab shows at its very beginning. */
export const noContent: PlanTabContent = { shown: null, busy: null, failure: null, retry: null, view: firstView };

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
        retry: () => void actInPlanTab(tabId, words, act),
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

let lastSerial = 0;

/** A plan made ready for being shown. */
export function shownPlan(index: PlanIndex, about: Partial<Omit<ShownPlan, 'index' | 'serial'>> = {}): ShownPlan {
  lastSerial += 1;
  return {
    serial: lastSerial,
    index,
    rolledBack: false,
    savedId: null,
    takenAt: null,
    serverVersion: null,
    origin: null,
    firstRun: null,
    ...about,
  };
}

function stopped(afterMs: number): Failure {
  return { code: 'cancelled', message: `Stopped after ${formatElapsed(afterMs)}.`, retryable: true };
}

/** Changes where somebody is in the plan of a tab. */
export function setPlanView(tabId: string, update: (view: PlanViewState) => Partial<PlanViewState>): void {
  const { view } = usePlanTabs.getState()[tabId] ?? noContent;
  change(tabId, { view: { ...view, ...update(view) } });
}

function change(tabId: string, part: Partial<PlanTabContent>): void {
  usePlanTabs.setState((tabs) => {
    const before = tabs[tabId] ?? noContent;
    const isNew = part.shown !== undefined && part.shown !== null && part.shown !== before.shown;
    const view = isNew && part.shown ? { view: viewOfNew(before.view, part.shown.index) } : {};
    return { [tabId]: { ...before, ...part, ...view } };
  });
}
