import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

/** One step on the way to statistics of statements, in the order in which they are done. */
export const setupStepSchema = z.object({
  id: z.enum([
    'package',
    'preload',
    'query-id',
    'track',
    'extension',
    'update',
    'schema',
    'rights',
    'planning',
    'io-timing',
  ]),
  title: z.string(),
  /** `optional`: it works without, and tells more with it. `unknown`: this role may not see whether it is done. */
  state: z.enum(['done', 'todo', 'optional', 'unknown']),
  why: z.string(),
  /** As it is to be run, or put into postgresql.conf; null where nothing is. */
  sql: z.string().nullable(),
  /** What takes effect only then. */
  needs: z.enum(['nothing', 'reload', 'restart']),
  who: z.string(),
});
export type SetupStep = z.infer<typeof setupStepSchema>;

export const statementsStateSchema = z.object({
  /**
   * `ready`: statements are read. `partial`: those of other users are hidden. `missing`: steps are to be done first.
   * `failed`: reading failed, see `failure`.
   */
  kind: z.enum(['ready', 'partial', 'missing', 'failed']),
  steps: z.array(setupStepSchema),
  /** How a managed server does it in other ways; null for one of one's own. */
  managed: z.string().nullable(),
  failure: failureSchema.nullable(),
  extension: z.object({ schema: z.string(), version: z.string() }).nullable(),
  /** Statements that it keeps at most. */
  maxStatements: z.number().int().nullable(),
  tracksPlanning: z.boolean(),
  timesIo: z.boolean(),
});
export type StatementsState = z.infer<typeof statementsStateSchema>;

/** A look at all counters that is kept. Instants are of the server's clock. */
export const statementSnapshotSchema = z.object({
  id: z.string(),
  takenAt: z.string(),
  statements: z.number().int(),
  totalMs: z.number(),
  serverStartedAt: z.string(),
  statsResetAt: z.string().nullable(),
  evictions: z.number().nullable(),
  /** False where it is kept in memory only, since there is no store now. */
  stored: z.boolean(),
});
export type SavedStatementSnapshot = z.infer<typeof statementSnapshotSchema>;

export const statementEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), snapshot: statementSnapshotSchema }),
  /** It is tried again after the interval. */
  z.object({ kind: z.literal('failed'), at: z.string(), failure: failureSchema }),
]);
export type StatementEvent = z.infer<typeof statementEventSchema>;

/** What is looked at: the last minutes, what lies between two snapshots, or everything since statistics were reset. */
export const statementWindowSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('last'), minutes: z.number().positive().max(525_600) }),
  z.object({ kind: z.literal('between'), from: z.string(), to: z.string() }),
  z.object({ kind: z.literal('reset') }),
]);
export type StatementWindow = z.infer<typeof statementWindowSchema>;

export const statementOrders = ['total', 'mean', 'calls', 'io', 'temp', 'wal', 'plan'] as const;
export type StatementOrder = (typeof statementOrders)[number];

/** Null wherever this server does not count it. */
const number = z.number().nullable();

export const smellKinds = [
  'regression',
  'n-plus-one',
  'deep-offset',
  'unbounded-select',
  'temp-spill',
  'plan-time',
  'unsteady',
] as const;

/** What the numbers and the text of a statement hint at. */
export const statementSmellSchema = z.object({
  kind: z.enum(smellKinds),
  /** In two or three words. */
  label: z.string(),
  /** What was seen, with its numbers. */
  message: z.string(),
  /** What to do about it. */
  advice: z.string(),
});
export type StatementSmell = z.infer<typeof statementSmellSchema>;

export const statementStatuses = ['difference', 'new', 'restarted', 'whole', 'nearly'] as const;

/** A statement in a window, all its users and databases together. */
export const statementRowSchema = z.object({
  queryId: z.string(),
  /** Run inside functions, whose own calls have its time as well; null where the server does not tell. */
  nested: z.boolean().nullable(),
  /** On one line, its beginning; null where the server has lost it. */
  sql: z.string().nullable(),
  /** The database's name where it is one. */
  database: z.string().nullable(),
  databases: z.number().int(),
  users: z.number().int(),
  /**
   * `difference` of both looks; the later numbers whole, since it is `new` or was `restarted` in between; `whole` since
   * statistics were reset; `nearly` where up to 1 % may be from before.
   */
  status: z.enum(statementStatuses),
  calls: z.number(),
  totalMs: z.number(),
  /** Of the time of all statements that clients sent, 0 to 1; null for what runs inside functions. */
  share: number,
  meanMs: number,
  /** Null where it cannot be told from the sums. */
  stddevMs: number,
  rows: z.number(),
  planMs: number,
  blocksHit: z.number(),
  blocksRead: z.number(),
  /** Reading and writing of blocks, temporary ones too; null where track_io_timing is off. */
  ioMs: number,
  tempBytes: z.number(),
  walBytes: z.number(),
  smells: z.array(statementSmellSchema.pick({ kind: true, label: true })),
});
export type StatementRow = z.infer<typeof statementRowSchema>;

export const coverageNoteSchema = z.object({
  kind: z.enum([
    'reset',
    'restart',
    'evictions',
    'hidden',
    'rest',
    'gone',
    'short',
    'planning',
    'nested',
    'memory',
    'texts',
  ]),
  tone: z.enum(['info', 'warning']),
  text: z.string(),
  /** What would mend it. */
  sql: z.string().nullable(),
});
export type CoverageNote = z.infer<typeof coverageNoteSchema>;

const coveredSchema = z.object({
  /** What was compared; null where everything since the reset is shown. */
  fromId: z.string().nullable(),
  toId: z.string(),
  /** What the numbers cover. Null where it is not known when statistics were reset. */
  from: z.string().nullable(),
  to: z.string(),
  spanMs: number,
  /** True where one snapshot is all there is and everything since the reset is shown instead of what was asked for. */
  fallback: z.boolean(),
});

export const statementDeltasSchema = z.object({
  covered: coveredSchema,
  notes: z.array(coverageNoteSchema),
  totals: z.object({
    statements: z.number().int(),
    calls: z.number(),
    /** Of what clients sent. */
    totalMs: z.number(),
    /** Share of the ten that took most time. */
    topShare: number,
    smells: z.number().int(),
  }),
  /** What leads by any of the orders; with `search`, what matches. */
  rows: z.array(statementRowSchema),
  omitted: z.number().int(),
  /** The window before that regressions were looked for against. */
  comparedWith: z.object({ from: z.string(), to: z.string() }).nullable(),
  tracksPlanning: z.boolean(),
  timesIo: z.boolean(),
  blockBytes: z.number().int(),
});
export type StatementDeltasAnswer = z.infer<typeof statementDeltasSchema>;

/** A number of a statement before, after, and of the window. */
export const statementCounterSchema = z.object({
  name: z.string(),
  label: z.string(),
  group: z.enum([
    'Execution',
    'Planning',
    'Shared blocks',
    'Local blocks',
    'Temporary blocks',
    'WAL',
    'JIT',
    'Parallel',
  ]),
  unit: z.enum(['count', 'ms', 'blocks', 'bytes']),
  before: number,
  after: number,
  /** Null for what cannot be told of a window, such as an extreme that did not move. */
  delta: number,
});
export type StatementCounter = z.infer<typeof statementCounterSchema>;

/** Who ran it, and where. */
export const statementPartSchema = z.object({
  user: z.string(),
  database: z.string(),
  status: z.enum(statementStatuses),
  calls: z.number(),
  totalMs: z.number(),
  meanMs: number,
  rows: z.number(),
});

export const statementDetailSchema = z.object({
  queryId: z.string(),
  nested: z.boolean().nullable(),
  /** Secrets taken out. Null where the server has lost it. */
  sql: z.string().nullable(),
  /** Characters that were not kept. */
  sqlOmitted: z.number().int(),
  /** The database that it is explained in is this connection's. */
  explainable: z.boolean(),
  row: statementRowSchema.nullable(),
  /** Also where it did nothing in the window. */
  counters: z.array(statementCounterSchema),
  parts: z.array(statementPartSchema),
  smells: z.array(statementSmellSchema),
  /** Between each snapshot and the one before, oldest first; a gap where statistics were reset. */
  series: z.array(z.object({ at: z.string(), spanMs: z.number(), calls: number, meanMs: number })),
  blockBytes: z.number().int(),
});
export type StatementDetail = z.infer<typeof statementDetailSchema>;

const connection = z.object({ connectionId: z.string() });
const asked = connection.extend({
  window: statementWindowSchema.default({ kind: 'last', minutes: 60 }),
  /** Only statements of the connection's own database. */
  ownDatabase: z.boolean().default(true),
});

export const statements = {
  /** Whether statistics of statements are there and can be read, and what is to be done where not. Does not throw for that. */
  state: procedure.input(connection).output(statementsStateSchema),
  /** Looks at all counters now and keeps them. */
  snapshot: procedure.input(connection).output(statementSnapshotSchema),
  /** The snapshots that are kept, newest first. */
  snapshots: procedure
    .input(connection.extend({ limit: z.number().int().min(1).max(2000).default(500) }))
    .output(z.array(statementSnapshotSchema)),
  /** Takes a snapshot every so often for as long as somebody watches. Several windows share one. */
  watch: procedure
    .input(connection.extend({ everySeconds: z.number().min(5).max(3600).default(60) }))
    .output(eventIterator(statementEventSchema)),
  /** What happened in a window. Takes a first snapshot where there is none. */
  deltas: procedure
    .input(
      asked.extend({
        search: z.string().max(1000).optional(),
        /** Statements that lead by each order. */
        limit: z.number().int().min(1).max(1000).default(150),
      }),
    )
    .output(statementDeltasSchema),
  /** Everything about one statement in a window. */
  statement: procedure
    .input(asked.extend({ queryId: z.string().regex(/^-?\d{1,20}$/), nested: z.boolean().nullable() }))
    .output(statementDetailSchema),
};
