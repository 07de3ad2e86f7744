import { z } from './zod.ts';

/** Counters of 8 kB blocks, own to one node (children taken out). */
export const planBuffersSchema = z.object({
  sharedHit: z.number(),
  sharedRead: z.number(),
  sharedDirtied: z.number(),
  sharedWritten: z.number(),
  localHit: z.number(),
  localRead: z.number(),
  localDirtied: z.number(),
  localWritten: z.number(),
  tempRead: z.number(),
  tempWritten: z.number(),
});
export type PlanBuffers = z.infer<typeof planBuffersSchema>;

/** One node of a plan. Nodes are flat, in print order, the root first, so that depth has no limit. */
export const planNodeSchema = z.object({
  /** Position in print order; the root is 0. */
  id: z.number().int(),
  /** null for the root. */
  parentId: z.number().int().nullable(),
  depth: z.number().int(),
  nodeType: z.string(),
  schema: z.string().optional(),
  relation: z.string().optional(),
  alias: z.string().optional(),
  index: z.string().optional(),
  cteName: z.string().optional(),
  functionName: z.string().optional(),
  subplanName: z.string().optional(),
  /** `Outer`, `Inner`, `InitPlan`, `SubPlan`, `Member`, `Subquery`. */
  relationship: z.string().optional(),
  joinType: z.string().optional(),
  parallelAware: z.boolean().optional(),
  /** 0 when never executed; 1 where the plan was not analyzed. */
  loops: z.number(),
  neverExecuted: z.boolean(),
  startupCost: z.number().optional(),
  totalCost: z.number().optional(),
  /** As PostgreSQL printed it: per loop. */
  planRows: z.number().optional(),
  planWidth: z.number().optional(),
  /** As PostgreSQL printed it: average per loop. */
  actualRows: z.number().optional(),
  /** Wall time of this node without its children, ms. The sum over all nodes is the root's total. */
  selfMs: z.number().optional(),
  /** Wall time of this node with its children, all loops, ms. */
  totalMs: z.number().optional(),
  /** Time summed over the processes of a parallel plan, ms; only where it differs from totalMs. */
  cpuMs: z.number().optional(),
  /** Half a printed digit times loops: how far totalMs can be off, ms. */
  roundingMs: z.number().optional(),
  /** Processes that shared the loops (leader and workers). */
  processes: z.number().optional(),
  selfBuffers: planBuffersSchema.optional(),
  totalBuffers: planBuffersSchema.optional(),
  /** max/min of actual and planned rows per loop, floor 1; null where it means nothing. */
  estimateFactor: z.number().nullable().optional(),
  estimateDirection: z.enum(['under', 'over', 'exact']).optional(),
  /** Summed over all loops. */
  rowsRemovedByFilter: z.number().optional(),
  rowsRemovedByJoinFilter: z.number().optional(),
  rowsRemovedByIndexRecheck: z.number().optional(),
  /** Everything else, under the names FORMAT JSON uses ("Sort Method", "Hash Cond", …). */
  properties: z.record(z.string(), z.json()),
  /** 1-based first line of this node in `text`. */
  line: z.number().int(),
  /** 1-based last line of this node's own lines in `text`. */
  endLine: z.number().int(),
});
export type PlanNode = z.infer<typeof planNodeSchema>;

export const planInsightSchema = z.object({
  rule: z.string(),
  nodeId: z.number().int(),
  severity: z.enum(['critical', 'warning', 'info']),
  /** Milliseconds that the fix could save at most. */
  savedMs: z.number().optional(),
  /** One line for a list. */
  title: z.string(),
  /** What was seen, with its numbers, and why it costs. */
  message: z.string(),
  /** The smallest safe fix. */
  sql: z.string().optional(),
  verify: z.string().optional(),
  ignoreWhen: z.string().optional(),
});
export type PlanInsight = z.infer<typeof planInsightSchema>;

/** What the catalog knew of a relation when the plan was taken. */
export const relationStatisticsSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** As the last ANALYZE or VACUUM counted them; null where neither has run. */
  rows: z.number().nullable(),
  /** Rows inserted, updated and deleted since the last ANALYZE. */
  modified: z.number(),
  /** Of the last ANALYZE, by hand or by autovacuum, as the server prints it; null for never. */
  analyzedAt: z.string().nullable(),
});
export type RelationStatistics = z.infer<typeof relationStatisticsSchema>;

export const planSchema = z.object({
  /** The format that the plan was read from. */
  format: z.enum(['text', 'json', 'yaml', 'xml']),
  /** The plan as PostgreSQL prints FORMAT TEXT: the source itself, or printed from the other formats. */
  text: z.string(),
  queryText: z.string().optional(),
  /** As the server printed it (`16.4`), where somebody knows it: a plan does not tell. */
  serverVersion: z.string().optional(),
  /** Of the relations that it reads, where somebody asked the catalog. */
  relations: z.array(relationStatisticsSchema).optional(),
  analyzed: z.boolean(),
  hasBuffers: z.boolean(),
  planningMs: z.number().optional(),
  executionMs: z.number().optional(),
  triggers: z.array(
    z.object({
      name: z.string(),
      constraint: z.string().optional(),
      relation: z.string().optional(),
      timeMs: z.number().optional(),
      calls: z.number(),
    }),
  ),
  jit: z.record(z.string(), z.json()).optional(),
  settings: z.record(z.string(), z.string()).optional(),
  /** Root total minus the sum of self times, ms: 0 but for rounding. */
  residualMs: z.number().optional(),
  /** Keys of the statement as a whole, under the names FORMAT JSON uses ("Planning", "Serialization", "Query Identifier", …). */
  properties: z.record(z.string(), z.json()).optional(),
  /** Why the tree is known not to be whole; absent for a whole one. */
  incomplete: z.string().optional(),
  nodes: z.array(planNodeSchema),
  insights: z.array(planInsightSchema),
});
export type Plan = z.infer<typeof planSchema>;
