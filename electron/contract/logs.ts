import { procedure } from './failure.ts';
import { z } from './zod.ts';

/**
 * Times of a log are kept as its own clock shows them, as milliseconds since 1970 as if that clock were UTC: a log names its
 * time zone by an abbreviation, which means several zones.
 */
const logTime = z.number();

export const logSeverities = ['WARNING', 'ERROR', 'FATAL', 'PANIC'] as const;

/** One run of a statement, as the log has it. Secrets are taken out. */
export const logSampleSchema = z.object({
  at: logTime.nullable(),
  durationMs: z.number(),
  sql: z.string(),
  /** Values of `$1`, `$2`, … as text, null for NULL; null where the log has none. */
  parameters: z.array(z.string().nullable()).nullable(),
  /** The server or Steward cut the statement or a value: it cannot be run as it stands. */
  cut: z.boolean(),
  user: z.string().nullable(),
  database: z.string().nullable(),
  application: z.string().nullable(),
});
export type LogSample = z.infer<typeof logSampleSchema>;

/** A statement that was logged with its durations, whatever its constants. */
export const logStatementSchema = z.object({
  /** pg_query's fingerprint, 16 hex digits; begins with `text:` where the text could not be parsed, such as one that was cut. */
  fingerprint: z.string(),
  /** Normalised: constants are `$n`. At most 400 characters in lists. */
  sql: z.string(),
  /** Executions. Parse and bind belong to the execution that follows them. */
  calls: z.number().int(),
  totalMs: z.number(),
  meanMs: z.number().nullable(),
  /** From a histogram with a relative error of at most 1 %. */
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  maxMs: z.number().nullable(),
  maxAt: logTime.nullable(),
  parseMs: z.number(),
  bindMs: z.number(),
  firstAt: logTime.nullable(),
  lastAt: logTime.nullable(),
  /** The most frequent ones first, at most eight of each. */
  users: z.array(z.string()),
  databases: z.array(z.string()),
  applications: z.array(z.string()),
  /** Plans of auto_explain. */
  plans: z.number().int(),
  /** The durations are those of auto_explain: the log has no others. */
  fromPlans: z.boolean(),
  tempFiles: z.number().int(),
  tempBytes: z.number(),
  errors: z.number().int(),
  /** How often it waited for a lock long enough to be logged. */
  lockWaits: z.number().int(),
});
export type LogStatement = z.infer<typeof logStatementSchema>;

export const logErrorSchema = z.object({
  severity: z.enum(logSeverities),
  sqlstate: z.string().nullable(),
  /** The message without names and values. */
  shape: z.string(),
  count: z.number().int(),
  firstAt: logTime.nullable(),
  lastAt: logTime.nullable(),
  users: z.array(z.string()),
  databases: z.array(z.string()),
  applications: z.array(z.string()),
  samples: z.array(
    z.object({
      at: logTime.nullable(),
      message: z.string(),
      detail: z.string().nullable(),
      context: z.string().nullable(),
      sql: z.string().nullable(),
      user: z.string().nullable(),
      database: z.string().nullable(),
      line: z.number().int(),
    }),
  ),
});
export type LogError = z.infer<typeof logErrorSchema>;

export const logLockWaitSchema = z.object({
  at: logTime.nullable(),
  pid: z.number().int(),
  mode: z.string(),
  object: z.string(),
  /** How long it has waited when it was logged last. */
  waitedMs: z.number(),
  /** `waiting`: the log does not tell how it ended. */
  outcome: z.enum(['acquired', 'waiting', 'failed', 'deadlock']),
  holders: z.array(z.number().int()),
  sql: z.string().nullable(),
  context: z.string().nullable(),
  user: z.string().nullable(),
  database: z.string().nullable(),
});
export type LogLockWait = z.infer<typeof logLockWaitSchema>;

export const logTempFileSchema = z.object({
  fingerprint: z.string().nullable(),
  sql: z.string().nullable(),
  files: z.number().int(),
  totalBytes: z.number(),
  maxBytes: z.number(),
  lastAt: logTime.nullable(),
});
export type LogTempFile = z.infer<typeof logTempFileSchema>;

export const logVacuumSchema = z.object({
  table: z.string(),
  vacuums: z.number().int(),
  analyzes: z.number().int(),
  aggressive: z.number().int(),
  toPreventWraparound: z.number().int(),
  totalMs: z.number(),
  maxMs: z.number(),
  tuplesRemoved: z.number(),
  /** Dead tuples that the last vacuum had to leave. */
  tuplesDead: z.number().nullable(),
  walBytes: z.number(),
  lastAt: logTime.nullable(),
});
export type LogVacuum = z.infer<typeof logVacuumSchema>;

export const logCheckpointSchema = z.object({
  at: logTime.nullable(),
  reason: z.string().nullable(),
  restartpoint: z.boolean(),
  buffers: z.number(),
  writeMs: z.number(),
  syncMs: z.number(),
  totalMs: z.number(),
  longestSyncMs: z.number(),
  distanceBytes: z.number().nullable(),
});
export type LogCheckpoint = z.infer<typeof logCheckpointSchema>;

export const logPlanSchema = z.object({
  number: z.number().int(),
  at: logTime.nullable(),
  durationMs: z.number(),
  /** The beginning of its statement. */
  sql: z.string().nullable(),
  fingerprint: z.string().nullable(),
  user: z.string().nullable(),
  database: z.string().nullable(),
  characters: z.number().int(),
});
export type LogPlan = z.infer<typeof logPlanSchema>;

/** Something that the log does not have, and how the server is told to write it. */
export const logAdviceSchema = z.object({
  id: z.string(),
  /** `missing`: it is off. `unsure`: it may be off, or nothing of it happened. */
  state: z.enum(['missing', 'unsure']),
  title: z.string(),
  why: z.string(),
  sql: z.string(),
  /** What it costs to have it. */
  cost: z.string(),
});
export type LogAdvice = z.infer<typeof logAdviceSchema>;

export const logTimelineSchema = z.object({
  stepMs: z.number(),
  /** By time; steps in which nothing was logged are left out. */
  steps: z.array(
    z.object({
      at: logTime,
      calls: z.number().int(),
      durationMs: z.number(),
      errors: z.number().int(),
      lockWaits: z.number().int(),
      tempBytes: z.number(),
      connections: z.number().int(),
      checkpoints: z.number().int(),
    }),
  ),
});
export type LogTimeline = z.infer<typeof logTimelineSchema>;

/** An import in short. */
export const logImportSchema = z.object({
  id: z.string(),
  name: z.string(),
  connectionId: z.string().nullable(),
  importedAt: z.string(),
  /** False: the store is away, and it is gone when Steward ends. */
  kept: z.boolean(),
  formats: z.array(z.enum(['stderr', 'csv', 'json'])),
  files: z.array(
    z.object({ name: z.string(), bytes: z.number(), lines: z.number().int(), problem: z.string().nullable() }),
  ),
  bytes: z.number(),
  lines: z.number().int(),
  messages: z.number().int(),
  unreadableLines: z.number().int(),
  firstAt: logTime.nullable(),
  lastAt: logTime.nullable(),
  zone: z.string().nullable(),
  serverVersion: z.string().nullable(),
  statements: z.number().int(),
  calls: z.number().int(),
  totalMs: z.number(),
  errors: z.number().int(),
  plans: z.number().int(),
  lockWaits: z.number().int(),
  deadlocks: z.number().int(),
  tempFiles: z.number().int(),
  tempBytes: z.number(),
});
export type LogImport = z.infer<typeof logImportSchema>;

/** An import without its statements and the texts of its plans. */
export const logReportSchema = logImportSchema.extend({
  /** Files of the folder that were too much to read; imports of older versions do not have it. */
  filesLeftOut: z.number().int().optional(),
  /** Messages whose words are in another language: only their fields were read. */
  foreignMessages: z.number().int(),
  /** The first of them. */
  unreadable: z.array(
    z.object({ file: z.string(), line: z.number().int(), lines: z.number().int(), reason: z.string() }),
  ),
  /** Durations without a statement that they could belong to. */
  bareDurations: z.object({ count: z.number().int(), totalMs: z.number() }),
  /** Statements that are in the totals but not in the list: it holds the 5,000 that took longest. */
  leftOut: z.object({ statements: z.number().int(), calls: z.number().int(), totalMs: z.number() }),
  severities: z.record(z.string(), z.number().int()),
  timeline: logTimelineSchema,
  errorGroups: z.array(logErrorSchema),
  /** Those that waited longest, at most 1,000. */
  locks: z.array(logLockWaitSchema),
  deadlockDetails: z.array(z.object({ at: logTime.nullable(), detail: z.string(), sql: z.string().nullable() })),
  temp: z.array(logTempFileSchema),
  vacuums: z.array(logVacuumSchema),
  checkpoints: z.object({
    count: z.number().int(),
    requested: z.number().int(),
    tooFrequent: z.number().int(),
    totalBuffers: z.number(),
    totalMs: z.number(),
    maxMs: z.number(),
    /** The last ones, at most 500. */
    last: z.array(logCheckpointSchema),
  }),
  connections: z.object({
    received: z.number().int(),
    authorized: z.number().int(),
    ended: z.number().int(),
    meanSessionMs: z.number().nullable(),
    /** By user, database and client, the most first, at most 100. */
    by: z.array(
      z.object({
        user: z.string().nullable(),
        database: z.string().nullable(),
        client: z.string().nullable(),
        count: z.number().int(),
      }),
    ),
  }),
  /** The slowest ones, at most 300. */
  planList: z.array(logPlanSchema),
  advice: z.array(logAdviceSchema),
});
export type LogReport = z.infer<typeof logReportSchema>;

export const logExportFormats = ['json', 'csv'] as const;
export type LogExportFormat = (typeof logExportFormats)[number];

const name = z.string().trim().min(1).max(500);

export const logs = {
  /**
   * Reads a log on the machine that Steward runs on: a file, the newest files of a folder, gz or not; or a text; or what was
   * uploaded. Nothing leaves the machine. The job ends with the import of `importId`.
   */
  import: procedure
    .input(
      z
        .object({
          path: z.string().min(1).max(4096).optional(),
          text: z.string().min(1).max(10_000_000).optional(),
          uploadId: z.string().max(64).optional(),
          name: name.optional(),
          connectionId: z.string().nullable().default(null),
        })
        .refine(
          ({ path, text, uploadId }) => [path, text, uploadId].filter((given) => given !== undefined).length === 1,
          'Give a path, a text or an upload',
        ),
    )
    .output(z.object({ jobId: z.string(), importId: z.string() })),
  /** Begins to take a file that only the window can read, such as one that was dropped. */
  beginUpload: procedure.input(z.object({ name })).output(z.object({ uploadId: z.string() })),
  /** The next part of an upload, at most 1.5 MB of base64. Parts come one after the other. */
  uploadPart: procedure
    .input(z.object({ uploadId: z.string().max(64), base64: z.string().max(1_600_000) }))
    .output(z.object({ bytes: z.number() })),
  abandonUpload: procedure.input(z.object({ uploadId: z.string().max(64) })).output(z.object({})),
  /** Newest first. */
  list: procedure.output(z.array(logImportSchema)),
  report: procedure.input(z.object({ id: z.string() })).output(logReportSchema),
  /** By the time that they took in sum, the most first. */
  statements: procedure.input(z.object({ id: z.string() })).output(z.array(logStatementSchema)),
  /** One statement with its whole text; the slowest runs first, then others by chance. */
  statement: procedure
    .input(z.object({ id: z.string(), fingerprint: z.string().max(100) }))
    .output(
      z.object({ statement: logStatementSchema, samples: z.array(logSampleSchema), plans: z.array(logPlanSchema) }),
    ),
  /** Runs of a statement in all imports, the newest import first: by its fingerprint, or by its text. */
  samples: procedure
    .input(
      z
        .object({
          fingerprint: z.string().max(100).optional(),
          sql: z.string().max(1_000_000).optional(),
          limit: z.number().int().min(1).max(50).default(10),
        })
        .refine(
          ({ fingerprint, sql }) => (fingerprint === undefined) !== (sql === undefined),
          'Give a fingerprint or a text',
        ),
    )
    .output(z.array(logSampleSchema.extend({ importId: z.string(), importName: z.string() }))),
  /** A plan as auto_explain wrote it, secrets taken out. */
  plan: procedure
    .input(z.object({ id: z.string(), number: z.number().int().min(0) }))
    .output(z.object({ plan: logPlanSchema, source: z.string() })),
  /** The statements of an import. */
  export: procedure
    .input(z.object({ id: z.string(), format: z.enum(logExportFormats) }))
    .output(z.object({ text: z.string(), fileName: z.string(), mediaType: z.string() })),
  remove: procedure.input(z.object({ id: z.string() })).output(z.object({})),
};
