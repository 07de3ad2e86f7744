import type { FleetFacts, FleetReason } from '#contract/fleet.ts';
import type { Severity } from '#contract/health-model.ts';

import {
  ageSeverity,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  plural,
  transactionIdLimit,
} from '../health/index.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const gigabyte = 1024 ** 3;

/**
 * Where a warning begins and where it is critical. The same numbers as the checks of the health report that are named
 * behind them, so that the two never contradict each other.
 */
export const thresholds = {
  /** Share of the connections that are not reserved. CON01. */
  connections: { warning: 0.8, critical: 0.9 },
  /** TXN01. */
  longTransactionMs: { warning: hourMs, critical: 12 * hourMs },
  /** TXN02. */
  idleInTransactionMs: { warning: minuteMs, critical: 30 * minuteMs },
  /** TXN04. */
  preparedMs: { warning: 30 * secondMs, critical: hourMs },
  /** TXN03: how long the longest wait is, or how many wait. */
  waitMs: { warning: 10 * secondMs, critical: 5 * minuteMs },
  blockedSessions: { critical: 10 },
  /** REP01. */
  replayLagMs: { warning: 5 * secondMs, critical: minuteMs },
  /** REP06. */
  slotBytes: { warning: gigabyte, critical: 5 * gigabyte },
  /** CAC03: below 90 % of at least so many blocks. */
  cacheHits: { info: 0.9, accesses: 100_000 },
  /** CAC09 asks for any in its window; since the last reset one a day is said. */
  deadlocksPerDay: { info: 1 },
  /** A restart that nobody planned should be noticed. Ours. */
  restartMs: { info: hourMs },
} as const;

type Signal = (facts: FleetFacts) => FleetReason | undefined;

/** What the facts say that a person should know. Pure. */
export function factReasons(facts: FleetFacts): FleetReason[] {
  return signals.map((signal) => signal(facts)).filter((reason) => reason !== undefined);
}

const checksums: Signal = ({ checksumFailures }) =>
  checksumFailures !== null && checksumFailures > 0
    ? reason(
        'checksums',
        'critical',
        `${plural(checksumFailures, 'block')} failed the checksum.`,
        'Copy the data directory before anything else, then check the hardware and restore from a good backup.',
      )
    : undefined;

const archiver: Signal = ({ archiverFailingMs }) =>
  archiverFailingMs === null
    ? undefined
    : reason(
        'archiver',
        'critical',
        `WAL archiving fails; nothing was archived for ${formatDuration(archiverFailingMs)}.`,
        'See the server log for the error of archive_command: WAL piles up on disk until it works.',
      );

const transactionIds: Signal = ({ oldestXidAge, oldestXidDatabase, freezeMaxAge }) =>
  ids('xid-age', 'transaction ids', oldestXidAge, freezeMaxAge, [
    { label: 'Oldest database', value: oldestXidDatabase },
  ]);

const multixacts: Signal = ({ oldestMultixactAge, multixactFreezeMaxAge }) =>
  ids('multixact-age', 'multixact ids', oldestMultixactAge, multixactFreezeMaxAge, []);

function ids(
  code: string,
  what: string,
  age: number,
  freezeMaxAge: number,
  evidence: FleetReason['evidence'],
): FleetReason | undefined {
  const severity = ageSeverity(age, freezeMaxAge);
  if (!severity) return undefined;
  return reason(
    code,
    severity,
    `${formatPercent(age / transactionIdLimit)} of the ${what} are used: ${formatCount(age)} of ${formatCount(transactionIdLimit)}.`,
    'End what holds vacuum back (old transactions, prepared transactions, slots), then VACUUM (FREEZE) the oldest tables.',
    [...evidence, { label: 'Autovacuum freezes from', value: formatCount(freezeMaxAge) }],
  );
}

const connections: Signal = ({ connectionsUsed, connectionsMax, connectionsReserved, hiddenSessions }) => {
  const usable = Math.max(1, connectionsMax - connectionsReserved);
  const share = connectionsUsed / usable;
  const severity = atLeast(share, thresholds.connections);
  if (!severity) return undefined;
  return reason(
    'connections',
    severity,
    `${formatCount(connectionsUsed)} of ${formatCount(usable)} usable connections are taken (${formatPercent(share)}).`,
    'See who holds them: close idle sessions, or put a pooler in front.',
    [
      { label: 'max_connections', value: formatCount(connectionsMax) },
      { label: 'Reserved', value: formatCount(connectionsReserved) },
      ...(hiddenSessions > 0 ? [{ label: 'Of hidden kind', value: formatCount(hiddenSessions) }] : []),
    ],
  );
};

const blocked: Signal = ({ blockedSessions, longestWaitMs }) => {
  if (blockedSessions === 0) return undefined;
  const severity =
    blockedSessions >= thresholds.blockedSessions.critical
      ? 'critical'
      : (atLeast(longestWaitMs ?? 0, thresholds.waitMs) ?? 'info');
  const wait = longestWaitMs === null ? '' : `, the longest for ${formatDuration(longestWaitMs)}`;
  return reason(
    'blocked',
    severity,
    `${plural(blockedSessions, 'session waits', 'sessions wait')} for a lock${wait}.`,
    'End the session at the root of the queue.',
  );
};

const idleInTransaction: Signal = ({ oldestIdleInTransaction: session }) => {
  const severity = session && atLeast(session.ms, thresholds.idleInTransactionMs);
  if (!session || !severity) return undefined;
  return reason(
    'idle-in-transaction',
    severity,
    `Session ${session.pid} of ${session.user} has been idle in transaction for ${formatDuration(session.ms)}.`,
    'It keeps its locks and holds vacuum back: find its owner or end it, and set idle_in_transaction_session_timeout.',
    sessionEvidence(session),
  );
};

const longTransaction: Signal = ({ longestTransaction: session }) => {
  const severity = session && atLeast(session.ms, thresholds.longTransactionMs);
  if (!session || !severity) return undefined;
  return reason(
    'long-transaction',
    severity,
    `Session ${session.pid} of ${session.user} has had a transaction open for ${formatDuration(session.ms)}.`,
    'It holds vacuum back: see what it does. A dump or an index build may be worth waiting for.',
    sessionEvidence(session),
  );
};

const prepared: Signal = ({ preparedTransactions, oldestPreparedMs }) => {
  const severity = atLeast(oldestPreparedMs ?? 0, thresholds.preparedMs);
  if (preparedTransactions === 0 || !severity) return undefined;
  return reason(
    'prepared',
    severity,
    `${plural(preparedTransactions, 'prepared transaction')}, the oldest for ${formatDuration(oldestPreparedMs ?? 0)}.`,
    'Ask the transaction manager, then COMMIT PREPARED or ROLLBACK PREPARED.',
  );
};

const lostSlots: Signal = ({ lostSlots: names }) =>
  names.length === 0
    ? undefined
    : reason(
        'slot-lost',
        'critical',
        `Replication ${names.length === 1 ? 'slot' : 'slots'} ${list(names)} lost the WAL.`,
        'The consumer must start anew: drop the slot and build the standby or subscription again.',
      );

const slotWal: Signal = ({ mostRetainedSlot: slot }) => {
  const severity = slot && atLeast(slot.bytes, thresholds.slotBytes);
  if (!slot || !severity) return undefined;
  return reason(
    'slot-wal',
    severity,
    `Slot ${slot.name} keeps ${formatBytes(slot.bytes)} of WAL on disk.`,
    'Look at its consumer; set max_slot_wal_keep_size so that one slot cannot fill the disk.',
  );
};

const inactiveSlots: Signal = ({ inactiveSlots: names }) =>
  names.length === 0
    ? undefined
    : reason(
        'slot-inactive',
        'warning',
        `Replication ${names.length === 1 ? 'slot' : 'slots'} ${list(names)} without consumer.`,
        'It keeps WAL until its consumer comes back; drop it if it never will.',
      );

const replay: Signal = ({ inRecovery, replayLagMs, replayBehindBytes }) => {
  const severity = atLeast(replayLagMs ?? 0, thresholds.replayLagMs);
  if (!inRecovery || !severity) return undefined;
  return reason(
    'replay-lag',
    severity,
    `This standby is ${formatDuration(replayLagMs ?? 0)} behind.`,
    'See whether replay is paused, or a long query on the standby holds it up.',
    [{ label: 'Received and not replayed', value: formatBytes(replayBehindBytes ?? 0) }],
  );
};

const receiver: Signal = ({ inRecovery, receivesWal }) =>
  inRecovery && !receivesWal
    ? reason(
        'no-receiver',
        'warning',
        'This standby receives no WAL from its primary now.',
        'Check primary_conninfo and the primary; where WAL comes from an archive alone this is as it should be.',
      )
    : undefined;

const invalidIndexes: Signal = ({ invalidIndexes: count }) =>
  count === 0
    ? undefined
    : reason(
        'invalid-index',
        'warning',
        `${plural(count, 'index is', 'indexes are')} invalid: no query uses them.`,
        'REINDEX INDEX CONCURRENTLY, or drop what a failed build left behind. The health report names them.',
      );

const cacheHits: Signal = ({ blocksHit, blocksRead, statsReset }) => {
  const accesses = blocksHit + blocksRead;
  if (accesses < thresholds.cacheHits.accesses || blocksHit / accesses >= thresholds.cacheHits.info) return undefined;
  return reason(
    'cache-hits',
    'info',
    `${formatPercent(blocksHit / accesses)} of the blocks were found in shared buffers.`,
    'Look for scans that an index would avoid before giving it more memory.',
    [{ label: 'Statistics since', value: statsReset ?? 'never reset' }],
  );
};

const deadlocks: Signal = ({ deadlocks: count, statsAgeMs }) => {
  const perDay = count / Math.max(1, statsAgeMs / dayMs);
  if (perDay < thresholds.deadlocksPerDay.info) return undefined;
  return reason(
    'deadlocks',
    'info',
    `${plural(count, 'deadlock')} in ${formatDuration(statsAgeMs)}.`,
    'Take locks in the same order everywhere; the server log has the statements.',
  );
};

const restarted: Signal = ({ uptimeMs }) =>
  uptimeMs >= thresholds.restartMs.info
    ? undefined
    : reason(
        'restarted',
        'info',
        `The server started ${formatDuration(uptimeMs)} ago.`,
        'If nobody restarted it on purpose, see the server log.',
      );

const signals: readonly Signal[] = [
  checksums,
  archiver,
  transactionIds,
  multixacts,
  connections,
  blocked,
  lostSlots,
  slotWal,
  prepared,
  idleInTransaction,
  longTransaction,
  replay,
  receiver,
  inactiveSlots,
  invalidIndexes,
  cacheHits,
  deadlocks,
  restarted,
];

function atLeast(value: number, limits: { warning: number; critical: number }): Severity | undefined {
  return value >= limits.critical ? 'critical' : value >= limits.warning ? 'warning' : undefined;
}

function reason(
  code: string,
  severity: Severity,
  text: string,
  action: string,
  evidence: FleetReason['evidence'] = [],
): FleetReason {
  return { code, severity, text, action, evidence };
}

function sessionEvidence(session: { pid: number; user: string; application: string }): FleetReason['evidence'] {
  return [
    { label: 'Session', value: String(session.pid) },
    { label: 'User', value: session.user },
    { label: 'Application', value: session.application === '' ? '(none)' : session.application },
  ];
}

function list(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
