import { randomUUID } from 'node:crypto';

import type { AuditAction, AuditEntry, AuditOutcome } from '#contract/audit.ts';
import type { Connection, ConnectionState } from '#contract/connections.ts';

import { isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { redactError, redactSecrets } from '../query/index.ts';

/** Something that Steward did, as the one who did it tells it. Secrets may still be in its texts. */
export interface AuditDraft {
  /** With its state where it is known: of several hosts the one that was taken is told. */
  readonly connection: AuditedConnection | null;
  readonly action: AuditAction;
  /** Where it was not the connection's. */
  readonly database?: string;
  readonly subject?: string | null;
  readonly sql: string | null;
  readonly outcome: AuditOutcome;
  readonly error: string | null;
  /** ISO. */
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly rows?: number | null;
  readonly jobId?: string;
}

export type AuditedConnection = Pick<
  Connection,
  'id' | 'name' | 'environment' | 'host' | 'port' | 'database' | 'user'
> & {
  readonly state?: ConnectionState;
};

/** What all entries of a process have in common. */
export interface AuditOrigin {
  readonly actor: string;
  readonly machine: string;
  readonly host: string;
  readonly version: string;
}

/** UTF-16 code units of a statement that are kept. A script that is longer is kept by its beginning. */
export const keptSqlLength = 100_000;
const keptErrorLength = 10_000;
const keptSubjectLength = 1000;

/** Read beyond the limit and thrown away again, so that no secret is cut in two and thereby overlooked. */
const slack = 16_384;

/** The entry of a draft: secrets taken out, texts bounded, nothing in it that the store could not hold. */
export function auditEntry(draft: AuditDraft, origin: AuditOrigin, redact: (text: string) => string): AuditEntry {
  const { connection } = draft;
  const server = connection?.state?.kind === 'open' ? connection.state.server : undefined;
  const sql = draft.sql === null ? null : bounded(draft.sql, keptSqlLength, (text) => redact(redactSecrets(text)));
  const clean = (text: string | null | undefined, length: number) =>
    text === null || text === undefined ? null : bounded(text, length, (part) => redact(redactSecrets(part))).text;
  return {
    id: randomUUID(),
    at: draft.startedAt,
    durationMs: draft.durationMs === null ? null : Math.round(draft.durationMs * 1000) / 1000,
    ...origin,
    role: server?.user ?? connection?.user ?? null,
    connectionId: connection?.id ?? null,
    connectionName: clean(connection?.name, keptSubjectLength),
    server: connection ? `${server?.host ?? connection.host}:${server?.port ?? connection.port}` : null,
    database: draft.database ?? connection?.database ?? null,
    environment: connection?.environment ?? null,
    action: draft.action,
    subject: clean(draft.subject, keptSubjectLength),
    sql: sql?.text ?? null,
    sqlOmitted: sql?.omitted ?? 0,
    outcome: draft.outcome,
    error:
      draft.error === null
        ? null
        : clean(redactError(draft.error, (draft.sql ?? '').slice(0, keptSqlLength)), keptErrorLength),
    rows: draft.rows ?? null,
    jobId: draft.jobId ?? null,
    recordedBy: null,
    recordedAt: null,
  };
}

/** How something ended that threw: a lost session leaves open whether it took effect, whoever cancelled. Pure. */
export function outcomeOf(error: unknown, signal?: AbortSignal): AuditOutcome {
  if (isConnectionLoss(error)) return 'unknown';
  return signal?.aborted || toFailure(error).code === 'cancelled' ? 'cancelled' : 'failed';
}

/**
 * A text of at most `length` code units after `redact`, and how much was left out. Pure.
 * What could be the first half of a secret, at the place where a long text is cut, is not kept.
 */
export function bounded(
  text: string,
  length: number,
  redact: (text: string) => string,
): { readonly text: string; readonly omitted: number } {
  const whole = text.length <= length + slack;
  // PostgreSQL's texts hold no NUL, and a lone surrogate is no character.
  const redacted = redact((whole ? text : text.slice(0, length + slack)).replaceAll('\0', '\u2400').toWellFormed());
  if (whole && redacted.length <= length) return { text: redacted, omitted: 0 };
  const kept = redacted
    .slice(0, Math.max(0, Math.min(length, whole ? length : redacted.length - slack)))
    .toWellFormed();
  return { text: kept, omitted: Math.max(0, text.length - kept.length) };
}
