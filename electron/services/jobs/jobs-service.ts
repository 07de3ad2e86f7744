import { randomUUID } from 'node:crypto';

import type { Job } from '#contract/jobs.ts';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { LiveValue } from '../live-value.ts';
import { redactFailure } from '../secrets/index.ts';

/** What a running job may do to its own record. */
export interface JobHandle {
  readonly id: string;
  readonly signal: AbortSignal;
  /** What it does now, and how far it is: 0 to 1, or null where no honest fraction is known. */
  progress(step: string, fraction?: number | null): void;
  log(text: string): void;
}

export interface JobDescription {
  readonly kind: Job['kind'];
  readonly title: string;
  readonly connectionId: string | null;
}

interface LogLine {
  readonly at: string;
  readonly text: string;
}

const keptLogLines = 2000;
const keptJobs = 200;

/** Every long operation: an id, progress, a log, cancel. Ends are handed to `onEnd`, which keeps them in the store. */
export class JobsService implements AsyncDisposable {
  readonly jobs = new LiveValue<readonly Job[]>([]);
  readonly #running = new Map<string, { controller: AbortController; done: Promise<unknown> }>();
  readonly #logs = new Map<string, LogLine[]>();
  readonly #onEnd: (job: Job) => void;
  readonly #redact: (text: string) => string;

  /** `redact` takes secrets out of everything that a job says. */
  constructor(onEnd: (job: Job) => void, redact: (text: string) => string = (text) => text) {
    this.#onEnd = onEnd;
    this.#redact = redact;
  }

  /**
   * Starts `work` and answers its job at once. `work` answers the sentence that tells the outcome.
   * `done` resolves with the ended job, whatever came of it.
   */
  start(description: JobDescription, work: (handle: JobHandle) => Promise<string>): { job: Job; done: Promise<Job> } {
    const id = randomUUID();
    const controller = new AbortController();
    const job: Job = {
      ...description,
      id,
      state: 'running',
      step: 'Starting',
      fraction: null,
      startedAt: new Date().toISOString(),
      finishedAt: null,
      failure: null,
      outcome: null,
    };
    this.#logs.set(id, []);
    this.jobs.set([job, ...this.jobs.value].slice(0, keptJobs));
    const handle: JobHandle = {
      id,
      signal: controller.signal,
      progress: (step, fraction = null) =>
        this.#change(id, {
          step: this.#redact(step),
          fraction: fraction === null ? null : Math.min(1, Math.max(0, fraction)),
        }),
      log: (text) => this.#log(id, text),
    };
    const done = work(handle)
      .then(
        (outcome): Partial<Job> => ({ state: 'done', outcome: this.#redact(outcome), fraction: 1, step: 'Done' }),
        (error: unknown): Partial<Job> => {
          const failure = controller.signal.aborted
            ? toFailure(StewardError.of('cancelled', 'Cancelled', { retryable: true }))
            : redactFailure(toFailure(error), this.#redact);
          this.#log(id, failure.message);
          return {
            state: failure.code === 'cancelled' ? 'cancelled' : 'failed',
            failure,
            step: failure.code === 'cancelled' ? 'Cancelled' : 'Failed',
          };
        },
      )
      .then((end) => {
        this.#running.delete(id);
        const ended = this.#change(id, { ...end, finishedAt: new Date().toISOString() });
        this.#onEnd(ended);
        return ended;
      });
    this.#running.set(id, { controller, done });
    return { job, done };
  }

  cancel(id: string): void {
    const running = this.#running.get(id);
    if (!running) throw StewardError.of('not_found', 'This job is not running any more');
    this.#change(id, { step: 'Cancelling' });
    running.controller.abort();
  }

  log(id: string): readonly LogLine[] {
    return this.#logs.get(id) ?? [];
  }

  dismiss(id: string): void {
    if (this.#running.has(id)) throw StewardError.of('busy', 'This job is still running', { hint: 'Cancel it first.' });
    this.#logs.delete(id);
    this.jobs.set(this.jobs.value.filter((job) => job.id !== id));
  }

  /** Cancels what runs and waits until it has cleaned up. */
  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  #log(id: string, text: string): void {
    const lines = this.#logs.get(id);
    if (!lines) return;
    lines.push({ at: new Date().toISOString(), text: this.#redact(text) });
    if (lines.length > keptLogLines) lines.splice(0, lines.length - keptLogLines);
  }

  #change(id: string, change: Partial<Job>): Job {
    const before = this.jobs.value.find((job) => job.id === id);
    if (!before) throw StewardError.of('not_found', 'This job does not exist any more');
    const after = { ...before, ...change };
    this.jobs.set(this.jobs.value.map((job) => (job.id === id ? after : job)));
    return after;
  }
}
