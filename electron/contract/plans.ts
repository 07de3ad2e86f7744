import { procedure } from './failure.ts';
import { planComparisonSchema } from './plan-comparison.ts';
import { planSchema } from './plan-model.ts';
import { z } from './zod.ts';

export const savedPlanSchema = z.object({
  id: z.string(),
  connectionName: z.string().nullable(),
  database: z.string().nullable(),
  sql: z.string().nullable(),
  takenAt: z.string(),
  analyzed: z.boolean(),
  executionMs: z.number().nullable(),
});
export type SavedPlan = z.infer<typeof savedPlanSchema>;

/** A plan to compare: one of a pasted source, counted from 1, or one that was kept. */
export const planChoiceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('source'),
    source: z.string().max(200_000_000),
    number: z.number().int().min(1).default(1),
  }),
  z.object({ kind: z.literal('saved'), id: z.string() }),
]);
export type PlanChoice = z.infer<typeof planChoiceSchema>;

export const plans = {
  /**
   * EXPLAIN, or EXPLAIN (ANALYZE, BUFFERS) when `analyze`. A statement that changes data is only analyzed with
   * `confirmDataChange`, and then inside a transaction that is rolled back. Fails with `conflict` when the
   * confirmation is missing.
   */
  explain: procedure
    .input(
      z.object({
        connectionId: z.string(),
        sql: z.string().min(1).max(5_000_000),
        analyze: z.boolean(),
        verbose: z.boolean().default(false),
        settings: z.boolean().default(true),
        wal: z.boolean().default(false),
        genericPlan: z.boolean().default(false),
        timeoutMs: z.number().int().min(0).default(0),
        confirmDataChange: z.boolean().default(false),
      }),
    )
    .output(z.object({ plan: planSchema, savedId: z.string().nullable(), rolledBack: z.boolean() })),
  /** Reads pasted plans of any format. Touches no server. */
  analyze: procedure
    .input(z.object({ source: z.string().max(200_000_000) }))
    .output(z.object({ plans: z.array(planSchema) })),
  /** Compares two plans node by node. Touches no server. Fails with `bad_input` when one of them cannot be read. */
  compare: procedure
    .input(z.object({ before: planChoiceSchema, after: planChoiceSchema }))
    .output(z.object({ before: planSchema, after: planSchema, comparison: planComparisonSchema })),
  history: procedure
    .input(z.object({ limit: z.number().int().min(1).max(500).default(100) }))
    .output(z.array(savedPlanSchema)),
  saved: procedure.input(z.object({ id: z.string() })).output(z.object({ saved: savedPlanSchema, plan: planSchema })),
};
