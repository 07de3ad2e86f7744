import { Worker } from 'node:worker_threads';

import type { Failure } from '#contract/failure.ts';
import type { HealthReport } from '#contract/health-model.ts';
import type { ConnectParameters } from '../../postgres/connect-parameters.ts';
import { StewardError } from '../../postgres/failure.ts';
import { workerFile } from '../../postgres/worker-file.ts';
import type { HealthReportOptions } from './run-health-report.ts';

/** What a worker is given: where to connect, with how many sessions, and what to ask. */
export interface ReportTask {
  readonly parameters: ConnectParameters;
  readonly sessions: number;
  readonly options: Omit<HealthReportOptions, 'signal' | 'onProgress'>;
}

export type ReportAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly check: string }
  | { readonly kind: 'report'; readonly report: HealthReport }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * A whole report in a worker with sessions of its own: reading and judging the rows of a large catalog takes hundreds
 * of milliseconds of CPU, which the host's loop does not have. Throws the failure that it ended with, and the signal's
 * reason at once when aborted; the worker then cancels what it runs and ends by itself.
 */
export async function reportInWorker(
  task: ReportTask,
  onProgress: (done: number, total: number, check: string) => void,
  signal?: AbortSignal,
): Promise<HealthReport> {
  signal?.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'report-worker'), {
    workerData: task,
    execArgv: ['--no-warnings'],
  });
  const abort = (): void => worker.postMessage('stop');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<HealthReport>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.on('message', (answer: ReportAnswer) => {
        if (answer.kind === 'progress') onProgress(answer.done, answer.total, answer.check);
        else if (answer.kind === 'report') resolve(answer.report);
        else reject(new StewardError(answer.failure));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the health report ended without an answer')));
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
