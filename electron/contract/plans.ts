import { procedure } from './failure.ts';
import { relationStatisticsSchema } from './plan-model.ts';
import { z } from './zod.ts';

/** A plan that is kept: what it was taken from, and how long it took. */
export const savedPlanSchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  connectionName: z.string().nullable(),
  database: z.string().nullable(),
  sql: z.string().nullable(),
  /** The same for statements that differ in constants and layout only (pg_query); null where it could not be told. */
  fingerprint: z.string().nullable(),
  /** As the server prints it: `16.4`. */
  serverVersion: z.string().nullable(),
  takenAt: z.string(),
  analyzed: z.boolean(),
  executionMs: z.number().nullable(),
});
export type SavedPlan = z.infer<typeof savedPlanSchema>;

/** How a plan is asked for. What the server's version does not know is left out. */
export const explainOptionsSchema = z.object({
  verbose: z.boolean().default(false),
  settings: z.boolean().default(true),
  /** With analyze only, like the following four. */
  buffers: z.boolean().default(true),
  /** Off: rows and loops are counted, times are not taken. */
  timing: z.boolean().default(true),
  wal: z.boolean().default(false),
  /** PostgreSQL 17: converts the result as if it were sent. */
  serialize: z.enum(['none', 'text', 'binary']).default('none'),
  /** Runs the statement twice and shows the second run, with a warm cache. */
  warm: z.boolean().default(false),
  /** PostgreSQL 17: memory that the planner took. */
  memory: z.boolean().default(false),
  /** Without analyze only: the plan for parameters without values. */
  genericPlan: z.boolean().default(false),
  /** 0 for none. */
  timeoutMs: z.number().int().min(0).default(0),
});
export type ExplainOptions = z.infer<typeof explainOptionsSchema>;

/** What stays, or may stay, although the transaction is rolled back. */
export const rollbackNoteSchema = z.object({
  kind: z.enum(['sequence', 'trigger', 'foreign-table', 'outside', 'notify', 'leftover']),
  /** True where something outside the transaction is changed for good. */
  stays: z.boolean(),
  message: z.string(),
});
export type RollbackNote = z.infer<typeof rollbackNoteSchema>;

/** One run of a statement that was taken as a plan. */
const planRunSchema = z.object({ savedId: z.string().nullable(), executionMs: z.number().nullable() });

const statement = z.object({ connectionId: z.string(), sql: z.string().min(1).max(5_000_000) });

export const plans = {
  /**
   * EXPLAIN, or EXPLAIN (ANALYZE, BUFFERS) when `analyze`; answers what the server printed. It always runs in a
   * transaction that is rolled back. A statement that changes data, or that reaches outside the transaction, is only
   * analyzed with `confirmDataChange`; fails with `conflict` when that is missing, and with `refused` on a read-only
   * connection.
   */
  explain: procedure
    .input(
      statement.extend({
        ...explainOptionsSchema.shape,
        analyze: z.boolean(),
        /** Values for `$1`, `$2`, … as text; null is NULL. */
        parameters: z.array(z.string().nullable()).max(1000).default([]),
        confirmDataChange: z.boolean().default(false),
      }),
    )
    .output(
      z.object({
        /** As the server printed it: FORMAT TEXT. */
        source: z.string(),
        /** The statement that was explained, without an EXPLAIN before it. */
        queryText: z.string(),
        savedId: z.string().nullable(),
        takenAt: z.string(),
        serverVersion: z.string(),
        rolledBack: z.boolean(),
        /** Of the relations that an analyzed plan reads; empty where that cannot be told. */
        relations: z.array(relationStatisticsSchema),
        /** With `warm`: the run before the one that is shown. */
        firstRun: planRunSchema.nullable(),
      }),
    ),
  /** What analyzing a statement would do, before it runs. Runs none of it. */
  assess: procedure.input(statement).output(
    z.object({
      changesData: z.boolean(),
      /** How many values it needs: the highest `$n`. */
      parameters: z.number().int(),
      /** The server can plan it without values. */
      genericPlan: z.boolean(),
      notes: z.array(rollbackNoteSchema),
    }),
  ),
  /** Plans that were kept, newest first: all, or those of one statement, whatever its constants. */
  history: procedure
    .input(
      z.object({
        limit: z.number().int().min(1).max(500).default(100),
        /** Of statements like this one. */
        like: z.string().max(5_000_000).optional(),
        database: z.string().optional(),
      }),
    )
    .output(z.array(savedPlanSchema)),
  /** A plan that was kept, as the server printed it. */
  saved: procedure.input(z.object({ id: z.string() })).output(z.object({ saved: savedPlanSchema, source: z.string() })),
};
