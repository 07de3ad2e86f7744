import { ORPCError } from '@orpc/server';

import type { Failure } from '#contract/failure.ts';

import { toFailure } from '../postgres/failure.ts';
import { redactFailure } from '../services/secrets/index.ts';

/** How errors leave: as the one typed error of the contract, without any secret that `redact` knows. */
export function errorMapping(redact: (text: string) => string) {
  /** An error that oRPC made itself (input that does not validate, unknown procedure) passes as it is. */
  function toRpcError(error: unknown): unknown {
    if (error instanceof ORPCError) return error;
    const failure: Failure = redactFailure(toFailure(error), redact);
    return new ORPCError('FAILED', {
      defined: true,
      status: 422,
      message: failure.message,
      data: failure,
      cause: error,
    });
  }

  /** A stream whose errors are mapped too: middleware sees only that it began. */
  function guarded<Value>(stream: AsyncIterable<Value>): AsyncGenerator<Value>;
  function guarded<Value, Mapped>(stream: AsyncIterable<Value>, map: (value: Value) => Mapped): AsyncGenerator<Mapped>;
  async function* guarded(
    stream: AsyncIterable<unknown>,
    map: (value: unknown) => unknown = (value) => value,
  ): AsyncGenerator<unknown> {
    try {
      for await (const value of stream) yield map(value);
    } catch (error) {
      throw toRpcError(error);
    }
  }

  return { toRpcError, guarded };
}
