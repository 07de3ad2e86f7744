import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { severitySchema } from './health-model.ts';
import { z } from './zod.ts';

/** From the worst to the best. `unknown`: not checked yet, or the connection asks something that only a person answers. */
export const fleetStatuses = ['unreachable', 'critical', 'warning', 'unknown', 'fine'] as const;
export type FleetStatus = (typeof fleetStatuses)[number];

const milliseconds = z.number();
const bytes = z.number();

/** A session, named so that it can be found again. Never its statement, which may hold secrets. */
const fleetSessionSchema = z.object({
  pid: z.number().int(),
  user: z.string(),
  application: z.string(),
  ms: milliseconds,
});

/**
 * What one short look at a server and one of its databases tells. Null is "cannot tell", never zero; the reason is
 * in the row's `cannotTell`.
 */
export const fleetFactsSchema = z.object({
  version: z.string(),
  versionNum: z.number().int(),
  user: z.string(),
  readsAllStats: z.boolean(),
  uptimeMs: milliseconds,
  inRecovery: z.boolean(),
  /** On a standby: how old what it replays is; 0 where everything that was received is replayed. */
  replayLagMs: milliseconds.nullable(),
  replayBehindBytes: bytes.nullable(),
  /** On a standby: a WAL receiver is running. */
  receivesWal: z.boolean(),
  databaseBytes: bytes.nullable(),
  /** All databases of the server together; null where there are too many to measure in a moment. */
  allDatabasesBytes: bytes.nullable(),
  databases: z.number().int(),
  walBytes: bytes.nullable(),
  connectionsUsed: z.number().int(),
  connectionsReserved: z.number().int(),
  connectionsMax: z.number().int(),
  /** Sessions of which the server hides everything but their user. */
  hiddenSessions: z.number().int(),
  oldestXidAge: z.number(),
  oldestXidDatabase: z.string(),
  freezeMaxAge: z.number(),
  oldestMultixactAge: z.number(),
  multixactFreezeMaxAge: z.number(),
  longestTransaction: fleetSessionSchema.nullable(),
  oldestIdleInTransaction: fleetSessionSchema.nullable(),
  preparedTransactions: z.number().int(),
  oldestPreparedMs: milliseconds.nullable(),
  slots: z.number().int(),
  inactiveSlots: z.array(z.string()),
  lostSlots: z.array(z.string()),
  mostRetainedSlot: z.object({ name: z.string(), bytes }).nullable(),
  standbys: z.number().int(),
  blockedSessions: z.number().int(),
  /** Null before PostgreSQL 14, which does not say since when. */
  longestWaitMs: milliseconds.nullable(),
  deadlocks: z.number(),
  tempBytes: bytes,
  blocksHit: z.number(),
  blocksRead: z.number(),
  statsAgeMs: milliseconds,
  statsReset: z.string().nullable(),
  archiverFailingMs: milliseconds.nullable(),
  invalidIndexes: z.number().int(),
  /** Null where checksums are off. */
  checksumFailures: z.number().nullable(),
});
export type FleetFacts = z.infer<typeof fleetFactsSchema>;

export const fleetReasonSchema = z.object({
  /** Stable, for scripts: `connections`, `xid-age`, `backup`, … */
  code: z.string(),
  severity: severitySchema,
  /** One sentence with its number. */
  text: z.string(),
  /** What to do about it. */
  action: z.string(),
  evidence: z.array(z.object({ label: z.string(), value: z.string() })),
});
export type FleetReason = z.infer<typeof fleetReasonSchema>;

export const fleetGrowthSchema = z.object({
  /** Bytes a day over the last 7 and 30 days; null while there are no two samples a day apart. */
  perDay7: z.number().nullable(),
  perDay30: z.number().nullable(),
  /** Oldest first, one a day at most. */
  samples: z.array(z.object({ at: z.string(), bytes })),
});
export type FleetGrowth = z.infer<typeof fleetGrowthSchema>;

/** How a check of a row ended. */
export const fleetReachSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unchecked') }),
  z.object({ kind: z.literal('reached') }),
  /** Tried again in the background, ever more rarely. */
  z.object({ kind: z.literal('unreachable'), failure: failureSchema, since: z.string(), nextTryAt: z.string() }),
  /** The server or Steward wants an answer. Not tried again before somebody gives it, edits the connection or asks. */
  z.object({ kind: z.literal('asks'), failure: failureSchema, since: z.string() }),
]);
export type FleetReach = z.infer<typeof fleetReachSchema>;

export const fleetRowSchema = z.object({
  connectionId: z.string(),
  status: z.enum(fleetStatuses),
  /** How urgently it needs attention: smaller is worse. */
  rank: z.number(),
  reach: fleetReachSchema,
  checking: z.enum(['no', 'waiting', 'running']),
  /** When the facts were read. */
  checkedAt: z.string().nullable(),
  /** Of the last check that succeeded: older than the last try where the row is not reached. */
  facts: fleetFactsSchema.nullable(),
  release: z
    .object({
      /** Minor releases behind the newest known one; null where the major is not known. */
      behind: z.number().int().nullable(),
      newest: z.string().nullable(),
      endOfLife: z.string().nullable(),
      supported: z.boolean(),
    })
    .nullable(),
  growth: fleetGrowthSchema,
  /** The worst first. */
  reasons: z.array(fleetReasonSchema),
  cannotTell: z.array(z.object({ what: z.string(), reason: z.string(), unlockSql: z.string().optional() })),
  /** Null where the list of backups could not be read. */
  backup: z
    .object({
      /** The newest with data whose file is there and was read back to its end. */
      verifiedAt: z.string().nullable(),
      level: z.enum(['readable', 'restored']).nullable(),
      /** A newer one, or the only one, that is not verified. */
      unverifiedAt: z.string().nullable(),
    })
    .nullable(),
  /** Null where no folder was opened on this connection, or it could not be read. */
  migrations: z
    .object({
      folder: z.string(),
      pending: z.number().int(),
      changed: z.number().int(),
      missing: z.number().int(),
    })
    .nullable(),
  /** The newest health report that is kept. */
  report: z
    .object({
      takenAt: z.string(),
      critical: z.number().int(),
      warning: z.number().int(),
      info: z.number().int(),
      /** The message of its worst finding. */
      worst: z.string().nullable(),
    })
    .nullable(),
});
export type FleetRow = z.infer<typeof fleetRowSchema>;

export const fleetSnapshotSchema = z.object({
  /** In the order of the connections. */
  rows: z.array(fleetRowSchema),
  /** How far the check is that runs now. */
  running: z.object({ done: z.number().int(), total: z.number().int() }).nullable(),
  refreshSeconds: z.number().int(),
});
export type FleetSnapshot = z.infer<typeof fleetSnapshotSchema>;

export const fleet = {
  /** The rows now and after every change. While somebody watches, they are checked in the background. */
  watch: procedure.output(eventIterator(fleetSnapshotSchema)),
  /**
   * Checks these connections now, or all of them, and answers when that is done. Also those that wait for a person:
   * this is a person asking. Aborting it stops what it began.
   */
  refresh: procedure
    .input(z.object({ ids: z.array(z.string()).max(2000).optional() }))
    .output(z.object({ checked: z.number().int() })),
};
