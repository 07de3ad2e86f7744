import type { OverviewInput, OverviewLayout } from './overview-layout.ts';
import OverviewWorker from './overview-worker.ts?worker';

/** Lays out an overview in a worker of its own. Rejects with an AbortError when cancelled. */
export async function runOverviewLayout(input: OverviewInput, signal: AbortSignal): Promise<OverviewLayout> {
  signal.throwIfAborted();
  const worker = new OverviewWorker();
  const { promise, resolve, reject } = Promise.withResolvers<OverviewLayout>();
  worker.addEventListener('message', (event: MessageEvent<OverviewLayout>) => resolve(event.data));
  worker.addEventListener('error', (event) => reject(new Error(event.message)));
  const abort = () => reject(new DOMException('The layout was cancelled.', 'AbortError'));
  signal.addEventListener('abort', abort);
  worker.postMessage(input);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    worker.terminate();
  }
}
