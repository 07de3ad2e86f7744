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
  'needs_answer',
  'refused',
  'not_permitted',
  'store_unavailable',
  'too_large',
  'busy',
  'internal',
] as const;

/** The secrets that a connection can need. */
export const secretPurposes = ['password', 'key-passphrase', 'ssh-password', 'ssh-key-passphrase'] as const;
export type SecretPurpose = (typeof secretPurposes)[number];

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

/**
 * What a person must answer before the same call can succeed: the window asks, sends the answer with the procedure
 * that each kind names, and calls again. A question carries no secret.
 */
export const questionSchema = z.discriminatedUnion('kind', [
  /** Answered with `connections.trustHostKey`. */
  z.object({
    kind: z.literal('host-key'),
    host: z.string(),
    port: z.number().int(),
    keyType: z.string(),
    /** As OpenSSH prints it: `SHA256:…`. */
    fingerprint: z.string(),
    /** The public key, base64. */
    key: z.string(),
    /** Fingerprints of other keys that are on file for this host: it has changed. */
    known: z.array(z.string()),
  }),
  /** Answered with `connections.provideSecret`. */
  z.object({
    kind: z.literal('secret'),
    purpose: z.enum(secretPurposes),
    /** Whose secret it is: `ada@bastion:22`, or the file of a key. */
    subject: z.string(),
  }),
  /** The secrets file is locked. Answered with `secrets.unlock`. */
  z.object({ kind: z.literal('unlock') }),
  /** A read-only session of a superuser can still do harm. Answered with `connections.acceptSuperuser`. */
  z.object({ kind: z.literal('superuser'), user: z.string() }),
  /** Destructive statements go to production. Answered by the same call with the database's name as `confirmation`. */
  z.object({ kind: z.literal('destructive'), typedName: z.string(), commands: z.array(z.string()) }),
]);
export type Question = z.infer<typeof questionSchema>;

export const failureSchema = z.object({
  code: z.enum(failureCodes),
  message: z.string(),
  /** What to do about it. */
  hint: z.string().optional(),
  /** True where the same call may succeed later without a change. */
  retryable: z.boolean(),
  postgres: postgresErrorDetailSchema.optional(),
  /** With code `needs_answer`. */
  question: questionSchema.optional(),
});
export type Failure = z.infer<typeof failureSchema>;
export type FailureCode = Failure['code'];

/** Every procedure starts from this, so that all share one typed error, `FAILED`, carrying a `Failure`. */
export const procedure = oc.errors({ FAILED: { status: 422, message: 'The operation failed', data: failureSchema } });
