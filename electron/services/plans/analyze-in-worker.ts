import { Worker } from 'node:worker_threads';

import type { PlanComparison } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';

import { StewardError } from '../../postgres/failure.ts';
import { workerFile } from '../../postgres/worker-file.ts';

/** One side of a comparison: which plan of a source, counted from 1. */
export interface PlanSource {
  /** How an error calls it. */
  readonly name: string;
  readonly source: string;
  readonly number: number;
  /** The statement, where the source does not tell. */
  readonly queryText?: string;
}

/** Two plans and what differs between them. */
export interface ComparedPlans {
  readonly before: Plan;
  readonly after: Plan;
  readonly comparison: PlanComparison;
}

/** What the worker is asked. */
export type PlanTask =
  | { readonly kind: 'analyze'; readonly source: string }
  | { readonly kind: 'compare'; readonly before: PlanSource; readonly after: PlanSource };

type Failed = { error: { message: string; line?: number; column?: number; understood: boolean } };

/**
 * Reads plans in a worker of its own, so that a plan of any size costs the host's loop nothing.
 * Throws `bad_input` with line and column when the text is no plan.
 */
export async function analyzeInWorker(source: string, signal?: AbortSignal): Promise<Plan[]> {
  const { plans } = await runInWorker<{ plans: Plan[] }>({ kind: 'analyze', source }, signal);
  return plans;
}

/**
 * Reads two plans and compares them, in a worker of its own.
 * Throws `bad_input` naming the source, with line and column, when one of them is no plan or has not that many.
 */
export function compareInWorker(before: PlanSource, after: PlanSource, signal?: AbortSignal): Promise<ComparedPlans> {
  return runInWorker<ComparedPlans>({ kind: 'compare', before, after }, signal);
}

async function runInWorker<Answer extends object>(task: PlanTask, signal?: AbortSignal): Promise<Answer> {
  signal?.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'plan-worker'), { workerData: task });
  const abort = () => void worker.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await new Promise<Answer | Failed>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(signal?.aborted ? signal.reason : new Error('the plan reader ended without an answer')),
      );
    });
    if (!('error' in answer)) return answer;
    const { message, line, column, understood } = answer.error;
    if (!understood) throw new Error(message);
    throw StewardError.of('bad_input', line === undefined ? message : `${message} (line ${line}, column ${column})`, {
      hint: 'Paste the whole output of EXPLAIN, in any of its formats.',
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    void worker.terminate();
  }
}
