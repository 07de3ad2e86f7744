import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

export const resultColumnSchema = z.object({
  name: z.string(),
  /** As `format_type` writes it. */
  type: z.string(),
  typeOid: z.number().int(),
  align: z.enum(['left', 'right']),
});
export type ResultColumn = z.infer<typeof resultColumnSchema>;

export const transactionStatusSchema = z.enum(['idle', 'in transaction', 'failed transaction']);
export type TransactionStatus = z.infer<typeof transactionStatusSchema>;

/** Progress of one run. Rows do not travel here: they are pulled with `query.rows`. */
export const runEventSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    runId: z.string(),
    backendPid: z.number().int(),
    statements: z.number().int(),
  }),
  z.object({ kind: z.literal('statement'), index: z.number().int(), start: z.number().int(), end: z.number().int() }),
  /** A result set has begun; `query.rows` works from now on. */
  z.object({
    kind: z.literal('result'),
    index: z.number().int(),
    resultId: z.string(),
    columns: z.array(resultColumnSchema),
  }),
  z.object({ kind: z.literal('rows'), resultId: z.string(), rows: z.number().int() }),
  z.object({
    kind: z.literal('notice'),
    severity: z.string(),
    message: z.string(),
    detail: z.string().optional(),
    hint: z.string().optional(),
  }),
  z.object({
    kind: z.literal('done'),
    index: z.number().int(),
    /** `SELECT`, `UPDATE`, `CREATE TABLE`, … */
    command: z.string(),
    rows: z.number().int().nullable(),
    durationMs: z.number(),
    /** The spool was full: there are more rows on the server than were kept. */
    truncated: z.boolean(),
  }),
  z.object({
    kind: z.literal('failed'),
    index: z.number().int(),
    failure: failureSchema,
    /** 0-based offset in the whole text that was sent, where the server named a position. */
    offset: z.number().int().nullable(),
    durationMs: z.number(),
  }),
  z.object({ kind: z.literal('finished'), transaction: transactionStatusSchema, durationMs: z.number() }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

export const historyEntrySchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  connectionName: z.string(),
  database: z.string(),
  sql: z.string(),
  startedAt: z.string(),
  durationMs: z.number().nullable(),
  rows: z.number().nullable(),
  outcome: z.enum(['done', 'failed', 'cancelled']),
  error: z.string().nullable(),
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** What a destructive statement would touch, before it runs. */
export const assessedStatementSchema = z.object({
  /** UTF-16 offsets in the text that was sent. */
  start: z.number().int(),
  end: z.number().int(),
  /** `DELETE`, `DROP TABLE`, … */
  command: z.string(),
  /** The strongest lock it takes on its relations. */
  lock: z.string().nullable(),
  loss: z.enum(['rows', 'all rows', 'definition', 'unknown']),
  /** No WHERE. */
  everyRow: z.boolean(),
  cascade: z.boolean(),
  /** Rows as the statistics estimate them, bytes with indexes; null where that cannot be told. */
  relations: z.array(z.object({ name: z.string(), rows: z.number().nullable(), bytes: z.string().nullable() })),
  /** Rows that the planner expects it to change. */
  estimatedRows: z.number().nullable(),
  /** Why an estimate is missing, in the server's words. */
  cannotTell: z.string().nullable(),
  wayBack: z.string(),
});
export type AssessedStatement = z.infer<typeof assessedStatementSchema>;

export const query = {
  /**
   * Runs every statement of `sql` in the tab's own session, one after the other, and stops at the first failure.
   * Aborting the iterator cancels the running statement on the server.
   */
  run: procedure
    .input(
      z.object({
        connectionId: z.string(),
        /** Each tab keeps one pinned session, and so its transaction, settings and temporary tables. */
        tabId: z.string(),
        sql: z.string().max(50_000_000),
        /** Rows kept of each result; the rest stays on the server. */
        maxRows: z.number().int().min(1).max(10_000_000).default(1_000_000),
        /** The name of the database, typed by a person: needed where destructive statements go to production. */
        confirmation: z.string().max(200).optional(),
      }),
    )
    .output(eventIterator(runEventSchema)),
  /** The destructive statements of `sql`, with what they would touch. Runs none of them. */
  assess: procedure
    .input(z.object({ connectionId: z.string(), sql: z.string().max(50_000_000) }))
    .output(z.object({ statements: z.array(assessedStatementSchema) })),
  /** One page of a result, as PostgreSQL printed the values; null is null. */
  rows: procedure
    .input(
      z.object({ resultId: z.string(), offset: z.number().int().min(0), limit: z.number().int().min(1).max(2000) }),
    )
    .output(
      z.object({ rows: z.array(z.array(z.string().nullable())), total: z.number().int(), complete: z.boolean() }),
    ),
  /** Where the tab's session stands now: to be asked after a run was cancelled. */
  tabStatus: procedure
    .input(z.object({ tabId: z.string() }))
    .output(z.object({ transaction: transactionStatusSchema, running: z.boolean(), open: z.boolean() })),
  /** Closes the tab's session and deletes its spooled results. Rolls back an open transaction. */
  closeTab: procedure.input(z.object({ tabId: z.string() })).output(z.object({})),
  /** Statement ranges (UTF-16 offsets) and the first syntax error, by PostgreSQL's own parser. Touches no server. */
  parse: procedure.input(z.object({ sql: z.string().max(5_000_000) })).output(
    z.object({
      statements: z.array(z.object({ start: z.number().int(), end: z.number().int(), changesData: z.boolean() })),
      error: z.object({ message: z.string(), offset: z.number().int() }).nullable(),
    }),
  ),
  history: procedure
    .input(
      z.object({
        connectionId: z.string().optional(),
        search: z.string().max(1000).optional(),
        limit: z.number().int().min(1).max(1000).default(200),
      }),
    )
    .output(z.array(historyEntrySchema)),
};
