import { StewardError } from '../postgres/failure.ts';

/**
 * The result of `work`, or a failure as soon as the signal aborts: `timeout` where AbortSignal.timeout did it, else
 * `cancelled`. What `work` does after that is nobody's any more; `onAbort` may end it.
 */
export async function untilAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  onAbort: () => void = () => {},
): Promise<Value> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      onAbort();
      reject(abortFailure(signal));
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function abortFailure({ reason }: AbortSignal): StewardError {
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? StewardError.of('timeout', 'The server did not answer in time', {
        hint: 'It takes connections but answers slowly or not at all. Check its load and the network.',
        retryable: true,
      })
    : StewardError.of('cancelled', 'Cancelled', { retryable: true });
}
