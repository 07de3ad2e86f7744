import { Worker } from 'node:worker_threads';

import type { Failure } from '#contract/failure.ts';

import { StewardError } from '../../postgres/failure.ts';
import { workerFile } from '../../postgres/worker-file.ts';
import type { LogFile } from './log-files.ts';
import type { LogProgress, ReadLog } from './read-log.ts';

export interface ImportTask {
  readonly files: readonly LogFile[];
}

/** What the worker answers: how far it is, then the import in parts, so that no part stops the host's loop. */
export type ImportAnswer =
  | ({ readonly kind: 'progress' } & LogProgress)
  | { readonly kind: 'report'; readonly report: ReadLog['report'] }
  | { readonly kind: 'statements'; readonly statements: ReadLog['statements'] }
  | { readonly kind: 'plans'; readonly plans: ReadLog['plans'] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * Reads a log in a worker. Throws the failure that it ended with, and the signal's reason at once when aborted; the worker
 * then ends by itself.
 */
export async function importInWorker(
  files: readonly LogFile[],
  onProgress: (progress: LogProgress) => void,
  signal?: AbortSignal,
): Promise<ReadLog> {
  signal?.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'log-worker'), {
    workerData: { files } satisfies ImportTask,
    execArgv: ['--no-warnings'],
    // A log that needs more than this is not what it seems: the worker fails, and the host lives on.
    resourceLimits: { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 12 },
  });
  const abort = (): void => worker.postMessage('stop');
  signal?.addEventListener('abort', abort, { once: true });
  let report: ReadLog['report'] | null = null;
  const statements: ReadLog['statements'] = [];
  const plans: ReadLog['plans'] = [];
  try {
    return await new Promise<ReadLog>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.on('message', (answer: ImportAnswer) => {
        if (answer.kind === 'progress') onProgress(answer);
        else if (answer.kind === 'report') report = answer.report;
        else if (answer.kind === 'statements') for (const one of answer.statements) statements.push(one);
        else if (answer.kind === 'plans') for (const one of answer.plans) plans.push(one);
        else if (answer.kind === 'failed') reject(new StewardError(answer.failure));
        else if (report !== null) resolve({ report, statements, plans });
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the log reader ended without an answer')));
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
