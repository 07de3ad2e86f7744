import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

const rate = z.number().nullable();

/**
 * What the server did between one look and the one before, per second. Rates are null for the first look, after
 * statistics were reset, and where the server does not count.
 */
export const activitySampleSchema = z.object({
  at: z.string(),
  /** Time since the look before, ms. Rates are over this. */
  spanMs: z.number().nullable(),
  commits: rate,
  rollbacks: rate,
  sessions: z.object({
    active: z.number().int(),
    idle: z.number().int(),
    idleInTransaction: z.number().int(),
    /** Of all: those that wait for a lock. */
    waiting: z.number().int(),
    /** Of other users, whose state is hidden from this one. */
    hidden: z.number().int(),
    total: z.number().int(),
    limit: z.number().int(),
  }),
  /** Share of block accesses that shared buffers served, 0 to 1; null where there were none. */
  cacheHit: rate,
  blocksHit: rate,
  blocksRead: rate,
  tuplesReturned: rate,
  tuplesFetched: rate,
  tuplesInserted: rate,
  tuplesUpdated: rate,
  tuplesDeleted: rate,
  tempBytes: rate,
  walBytes: rate,
  /** Milliseconds a second that backends spent on reading and writing; null where track_io_timing is off. */
  ioReadMs: rate,
  ioWriteMs: rate,
  deadlocks: rate,
});
export type ActivitySample = z.infer<typeof activitySampleSchema>;

export const activitySessionSchema = z.object({
  pid: z.number().int(),
  /** With the pid it names one session for ever: a pid is used again. Null where rights to see it are missing. */
  backendStart: z.string().nullable(),
  backendType: z.string().nullable(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string(),
  client: z.string().nullable(),
  state: z.string().nullable(),
  waitEventType: z.string().nullable(),
  waitEvent: z.string().nullable(),
  transactionMs: z.number().nullable(),
  /** Since its statement began, or ended where it is idle. */
  stateMs: z.number().nullable(),
  queryMs: z.number().nullable(),
  /** Transactions that began since its snapshot: what it keeps vacuum from. */
  xminAge: z.number().nullable(),
  leaderPid: z.number().int().nullable(),
  /** Its beginning. Null where rights to see it are missing. */
  query: z.string().nullable(),
  /** Steward's own. */
  own: z.boolean(),
});
export type ActivitySession = z.infer<typeof activitySessionSchema>;

/** A session that waits for a lock, and who holds it up. */
export const lockWaitSchema = z.object({
  pid: z.number().int(),
  blockedBy: z.array(z.number().int()),
  /** `AccessExclusiveLock`. */
  mode: z.string().nullable(),
  /** `relation public.orders`, `transaction 4711`, `tuple (3,4) of public.orders`. */
  target: z.string().nullable(),
  waitMs: z.number().nullable(),
});
export type LockWait = z.infer<typeof lockWaitSchema>;

/** A line of one of the `pg_stat_progress_…` views. */
export const progressSchema = z.object({
  pid: z.number().int(),
  command: z.string(),
  /** Null where it is about none, or about one of another database. */
  relation: z.string().nullable(),
  database: z.string().nullable(),
  phase: z.string(),
  done: z.number(),
  /** 0 where the end is not known. */
  total: z.number(),
  unit: z.enum(['blocks', 'bytes', 'rows', 'tables']),
  detail: z.string().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export const activityEventSchema = z.discriminatedUnion('kind', [
  /** First: what is remembered of the last ten minutes, oldest first. */
  z.object({ kind: z.literal('memory'), samples: z.array(activitySampleSchema) }),
  z.object({ kind: z.literal('sample'), sample: activitySampleSchema }),
  z.object({
    kind: z.literal('sessions'),
    at: z.string(),
    sessions: z.array(activitySessionSchema),
    /** Sessions that were left out, since there are too many to show. */
    omitted: z.number().int(),
    /** The GRANT that would show what other users run; null where it is shown. */
    unlockSql: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('locks'),
    at: z.string(),
    waits: z.array(lockWaitSchema),
    omitted: z.number().int(),
  }),
  z.object({ kind: z.literal('progress'), at: z.string(), rows: z.array(progressSchema) }),
  /** The server could not be asked. It is tried again. */
  z.object({ kind: z.literal('gap'), at: z.string(), failure: failureSchema }),
]);
export type ActivityEvent = z.infer<typeof activityEventSchema>;

const sessionName = z.object({ connectionId: z.string(), pid: z.number().int(), backendStart: z.string().nullable() });

export const activity = {
  /** Looks at the server once a second for as long as somebody watches. Several windows share one look. */
  watch: procedure.input(z.object({ connectionId: z.string() })).output(eventIterator(activityEventSchema)),
  /** The whole text of what a session runs, and the locks it holds. */
  session: procedure.input(sessionName).output(
    z.object({
      query: z.string().nullable(),
      locks: z.array(z.object({ target: z.string(), mode: z.string(), granted: z.boolean(), count: z.number().int() })),
      omitted: z.number().int(),
    }),
  ),
  /** Asks the server to cancel what a session runs. `ended` is false where it had ended or gone before. */
  cancel: procedure.input(sessionName).output(z.object({ ended: z.boolean() })),
  /** Ends a session; its transaction is rolled back. On production `confirmation` is the database's name. */
  terminate: procedure
    .input(sessionName.extend({ confirmation: z.string().optional() }))
    .output(z.object({ ended: z.boolean() })),
};
