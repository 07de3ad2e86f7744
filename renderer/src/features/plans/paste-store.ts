import { create } from 'zustand';

import type { Failure } from '#contract/failure.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf } from '../../lib/format-count.ts';
import { FailureError, failureOf } from '../../rpc/failure.ts';

import { showToast } from '../../ui/toast.tsx';

import { openPastedPlan } from './pasted-plan.ts';
import { readPlans } from './reader/plan-reader.ts';
import type { PlanSource } from './reader/plan-reader.ts';

/** More would take more memory than a page can have. */
const mostBytes = 256 * 1024 * 1024;

/** What was pasted or dropped last, and how far it is read. It goes on while other tabs are looked at. */
export type PasteStep =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly startedAt: number; readonly controller: AbortController }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Several plans: they stay with their reader until another text is read, or the list is closed. */
  | { readonly kind: 'found'; readonly source: PlanSource };

export const usePaste = create<{ readonly step: PasteStep }>(() => ({ step: { kind: 'waiting' } }));

/**
 * Reads a text or file: one plan is opened, several are listed. What was read before is let go.
 * Answers whether plans were found; why not is in the step.
 */
export async function readPaste(source: string | Blob): Promise<boolean> {
  closePaste();
  const controller = new AbortController();
  setStep({ kind: 'reading', startedAt: Date.now(), controller });
  let found: PlanSource | null = null;
  try {
    if (typeof source !== 'string' && source.size > mostBytes)
      throw new FailureError({
        code: 'too_large',
        message: `The file has ${formatBytes(source.size)}; up to ${formatBytes(mostBytes)} can be read.`,
        hint: 'Cut the log into parts.',
        retryable: false,
      });
    found = await readPlans(source, controller.signal);
    tellUnreadable(found.unreadable);
    const [only] = found.plans;
    if (found.plans.length > 1 || only === undefined) {
      setStep({ kind: 'found', source: found });
      return true;
    }
    const index = await found.open(0, controller.signal);
    found.close();
    setStep({ kind: 'waiting' });
    openPastedPlan(only.title, index);
    return true;
  } catch (error) {
    found?.close();
    // Another text may be read by now.
    const { step } = usePaste.getState();
    if (step.kind === 'reading' && step.controller === controller)
      setStep({ kind: 'failed', failure: failureOf(error, controller.signal) });
    return false;
  }
}

/** A log may hold plans that are cut: the others are shown, and these are not passed over in silence. */
function tellUnreadable({ count, first }: PlanSource['unreadable']): void {
  if (first === null) return;
  showToast({
    kind: 'info',
    title: `${countOf(count, 'plan')} could not be read`,
    description: `${count === 1 ? 'In' : 'The first one in'} line ${first.line}: ${first.message}`,
  });
}

/** Opens plans of the list, by their places, each in a tab of its own. */
export async function openFound(places: readonly number[]): Promise<void> {
  const { step } = usePaste.getState();
  if (step.kind !== 'found') return;
  const { source } = step;
  try {
    // All of them before the first tab: that one covers the list.
    const opened: (readonly [string, Awaited<ReturnType<PlanSource['open']>>])[] = [];
    for (const place of places) opened.push([source.plans[place]?.title ?? 'Plan', await source.open(place)]);
    for (const [title, index] of opened) openPastedPlan(title, index);
  } catch (error) {
    source.close();
    setStep({ kind: 'failed', failure: failureOf(error) });
  }
}

/** Stops reading, or lets go of the plans that were found. */
export function closePaste(): void {
  const { step } = usePaste.getState();
  if (step.kind === 'reading') step.controller.abort();
  if (step.kind === 'found') step.source.close();
  setStep({ kind: 'waiting' });
}

function setStep(step: PasteStep): void {
  usePaste.setState({ step });
}
