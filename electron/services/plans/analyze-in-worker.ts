import { Worker } from 'node:worker_threads';

import type { Plan } from '#contract/plan-model.ts';

import { StewardError } from '../../postgres/failure.ts';
import { workerFile } from '../../postgres/worker-file.ts';

type Answer = { plans: Plan[] } | { error: { message: string; line?: number; column?: number; understood: boolean } };

/**
 * Reads plans in a worker of its own, so that a plan of any size costs the host's loop nothing.
 * Throws `bad_input` with line and column when the text is no plan.
 */
export async function analyzeInWorker(source: string, signal?: AbortSignal): Promise<Plan[]> {
  signal?.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'plan-worker'), { workerData: { source } });
  const abort = () => void worker.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(signal?.aborted ? signal.reason : new Error('the plan reader ended without an answer')),
      );
    });
    if ('plans' in answer) return answer.plans;
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
