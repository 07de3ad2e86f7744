import { oc } from '@orpc/contract';

import { z } from './zod.ts';

/**
 * Everything that can go wrong, as a closed union. The renderer words its advice by `code`;
 * `message` is the server's or the system's own sentence.
 */
export const failureCodes = [
  'bad_input',
  'not_found',
  'conflict',
  'unreachable',
  'auth_failed',
  'tls_failed',
  'timeout',
  'cancelled',
  'postgres',
  'connection_lost',
  'tool_missing',
  'tool_failed',
  'input_output',
  'untrusted',
  'store_unavailable',
  'too_large',
  'busy',
  'internal',
] as const;

/** What PostgreSQL says about an error, field by field. */
export const postgresErrorDetailSchema = z.object({
  sqlstate: z.string(),
  severity: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  /** 1-based character offset in the statement that was sent. */
  position: z.number().int().optional(),
  where: z.string().optional(),
  schema: z.string().optional(),
  table: z.string().optional(),
  column: z.string().optional(),
  constraint: z.string().optional(),
  dataType: z.string().optional(),
  routine: z.string().optional(),
});
export type PostgresErrorDetail = z.infer<typeof postgresErrorDetailSchema>;

export const failureSchema = z.object({
  code: z.enum(failureCodes),
  message: z.string(),
  /** What to do about it. */
  hint: z.string().optional(),
  /** True where the same call may succeed later without a change. */
  retryable: z.boolean(),
  postgres: postgresErrorDetailSchema.optional(),
});
export type Failure = z.infer<typeof failureSchema>;
export type FailureCode = Failure['code'];

/** Every procedure starts from this, so that all share one typed error, `FAILED`, carrying a `Failure`. */
export const procedure = oc.errors({ FAILED: { status: 422, message: 'The operation failed', data: failureSchema } });
