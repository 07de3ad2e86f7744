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

export const healthFindingSchema = z.object({
  /** What it is about, as PostgreSQL writes it: `public.orders`, `max_connections`, `database portfolio`. */
  object: z.string(),
  /** Set where the object is a relation, so that the app can link to its page. */
  relationOid: z.number().int().optional(),
  severity: severitySchema,
  /** One line: the fact, with its number. */
  message: z.string(),
  /** The numbers behind the message, in reading order. */
  evidence: z.array(z.object({ label: z.string(), value: z.string() })),
  /** Runnable SQL, identifiers quoted. Absent where no SQL can fix it. */
  fixSql: z.string().optional(),
  /** The strongest lock that the fix takes, and what it stops: `SHARE UPDATE EXCLUSIVE: reads and writes go on`. */
  lock: z.string().optional(),
  /** SQL that takes the fix back. */
  undoSql: z.string().optional(),
  caution: z.string().optional(),
  confidence: z.enum(['high', 'medium', 'low']).optional(),
  confidenceReason: z.string().optional(),
});
export type HealthFinding = z.infer<typeof healthFindingSchema>;

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
  /** Why it was skipped ("cannot tell") or failed, and what would unlock it. */
  reason: z.string().optional(),
  /** The exact GRANT, CREATE EXTENSION or setting that would unlock a skipped check. */
  unlockSql: z.string().optional(),
  findings: z.array(healthFindingSchema),
  durationMs: z.number(),
  /** The SQL that was run: the proof. */
  sql: z.string(),
});
export type HealthCheckResult = z.infer<typeof healthCheckResultSchema>;

export const healthReportSchema = z.object({
  server: z.object({ version: z.string(), versionNum: z.number().int(), inRecovery: z.boolean() }),
  database: z.string(),
  user: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  checks: z.array(healthCheckResultSchema),
});
export type HealthReport = z.infer<typeof healthReportSchema>;
