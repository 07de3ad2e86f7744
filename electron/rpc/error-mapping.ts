import { ORPCError } from '@orpc/server';

import type { Failure } from '#contract/failure.ts';

import { toFailure } from '../postgres/failure.ts';

/**
 * Maps anything a handler threw to the one typed error of the contract. An error that oRPC made itself
 * (input that does not validate, unknown procedure) passes as it is.
 */
export function toRpcError(error: unknown): unknown {
  if (error instanceof ORPCError) return error;
  const failure: Failure = toFailure(error);
  return new ORPCError('FAILED', { defined: true, status: 422, message: failure.message, data: failure, cause: error });
}

/** A stream whose errors are mapped too: middleware sees only that it began. */
export function guarded<Value>(stream: AsyncIterable<Value>): AsyncGenerator<Value>;
export function guarded<Value, Mapped>(
  stream: AsyncIterable<Value>,
  map: (value: Value) => Mapped,
): AsyncGenerator<Mapped>;
export async function* guarded(
  stream: AsyncIterable<unknown>,
  map: (value: unknown) => unknown = (value) => value,
): AsyncGenerator<unknown> {
  try {
    for await (const value of stream) yield map(value);
  } catch (error) {
    throw toRpcError(error);
  }
}
