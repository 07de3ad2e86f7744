import { Worker } from 'node:worker_threads';

import { workerFile } from '../worker-file.ts';
import type { UnlockAnswer } from './unlock-key.ts';

/** Opens an encrypted private key in a worker, since deriving the key from a passphrase takes hundreds of milliseconds. */
export async function unlockInWorker(text: Buffer, passphrase: string, signal: AbortSignal): Promise<UnlockAnswer> {
  signal.throwIfAborted();
  const worker = new Worker(workerFile(import.meta.url, 'unlock-key-worker'), {
    workerData: { text, passphrase },
    env: {},
    execArgv: ['--no-warnings'],
  });
  const abort = () => void worker.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<UnlockAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(signal.aborted ? signal.reason : new Error('the worker ended')));
    });
  } finally {
    signal.removeEventListener('abort', abort);
    void worker.terminate();
  }
}
