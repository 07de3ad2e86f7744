import { Worker } from 'node:worker_threads';

import { StewardError } from '../../postgres/failure.ts';
import { workerFile } from '../../postgres/worker-file.ts';
import type { MigrationAnswer, MigrationStep, MigrationTask } from './migration-task.ts';

/**
 * Does a task in a worker of its own: a fresh one sees the files as they are now, code that never ends can be
 * stopped, and nothing it sets reaches the host. Throws the failure that the task ended with.
 */
export async function runInWorker(
  task: MigrationTask,
  signal?: AbortSignal,
  onStep: (step: MigrationStep) => void = () => {},
): Promise<Exclude<MigrationAnswer, { kind: 'failed' }>> {
  signal?.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'migration-worker'), {
    workerData: task,
    // A migration finds no secrets of the host in its environment.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: process.env['TZ'], NODE_ENV: 'production' },
    execArgv: ['--no-warnings'],
  });
  const abort = () => void worker.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await new Promise<MigrationAnswer>((resolve, reject) => {
      worker.on('message', (message: MigrationAnswer | MigrationStep) => {
        if (message.kind === 'begin' || message.kind === 'done') onStep(message);
        else resolve(message);
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(signal?.aborted ? signal.reason : new Error('the migration ended its worker')));
    });
    if (answer.kind === 'failed') throw new StewardError(answer.failure);
    return answer;
  } finally {
    signal?.removeEventListener('abort', abort);
    void worker.terminate();
  }
}
