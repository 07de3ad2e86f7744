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
  | { readonly kind: 'compare'; readonly before: PlanSource; readonly after: PlanSource }
  /** Ends when it has nothing else to do. */
  | { readonly kind: 'close' };

type Failed = { error: { message: string; line?: number; column?: number; understood: boolean } };

/**
 * Reads plans in a worker, so that a plan of any size costs the host's loop nothing.
 * Throws `bad_input` with line and column when the text is no plan.
 */
export async function analyzeInWorker(source: string, signal?: AbortSignal): Promise<Plan[]> {
  const { plans } = await ask<{ plans: Plan[] }>({ kind: 'analyze', source }, signal);
  return plans;
}

/**
 * Reads two plans and compares them, in a worker.
 * Throws `bad_input` naming the source, with line and column, when one of them is no plan or has not that many.
 */
export function compareInWorker(before: PlanSource, after: PlanSource, signal?: AbortSignal): Promise<ComparedPlans> {
  return ask<ComparedPlans>({ kind: 'compare', before, after }, signal);
}

async function ask<Answer extends object>(task: PlanTask, signal?: AbortSignal): Promise<Answer> {
  const answer = await new Promise<Answer | Failed>((resolve, reject) =>
    enqueue({ task, signal, resolve: (value) => resolve(value as Answer | Failed), reject }),
  );
  if (!('error' in answer)) return answer;
  const { message, line, column, understood } = answer.error;
  if (!understood) throw new Error(message);
  throw StewardError.of('bad_input', line === undefined ? message : `${message} (line ${line}, column ${column})`, {
    hint: 'Paste the whole output of EXPLAIN, in any of its formats.',
  });
}

interface Job {
  readonly task: PlanTask;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** One worker does one job after the other, and stays for a while: starting one takes longer than most plans do. */
const idleMs = 30_000;
const waiting: Job[] = [];
let running: Job | null = null;
let worker: Worker | null = null;
let closing: NodeJS.Timeout | undefined;

function enqueue(job: Job): void {
  if (job.signal?.aborted) {
    job.reject(job.signal.reason);
    return;
  }
  job.signal?.addEventListener('abort', () => drop(job), { once: true });
  waiting.push(job);
  next();
}

function next(): void {
  if (running !== null) return;
  const job = waiting.shift();
  clearTimeout(closing);
  if (job === undefined) {
    // Nothing holds the process up for a worker that has nothing to do.
    worker?.unref();
    closing = setTimeout(close, idleMs).unref();
    return;
  }
  running = job;
  worker ??= start();
  worker.ref();
  worker.postMessage(job.task);
}

/** Asks it to end by itself: a thread that is ended from outside while it works can take the process along. */
function close(): void {
  worker?.postMessage({ kind: 'close' } satisfies PlanTask);
  worker = null;
}

function start(): Worker {
  const started = new Worker(workerFile(import.meta.url, 'plan-worker'));
  const settle = (how: (job: Job) => void): void => {
    if (worker !== started || running === null) return;
    const job = running;
    running = null;
    how(job);
    next();
  };
  const lost = (reason: unknown): void => {
    if (worker !== started) return;
    const job = running;
    worker = null;
    running = null;
    job?.reject(reason);
    next();
  };
  started.on('message', (answer: unknown) => settle((job) => job.resolve(answer)));
  started.on('error', lost);
  started.on('exit', () => lost(new Error('the plan reader ended without an answer')));
  return started;
}

/** A job that nobody waits for any more: one that runs is stopped, whatever it is doing. */
function drop(job: Job): void {
  const at = waiting.indexOf(job);
  if (at !== -1) waiting.splice(at, 1);
  else if (running === job) {
    void worker?.terminate();
    worker = null;
    running = null;
  } else return;
  job.reject(job.signal?.reason);
  next();
}
