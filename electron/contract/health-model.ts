import { z } from './zod.ts';

export const healthGroups = [
  'connections',
  'cache',
  'queries',
  'indexes',
  'tables',
  'transaction-ids',
  'sequences',
  'locks',
  'replication',
  'configuration',
  'schema',
  'security',
] as const;
export const healthGroupSchema = z.enum(healthGroups);
export type HealthGroup = z.infer<typeof healthGroupSchema>;

export const severitySchema = z.enum(['critical', 'warning', 'info']);
export type Severity = z.infer<typeof severitySchema>;

/** What a change of the object would reach beyond the object itself. */
export const findingMarkSchema = z.enum([
  'constraint-backed',
  'replica-identity',
  'partitioned',
  'partition-child',
  'extension-owned',
  'young-statistics',
]);
export type FindingMark = z.infer<typeof findingMarkSchema>;

export const confidenceSchema = z.enum(['high', 'medium', 'low']);
export type Confidence = z.infer<typeof confidenceSchema>;

/** Why a finding is accepted, by which rule, and until when; null for good. */
export const findingSuppressionSchema = z.object({ id: z.string(), reason: z.string(), until: z.string().nullable() });
export type FindingSuppression = z.infer<typeof findingSuppressionSchema>;

export const healthFindingSchema = z.object({
  /** What it is about, as PostgreSQL writes it: `public.orders`, `max_connections`, `database portfolio`. */
  object: z.string(),
  /** Set where the object is a relation, so that the app can link to its page. */
  relationOid: z.number().int().optional(),
  /**
   * The objects that it stands for, each as a finding of its own would name it: the tables of a schema. Absent where
   * it stands for its object alone, and for thousands.
   */
  members: z.array(z.string()).optional(),
  /** The object that it would be told under together with others, were there more of them. A rule for that accepts it. */
  partOf: z.string().optional(),
  severity: severitySchema,
  /** One line: the fact, with its number. */
  message: z.string(),
  /** The number that says whether it got worse since another report: the larger, the worse. */
  measure: z.number().optional(),
  /** The numbers behind the message, in reading order. */
  evidence: z.array(z.object({ label: z.string(), value: z.string() })),
  /** Runnable SQL, identifiers quoted. Absent where no SQL can fix it. */
  fixSql: z.string().optional(),
  /** The strongest lock that the fix takes, and what it stops: `SHARE UPDATE EXCLUSIVE: reads and writes go on`. */
  lock: z.string().optional(),
  /** SQL that takes the fix back. */
  undoSql: z.string().optional(),
  caution: z.string().optional(),
  /** Reports from before it was kept lack it. */
  confidence: confidenceSchema.optional(),
  confidenceReason: z.string().optional(),
  marks: z.array(findingMarkSchema).optional(),
  /** What depends on the object and feels a change of it, in words: sizes, foreign keys, views, publications. */
  blastRadius: z.string().optional(),
  /** Relations that the finding is about as well, such as the table of an index. */
  related: z.array(z.object({ name: z.string(), oid: z.number().int() })).optional(),
  /** Somebody has said that it is known and accepted. Not part of the kept report: told by the rules of today. */
  suppressed: findingSuppressionSchema.optional(),
  /** Members that are suppressed while others are not. Told by the rules of today as well. */
  suppressedMembers: z.array(z.string()).optional(),
});
export type HealthFinding = z.infer<typeof healthFindingSchema>;

/** What an answer rests on, and so how far it can be trusted. */
export const checkBasisSchema = z.enum(['catalog', 'statistics', 'estimate', 'moment']);
export type CheckBasis = z.infer<typeof checkBasisSchema>;

export const thresholdUnitSchema = z.enum(['bytes', 'count', 'days', 'milliseconds', 'ratio', 'rows', 'seconds']);
export type ThresholdUnit = z.infer<typeof thresholdUnitSchema>;

/** A number that a check compares with. `name` is unique in its check. */
export const usedThresholdSchema = z.object({
  name: z.string(),
  label: z.string(),
  unit: thresholdUnitSchema,
  value: z.number(),
  /** What it is where nobody has set another. */
  usual: z.number(),
});
export type UsedThreshold = z.infer<typeof usedThresholdSchema>;

/** How many findings of each severity are counted and not listed. */
export const omittedFindingsSchema = z.object({
  critical: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
  /** A rule accepts all findings of the check. Told by the rules of today, as on a finding. */
  suppressed: findingSuppressionSchema.optional(),
});
export type OmittedFindings = z.infer<typeof omittedFindingsSchema>;

export const healthCheckResultSchema = z.object({
  /** Id of the catalogue, for example `IDX07`. */
  id: z.string(),
  group: healthGroupSchema,
  title: z.string(),
  /** Why it matters, two or three sentences. */
  why: z.string(),
  status: z.enum(['ok', 'finding', 'skipped', 'error']),
  /** The worst of the findings. */
  severity: severitySchema.optional(),
  /** Why it was skipped ("cannot tell") or failed; beside findings, why these are not all. */
  reason: z.string().optional(),
  /** The exact GRANT, CREATE EXTENSION or setting that would unlock what is missing. */
  unlockSql: z.string().optional(),
  findings: z.array(healthFindingSchema),
  /** Absent where all findings are listed, and in reports from before it was kept. */
  omitted: omittedFindingsSchema.optional(),
  basis: checkBasisSchema.optional(),
  thresholds: z.array(usedThresholdSchema).optional(),
  durationMs: z.number(),
  /** The SQL that was run: the proof. */
  sql: z.string(),
});
export type HealthCheckResult = z.infer<typeof healthCheckResultSchema>;

/** A number that a report keeps so that later ones can tell a rate and a forecast. */
export const healthMeasureSchema = z.object({
  /** Stable across reports, such as `xid.age` or `sequence public.orders_id_seq`. */
  key: z.string(),
  label: z.string(),
  unit: z.enum(['bytes', 'xids', 'values', 'count']),
  value: z.number(),
  /** Where it may not go; null where there is no such place. */
  limit: z.number().nullable(),
});
export type HealthMeasure = z.infer<typeof healthMeasureSchema>;

export const healthReportSchema = z.object({
  server: z.object({ version: z.string(), versionNum: z.number().int(), inRecovery: z.boolean() }),
  database: z.string(),
  user: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  checks: z.array(healthCheckResultSchema),
  measures: z.array(healthMeasureSchema).optional(),
  /** 0 to 100, of what is not suppressed. */
  score: z.number().int().optional(),
});
export type HealthReport = z.infer<typeof healthReportSchema>;
