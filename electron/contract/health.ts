import { eventIterator } from '@orpc/contract';

import { procedure } from './failure.ts';
import {
  checkBasisSchema,
  confidenceSchema,
  healthFindingSchema,
  healthGroupSchema,
  healthMeasureSchema,
  healthReportSchema,
  severitySchema,
  usedThresholdSchema,
} from './health-model.ts';
import { z } from './zod.ts';

export const healthRunEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), done: z.number().int(), total: z.number().int(), check: z.string() }),
  z.object({
    kind: z.literal('report'),
    report: healthReportSchema,
    savedId: z.string().nullable(),
    /** Why the report could not be kept, where it should have been. */
    notKept: z.string().nullable(),
  }),
]);
export type HealthRunEvent = z.infer<typeof healthRunEventSchema>;

export const savedReportSchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  /** `host:port/database` that the connection led to; null for reports from before it was kept. */
  target: z.string().nullable(),
  database: z.string(),
  takenAt: z.string(),
  worst: severitySchema.nullable(),
  critical: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
  score: z.number().int().nullable(),
});
export type SavedReport = z.infer<typeof savedReportSchema>;

/** A check as it stands, asked or not. */
export const describedCheckSchema = z.object({
  id: z.string(),
  group: healthGroupSchema,
  title: z.string(),
  why: z.string(),
  basis: checkBasisSchema,
  thresholds: z.array(usedThresholdSchema),
  /** An opinion that teams differ about: part of a report only where somebody wants it. */
  onlyWhenAsked: z.boolean(),
  asked: z.boolean(),
});
export type DescribedCheck = z.infer<typeof describedCheckSchema>;

/** A time, or a day, which ends with 23:59:59.999 UTC. */
const endSchema = z.union([z.iso.datetime(), z.iso.date().transform((day) => `${day}T23:59:59.999Z`)]);

/** A finding that is known and accepted, for a while or for good. */
export const suppressionSchema = z.object({
  id: z.string(),
  check: z.string(),
  /** The object or a member of a finding; null for all findings of the check. */
  object: z.string().nullable(),
  /** Null for every connection. */
  connectionId: z.string().nullable(),
  reason: z.string().trim().min(1).max(500),
  by: z.string(),
  at: z.iso.datetime(),
  /** Null for good. */
  until: endSchema.nullable(),
});
export type Suppression = z.infer<typeof suppressionSchema>;

export const healthChangeSchema = z.object({
  kind: z.enum(['new', 'gone', 'worse', 'better', 'same']),
  check: z.string(),
  group: healthGroupSchema,
  title: z.string(),
  /** As the report after has it; for one that is gone, as the report before had it. */
  finding: healthFindingSchema,
  /** What the report before said, where both have it. */
  before: z.object({ message: z.string(), severity: severitySchema, measure: z.number().optional() }).optional(),
});
export type HealthChange = z.infer<typeof healthChangeSchema>;

export const healthComparisonSchema = z.object({
  before: savedReportSchema,
  after: savedReportSchema,
  changes: z.array(healthChangeSchema),
  /** Checks that only one of the reports could answer: nothing is said about their findings. */
  unsure: z.array(z.object({ check: z.string(), title: z.string(), reason: z.string() })),
});
export type HealthComparison = z.infer<typeof healthComparisonSchema>;

export const healthForecastSchema = healthMeasureSchema.extend({
  /** Per day, over the reports named by `points`. */
  perDay: z.number(),
  /** When the limit is reached at this rate; null where it is not coming nearer, or there is none. */
  reachedAt: z.string().nullable(),
  confidence: confidenceSchema,
  confidenceReason: z.string(),
  points: z.array(z.object({ at: z.string(), value: z.number() })),
});
export type HealthForecast = z.infer<typeof healthForecastSchema>;

/** How the findings of a connection moved from report to report, oldest first. */
export const healthTrendSchema = z.object({
  check: z.string(),
  object: z.string(),
  points: z.array(z.object({ at: z.string(), value: z.number() })),
});
export type HealthTrend = z.infer<typeof healthTrendSchema>;

export const reportFormats = ['html', 'markdown', 'json', 'sarif', 'junit'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** What names a finding for a fix: the server asks the check again and takes only what it finds itself. */
export const fixRequestSchema = z.object({
  connectionId: z.string(),
  check: z.string(),
  object: z.string(),
  /** The fix as the person saw it. */
  fixSql: z.string(),
});
export type FixRequest = z.infer<typeof fixRequestSchema>;

export const blockingSessionSchema = z.object({
  pid: z.number().int(),
  user: z.string().nullable(),
  application: z.string(),
  state: z.string().nullable(),
  /** How long its transaction is open, ms; null where rights to see it are missing. */
  transactionMs: z.number().nullable(),
  query: z.string().nullable(),
  /** What it holds: `AccessShareLock on public.orders`, or that it is an old transaction. */
  holds: z.string(),
});
export type BlockingSession = z.infer<typeof blockingSessionSchema>;

export const fixStatementSchema = z.object({
  sql: z.string(),
  /** Cannot be inside a transaction, so that what it did before it failed stays. */
  outsideTransaction: z.boolean(),
  /** How long it may take, ms; null where nothing is known. */
  estimate: z.object({ fromMs: z.number(), toMs: z.number(), because: z.string() }).nullable(),
});
export type FixStatement = z.infer<typeof fixStatementSchema>;

export const fixPreviewSchema = z.object({
  title: z.string(),
  finding: healthFindingSchema,
  statements: z.array(fixStatementSchema),
  undoSql: z.string().nullable(),
  lock: z.string().nullable(),
  caution: z.string().nullable(),
  /** Sessions that would make it wait right now. */
  blocking: z.array(blockingSessionSchema),
  /** Why those could not be told in full. */
  blockingUnsure: z.string().nullable(),
  /** Why it cannot be run here; null where it can. */
  refusal: z.string().nullable(),
  /** On production the name of the database has to be typed. */
  typedName: z.string().nullable(),
});
export type FixPreview = z.infer<typeof fixPreviewSchema>;

export const appliedFixSchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  database: z.string(),
  check: z.string(),
  object: z.string(),
  fixSql: z.string(),
  undoSql: z.string().nullable(),
  appliedAt: z.string(),
  /** What the check said afterwards. */
  outcome: z.string(),
  undoneAt: z.string().nullable(),
});
export type AppliedFix = z.infer<typeof appliedFixSchema>;

export const health = {
  /** Aborting the iterator cancels the running checks on the server. */
  run: procedure
    .input(z.object({ connectionId: z.string(), only: z.array(z.string()).optional() }))
    .output(eventIterator(healthRunEventSchema)),
  /** All checks there are, with their thresholds. */
  checks: procedure.output(z.array(describedCheckSchema)),
  /** A finite number, or null for the usual one. */
  setThreshold: procedure
    .input(z.object({ check: z.string(), name: z.string(), value: z.number().nullable() }))
    .output(z.array(describedCheckSchema)),
  /** Whether a check that is asked only on request is part of reports. */
  setAsked: procedure.input(z.object({ check: z.string(), asked: z.boolean() })).output(z.array(describedCheckSchema)),
  reports: procedure
    .input(z.object({ connectionId: z.string().optional(), limit: z.number().int().min(1).max(200).default(30) }))
    .output(z.array(savedReportSchema)),
  /** A kept report, with what is suppressed today. */
  report: procedure.input(z.object({ id: z.string() })).output(healthReportSchema),
  compare: procedure.input(z.object({ before: z.string(), after: z.string() })).output(healthComparisonSchema),
  /** When what grows reaches its end, from the reports of this connection. */
  forecasts: procedure.input(z.object({ connectionId: z.string() })).output(z.array(healthForecastSchema)),
  /** The numbers of findings over the last reports of this connection. */
  trends: procedure.input(z.object({ connectionId: z.string() })).output(z.array(healthTrendSchema)),
  export: procedure
    .input(z.object({ id: z.string(), format: z.enum(reportFormats) }))
    .output(z.object({ text: z.string(), fileName: z.string(), mediaType: z.string() })),
  suppressions: procedure.output(z.array(suppressionSchema)),
  suppress: procedure
    .input(suppressionSchema.pick({ check: true, object: true, connectionId: true, reason: true, until: true }))
    .output(suppressionSchema),
  unsuppress: procedure.input(z.object({ id: z.string() })).output(z.object({})),
  /** Asks the check again, and says what its fix would do. Changes nothing. */
  previewFix: procedure.input(fixRequestSchema).output(fixPreviewSchema),
  /** `confirmation`: the name of the database, on production. */
  fix: procedure
    .input(fixRequestSchema.extend({ confirmation: z.string().optional() }))
    .output(z.object({ jobId: z.string() })),
  fixes: procedure
    .input(z.object({ connectionId: z.string(), limit: z.number().int().min(1).max(200).default(50) }))
    .output(z.array(appliedFixSchema)),
  /** Runs the kept SQL that takes a fix back. */
  undoFix: procedure
    .input(z.object({ id: z.string(), confirmation: z.string().optional() }))
    .output(z.object({ jobId: z.string() })),
};
