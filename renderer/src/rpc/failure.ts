import { ORPCError } from '@orpc/client';
import type { Failure } from '#contract/failure.ts';

/** The connection to Steward's own service was lost while a call was under way. */
export class ChannelLostError extends Error {
  override readonly name = 'ChannelLostError';
}

/** Whether an error means that the caller itself gave up. */
export function isAbort(error: unknown): boolean {
  if (error instanceof DOMException && error.name === 'AbortError') return true;
  if (error instanceof Error && error.name === 'AbortError') return true;
  return error instanceof ORPCError && error.code === 'CLIENT_CLOSED_REQUEST';
}

/**
 * Turns whatever a call threw into a `Failure`: the typed one it carried, or the nearest true description.
 * With the caller's own `signal`, an event iterator that broke off by itself is told from one that was cancelled.
 */
export function failureOf(error: unknown, signal?: AbortSignal): Failure {
  const carried = carriedFailure(error);
  if (carried !== null) return carried;
  const brokeOff = isAbort(error) && signal !== undefined && !signal.aborted;
  if (isAbort(error) && !brokeOff) return { code: 'cancelled', message: 'Cancelled.', retryable: true };
  if (brokeOff || error instanceof ChannelLostError) {
    return {
      code: 'connection_lost',
      message: error instanceof ChannelLostError ? error.message : 'The connection to Steward’s service was lost.',
      hint: 'Steward reconnects by itself. Try again once it has.',
      retryable: true,
    };
  }
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') {
    return { code: 'bad_input', message: issuesOf(error.data) ?? error.message, retryable: false };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: message === '' ? 'An unknown error occurred.' : message, retryable: false };
}

/** Wraps a failure, so that it can be thrown and found again by `failureOf`. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

function carriedFailure(error: unknown): Failure | null {
  if (error instanceof FailureError) return error.failure;
  if (!(error instanceof ORPCError) || error.code !== 'FAILED') return null;
  const data: unknown = error.data;
  return looksLikeFailure(data) ? data : null;
}

function looksLikeFailure(data: unknown): data is Failure {
  return (
    typeof data === 'object' && data !== null && 'code' in data && 'message' in data && typeof data.message === 'string'
  );
}

function issuesOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return null;
  const lines = data.issues.flatMap((issue: unknown) =>
    typeof issue === 'object' && issue !== null && 'message' in issue && typeof issue.message === 'string'
      ? [issue.message]
      : [],
  );
  return lines.length > 0 ? lines.join('\n') : null;
}
