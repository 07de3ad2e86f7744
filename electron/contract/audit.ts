import { eventIterator } from '@orpc/contract';

import { environments } from './connections.ts';
import { procedure } from './failure.ts';
import { z } from './zod.ts';

/**
 * What Steward did. `query`: a statement of the editor or the command line. `plan-analyze`: EXPLAIN ANALYZE of a
 * statement that changes data, rolled back. `health-fix`, `health-undo`: a fix of the health report, and its way back.
 * `session-cancel`, `session-terminate`: a session of somebody else was stopped.
 * `guard-accepted`: somebody accepted read-only sessions of a superuser.
 * `other`: a name that a newer Steward wrote.
 */
export const auditActions = [
  'query',
  'plan-analyze',
  'migration-up',
  'migration-down',
  'restore',
  'health-fix',
  'health-undo',
  'session-cancel',
  'session-terminate',
  'sample',
  'guard-accepted',
  'connection-import',
  'other',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** `unknown`: the session was lost while it ran, so nobody knows whether it took effect. */
export const auditOutcomes = ['done', 'failed', 'cancelled', 'unknown'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export const auditEntrySchema = z.object({
  /** Made where it happened, so that an entry that arrives twice is kept once. */
  id: z.uuid(),
  /** When it began. */
  at: z.iso.datetime(),
  durationMs: z.number().nullable(),
  /** The operating system's user. */
  actor: z.string(),
  /** The PostgreSQL user of the connection. */
  role: z.string().nullable(),
  machine: z.string().nullable(),
  /** Which Steward, and its version. */
  host: z.string().nullable(),
  version: z.string().nullable(),
  connectionId: z.string().nullable(),
  connectionName: z.string().nullable(),
  /** `host:port`, of several hosts the one that was taken. */
  server: z.string().nullable(),
  database: z.string().nullable(),
  environment: z.enum(environments).nullable().catch(null),
  action: z.enum(auditActions).catch('other'),
  /** A migration's name, a backup's file, that it ran inside an open transaction. */
  subject: z.string().nullable(),
  /** Secrets taken out. */
  sql: z.string().nullable(),
  /** Characters that were left out at its end, since an entry has a bounded length. */
  sqlOmitted: z.number().int(),
  outcome: z.enum(auditOutcomes).catch('unknown'),
  error: z.string().nullable(),
  /** Rows that were changed or answered, where the server said so. */
  rows: z.number().nullable(),
  jobId: z.string().nullable(),
  /** The store's own login that wrote it there, and when; null in a journal. */
  recordedBy: z.string().nullable(),
  recordedAt: z.iso.datetime().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditFilterSchema = z.object({
  /** Found in SQL, error, subject, connection, database, actor or role. */
  search: z.string().max(1000).optional(),
  connectionId: z.string().optional(),
  actions: z.array(z.enum(auditActions)).max(auditActions.length).optional(),
  outcomes: z.array(z.enum(auditOutcomes)).max(auditOutcomes.length).optional(),
  /** Begun at or after this. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Begun before this. */
  to: z.iso.datetime({ offset: true }).optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

/** The place of an entry in the list: those after it are older. */
export const auditCursorSchema = z.object({ at: z.iso.datetime({ offset: true }), id: z.uuid() });
export type AuditCursor = z.infer<typeof auditCursorSchema>;

export const auditPageSchema = z.object({
  /** Newest first. */
  entries: z.array(auditEntrySchema),
  /** Where to go on; null at the end. */
  next: auditCursorSchema.nullable(),
  /** `journal`: the store is away, and these are what this machine wrote down since its journal began. */
  source: z.enum(['store', 'journal']),
  /** Why the store is away. */
  reason: z.string().nullable(),
  /** Entries of this machine's journals that are not in the store yet. */
  pending: z.number().int(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;

export const auditExportFormats = ['csv', 'jsonl', 'markdown'] as const;
export type AuditExportFormat = (typeof auditExportFormats)[number];

/** There is no procedure that changes or removes an entry. */
export const audit = {
  list: procedure
    .input(
      auditFilterSchema.extend({
        before: auditCursorSchema.optional(),
        limit: z.number().int().min(1).max(500).default(200),
      }),
    )
    .output(auditPageSchema),
  /** Emits now and whenever an entry was recorded or merged: time to ask for the list again. */
  watch: procedure.output(eventIterator(z.object({ recorded: z.number().int(), pending: z.number().int() }))),
  /**
   * Writes what the filter finds to a new file, as a job. Without a path it goes to the folder `exports` of the data
   * folder. Fails with `conflict` where the file exists.
   */
  export: procedure
    .input(
      z.object({
        filter: auditFilterSchema.default({}),
        format: z.enum(auditExportFormats),
        path: z.string().min(1).max(4096).optional(),
      }),
    )
    .output(z.object({ jobId: z.string(), path: z.string() })),
  /** Shows the file of an export of this run in the system's file manager where the host has one. */
  reveal: procedure.input(z.object({ jobId: z.string() })).output(z.object({ path: z.string(), shown: z.boolean() })),
};
