import { z } from './zod.ts';

/** What a change is about. Rows are summed over loops, estimates are per loop, blocks and times are those of the node alone. */
export const textChangeKinds = ['method', 'index', 'order', 'condition'] as const;
export const numberChangeKinds = [
  'actual-rows',
  'estimated-rows',
  'loops',
  'self-time',
  'blocks',
  'blocks-read',
  'workers',
  'spill',
  'heap-fetches',
] as const;

/** One difference between two nodes that were matched. */
export const planChangeSchema = z.union([
  z.object({
    kind: z.enum(textChangeKinds),
    /** The key of the condition (`Filter`, `Hash Cond`, `Sort Key`); of conditions only. */
    property: z.string().optional(),
    /** null where the node has none. */
    before: z.string().nullable(),
    after: z.string().nullable(),
  }),
  z.object({
    kind: z.enum(numberChangeKinds),
    /** ms for `self-time`, kB for `spill`, 8 kB blocks for `blocks` and `blocks-read`, else a count; null where it was not told. */
    before: z.number().nullable(),
    after: z.number().nullable(),
    /** after ÷ before, each at least 1 (0.001 for times); null where one of them is unknown. */
    factor: z.number().nullable(),
    /** Share of the execution, 0 to 1; of `self-time` only. */
    shareBefore: z.number().optional(),
    shareAfter: z.number().optional(),
  }),
]);
export type PlanChange = z.infer<typeof planChangeSchema>;

/** A node of each plan that do the same work, or one that the other plan does not have. */
export const planPairSchema = z.object({
  /** null: the node was added. */
  beforeId: z.number().int().nullable(),
  /** null: the node was removed. */
  afterId: z.number().int().nullable(),
  changes: z.array(planChangeSchema),
});
export type PlanPair = z.infer<typeof planPairSchema>;

export const planTotalSchema = z.object({
  name: z.enum([
    'execution-time',
    'planning-time',
    'jit-time',
    'trigger-time',
    'total-cost',
    'rows',
    'blocks-hit',
    'blocks-read',
    'blocks-dirtied',
    'blocks-written',
    'temp-blocks-read',
    'temp-blocks-written',
    'wal-records',
    'wal-full-page-images',
    'wal-bytes',
  ]),
  unit: z.enum(['ms', 'cost', 'rows', 'blocks', 'records', 'bytes']),
  /** null where the plan does not tell. */
  before: z.number().nullable(),
  after: z.number().nullable(),
});
export type PlanTotal = z.infer<typeof planTotalSchema>;

/** What was won or lost in one place. */
export const planDifferenceSchema = z.object({
  /** Both null for what belongs to the statement: planning, triggers. */
  beforeId: z.number().int().nullable(),
  afterId: z.number().int().nullable(),
  /** after − before in the unit of `rankedBy`: negative is won, positive is lost. */
  delta: z.number(),
  title: z.string(),
  message: z.string(),
});
export type PlanDifference = z.infer<typeof planDifferenceSchema>;

/** Why the plans differ, as far as the two plans themselves show it. */
export const planCauseSchema = z.object({
  rule: z.enum([
    'different-query',
    'different-parameters',
    'different-relations',
    'version',
    'settings',
    'generic-plan',
    'statistics',
    'estimates',
    'data-growth',
    'data-shrinkage',
    'partitions',
    'index-appeared',
    'index-disappeared',
    'workers',
    'cache',
    'spill',
    'jit',
    'branch-executed',
  ]),
  beforeId: z.number().int().nullable(),
  afterId: z.number().int().nullable(),
  title: z.string(),
  message: z.string(),
});
export type PlanCause = z.infer<typeof planCauseSchema>;

/** Two plans compared node by node. The ids are those of the two plans' nodes. */
export const planComparisonSchema = z.object({
  /** By execution time; by cost where one of the plans was not analyzed; `unknown` where there is neither. */
  verdict: z.enum(['faster', 'slower', 'same', 'unknown']),
  basis: z.enum(['time', 'cost', 'none']),
  /** after ÷ before of the basis; null where there is none. */
  factor: z.number().nullable(),
  headline: z.string(),
  /** What keeps the plans from being compared in full. */
  notes: z.array(z.string()),
  totals: z.array(planTotalSchema),
  /** Every node of both plans once, in print order of the plan after; what was removed stands where it was. */
  pairs: z.array(planPairSchema),
  rankedBy: z.enum(['ms', 'blocks', 'cost']),
  /** What matters, most first. */
  differences: z.array(planDifferenceSchema),
  causes: z.array(planCauseSchema),
});
export type PlanComparison = z.infer<typeof planComparisonSchema>;
