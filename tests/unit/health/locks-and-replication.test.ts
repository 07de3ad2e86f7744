import { describe, expect, it } from 'vitest';

import type { BlockedRow } from '../../../electron/services/health/checks/locks/blocked-sessions.ts';
import { idleInTransaction } from '../../../electron/services/health/checks/locks/txn02-idle-in-transaction.ts';
import { blockedSessions } from '../../../electron/services/health/checks/locks/txn03-blocked-sessions.ts';
import { lockTable } from '../../../electron/services/health/checks/locks/txn05-lock-table.ts';
import { autovacuumWaits } from '../../../electron/services/health/checks/locks/txn06-autovacuum-waits.ts';
import { lockQueue } from '../../../electron/services/health/checks/locks/txn08-lock-queue.ts';
import { replayLag } from '../../../electron/services/health/checks/replication/rep01-replay-lag.ts';
import { slotRetainsWal } from '../../../electron/services/health/checks/replication/rep06-slot-retains-wal.ts';
import { slotLost } from '../../../electron/services/health/checks/replication/rep07-slot-lost.ts';
import { logicalReplicationErrors } from '../../../electron/services/health/checks/replication/rep08-logical-replication-errors.ts';
import { walReceiverDown } from '../../../electron/services/health/checks/replication/rep09-wal-receiver-down.ts';
import { archiveBacklog } from '../../../electron/services/health/checks/replication/rep13-archive-backlog.ts';
import { walOnDisk } from '../../../electron/services/health/checks/replication/rep14-wal-on-disk.ts';
import type { SlotRow } from '../../../electron/services/health/checks/replication/slot-row.ts';
import { transactionIdPace } from '../../../electron/services/health/checks/transaction-ids/xid07-transaction-id-pace.ts';
import type { DatabaseAgeRow } from '../../../electron/services/health/checks/transaction-ids/database-ages.ts';
import { databaseAge } from '../../../electron/services/health/checks/transaction-ids/xid01-database-age.ts';
import { multixactAge } from '../../../electron/services/health/checks/transaction-ids/xid04-multixact-age.ts';
import type { CheckOutcome } from '../../../electron/services/health/health-check.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const gigabyte = 1024 ** 3;

function messages(outcome: CheckOutcome): string[] {
  return ('kind' in outcome ? (outcome.findings ?? []) : outcome).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
}

function waiting(pid: number, blocked_by: readonly number[], different: Partial<BlockedRow> = {}): BlockedRow {
  return {
    pid,
    blocked_by,
    waiting_ms: blocked_by.length === 0 ? null : 60_000,
    user_name: 'app',
    database_name: 'shop',
    application: '',
    query: 'select 1',
    backend_type: 'client backend',
    state: blocked_by.length === 0 ? 'idle in transaction' : 'active',
    wanted: blocked_by.length === 0 ? null : 'AccessExclusiveLock on public.orders',
    wants_relation: blocked_by.length > 0,
    ...different,
  };
}

describe('waits for locks', () => {
  it('name the root, who it is, and never end a process of the server', () => {
    const findings = blockedSessions.findings(
      [waiting(1, []), waiting(2, [1]), waiting(3, [2])],
      contextOf(blockedSessions),
    );
    expect(messages(findings)).toEqual(['warning: 2 sessions wait for session 1, the longest for 60 s.']);
    expect(findings).toMatchObject([{ fixSql: 'select pg_catalog.pg_terminate_backend(1);' }]);
    const behindVacuum = blockedSessions.findings(
      [waiting(1, [], { backend_type: 'autovacuum worker' }), waiting(2, [1])],
      contextOf(blockedSessions),
    );
    expect(messages(behindVacuum)).toEqual(['warning: 1 session waits for process 1, the longest for 60 s.']);
    expect(JSON.stringify(behindVacuum)).not.toContain('pg_terminate_backend');
  });

  it('are judged by how long and how many', () => {
    const judge = (waiting_ms: number, count = 1) =>
      messages(
        blockedSessions.findings(
          Array.from({ length: count }, (_, n) => waiting(n + 2, [1], { waiting_ms })),
          contextOf(blockedSessions),
        ),
      ).map((message) => message.split(':')[0]);
    expect([judge(4999), judge(5000), judge(30_000), judge(300_000), judge(5000, 10)]).toEqual([
      [],
      ['info'],
      ['warning'],
      ['critical'],
      ['critical'],
    ]);
  });

  it('queue behind a table for everybody, behind a row for few', () => {
    const rows = [waiting(2, [1]), waiting(3, [2])];
    const judge = (different: Partial<BlockedRow>) =>
      messages(
        lockQueue.findings([{ ...(rows[0] ?? waiting(2, [1])), ...different }, waiting(3, [2])], contextOf(lockQueue)),
      );
    expect(judge({})).toEqual([
      'critical: Session 2 waits for AccessExclusiveLock on public.orders itself, and 1 more wait behind it.',
    ]);
    expect(judge({ wanted: 'ShareUpdateExclusiveLock on public.orders' })).toEqual([
      'warning: Session 2 waits for ShareUpdateExclusiveLock on public.orders itself, and 1 more wait behind it.',
    ]);
    expect(judge({ wants_relation: false, wanted: 'ShareLock on a transaction' })).toEqual([
      'warning: Session 2 waits for ShareLock on a transaction itself, and 1 more wait behind it.',
    ]);
    expect(judge({ waiting_ms: 4999 })).toEqual([]);
  });

  it('are unknown where nobody may know since when, and never cancel a process of the server', () => {
    const rows = [waiting(1, []), waiting(2, [1], { waiting_ms: null }), waiting(3, [2], { waiting_ms: null })];
    const judge = (facts = healthFacts()) => [
      blockedSessions.findings(rows, contextOf(blockedSessions, { facts })),
      lockQueue.findings(rows, contextOf(lockQueue, { facts })),
    ];
    expect(judge()).toEqual([[], []]);
    const unknown = { kind: 'cannot-tell', unlockSql: 'grant pg_monitor to app;' };
    expect(judge(healthFacts({ readsAllStats: false }))).toMatchObject([unknown, unknown]);
    const replay = { backend_type: null, user_name: '', database_name: '' };
    const found = lockQueue.findings([waiting(1, []), waiting(2, [1], replay), waiting(3, [2])], contextOf(lockQueue));
    expect(JSON.stringify(found)).not.toContain('pg_cancel_backend');
  });

  it('behind a prepared transaction say so', () => {
    const rows = [waiting(2, [0, 0], { backend_type: 'autovacuum worker', waiting_ms: 300_000 }), waiting(3, [2])];
    expect(messages(autovacuumWaits.findings(rows, contextOf(autovacuumWaits)))).toEqual([
      'warning: Autovacuum (process 2) has been waiting for 5 min behind a prepared transaction (TXN04).',
    ]);
    expect(JSON.stringify(blockedSessions.findings(rows, contextOf(blockedSessions)))).not.toContain('behind 0');
    expect(lockQueue.findings([waiting(2, [0]), waiting(3, [2])], contextOf(lockQueue))).toMatchObject([
      { evidence: expect.arrayContaining([{ label: 'Waits for', value: 'a prepared transaction (TXN04)' }]) },
    ]);
  });

  it('say how long a transaction is open only where that is known', () => {
    const row = { ...waiting(1, []), state: 'idle in transaction', idle_ms: 60_000 };
    const labels = (open_ms: number | null) => {
      const found = idleInTransaction.findings([{ ...row, open_ms }], contextOf(idleInTransaction));
      return 'kind' in found ? [] : (found[0]?.evidence.map(({ label }) => label) ?? []);
    };
    expect(labels(70_000)).toContain('Transaction open for');
    expect(labels(null)).not.toContain('Transaction open for');
  });

  it('of autovacuum are told after five minutes', () => {
    const judge = (waiting_ms: number, backend_type: string) =>
      messages(autovacuumWaits.findings([waiting(2, [1], { waiting_ms, backend_type })], contextOf(autovacuumWaits)));
    expect([
      judge(299_999, 'autovacuum worker'),
      judge(300_000, 'client backend'),
      judge(300_000, 'autovacuum worker'),
    ]).toEqual([[], [], ['warning: Autovacuum (process 2) has been waiting for 5 min behind 1.']]);
  });

  it('have room for some', () => {
    const judge = (locked: number) =>
      messages(
        lockTable.findings(
          [{ locked_objects: String(locked), per_transaction: 64, slots: 100, busiest_pid: 7, busiest_locks: '3' }],
          contextOf(lockTable),
        ),
      );
    expect([judge(3199), judge(3200), judge(5120), judge(6401)]).toEqual([
      [],
      ['warning: 3,200 objects are locked, 50 % of the room for 6,400.'],
      ['critical: 5,120 objects are locked, 80 % of the room for 6,400.'],
      [
        'critical: 6,401 objects are locked, more than the 6,400 that there is sure to be room for: the rest is spare shared memory.',
      ],
    ]);
  });
});

describe('replication', () => {
  it('lags on purpose where it is told to', () => {
    const judge = (lag_ms: number, delay_ms: number, is_paused = false) =>
      messages(replayLag.findings([{ lag_ms, behind_bytes: '9999999', is_paused, delay_ms }], contextOf(replayLag)));
    expect([
      judge(4999, 0),
      judge(7_200_000, 3_600_000),
      judge(3_600_000, 3_600_000, true),
      judge(3_606_000, 3_600_000, true).length,
      judge(60_000, 0),
    ]).toEqual([[], [], [], 1, ['critical: This standby is 60 s behind: 9.5 MB received and not replayed.']]);
  });

  it('from an archive is behind by what only the primary knows', () => {
    for (const behind_bytes of [null, '-16777216']) {
      expect(
        replayLag.findings([{ lag_ms: null, behind_bytes, is_paused: false, delay_ms: 0 }], contextOf(replayLag)),
      ).toMatchObject({ kind: 'cannot-tell', reason: expect.stringContaining('only the primary knows') });
    }
  });

  it('keeps WAL for a slot, up to its limit', () => {
    const slot: SlotRow = {
      slot_name: 's',
      slot_literal: "'s'",
      slot_type: 'physical',
      database_name: null,
      is_active: true,
      is_temporary: false,
      wal_status: 'reserved',
      retained_bytes: String(gigabyte - 1),
      safe_bytes: null,
      inactive_since: null,
      inactive_ms: null,
      is_conflicting: null,
      invalidation_reason: null,
      is_synced: false,
      is_table_copy: false,
      is_copying: false,
    };
    const judge = (different: Partial<SlotRow>) =>
      messages(slotRetainsWal.findings([{ ...slot, ...different }], contextOf(slotRetainsWal)));
    const lost = (different: Partial<SlotRow>) =>
      messages(slotLost.findings([{ ...slot, ...different }], contextOf(slotLost)));
    expect([
      lost({ wal_status: 'extended', safe_bytes: '100' }),
      lost({ wal_status: 'unreserved', safe_bytes: '-100' }),
      lost({ wal_status: 'reserved' }),
    ]).toEqual([
      ['warning: Slot s is extended: it keeps more WAL than max_wal_size, and 100 B are left before it is lost.'],
      [
        'critical: Slot s is unreserved: it asks for more WAL than max_slot_wal_keep_size, and is lost with the next checkpoint unless its consumer catches up.',
      ],
      [],
    ]);
    const invalid = { wal_status: 'lost', is_active: false };
    const fixes = [invalid, { ...invalid, is_synced: true }, { ...invalid, is_table_copy: true }].map((different) =>
      slotLost.findings([{ ...slot, ...different }], contextOf(slotLost)),
    );
    expect(fixes).toMatchObject([
      [{ fixSql: "select pg_catalog.pg_drop_replication_slot('s');" }],
      [{ caution: expect.stringContaining('slot of the primary, which decides') }],
      [{ caution: expect.stringContaining('copy of a table by a subscriber') }],
    ]);
    expect(JSON.stringify(fixes.slice(1))).not.toContain('fixSql');
    expect([
      judge({}),
      judge({ retained_bytes: String(gigabyte) }),
      judge({ retained_bytes: String(5 * gigabyte) }),
      judge({ retained_bytes: '900', safe_bytes: '100', wal_status: 'extended' }),
      judge({ retained_bytes: '900', safe_bytes: '200', wal_status: 'extended' }),
      // Where max_slot_wal_keep_size is below max_wal_size it is reserved to the last.
      judge({ retained_bytes: '900', safe_bytes: '100', wal_status: 'reserved' }),
      judge({ wal_status: 'lost', retained_bytes: String(5 * gigabyte) }),
      judge({ retained_bytes: null }),
    ]).toEqual([
      [],
      ['warning: Slot s keeps 1 GB of WAL on disk.'],
      ['critical: Slot s keeps 5 GB of WAL on disk.'],
      ['critical: Slot s keeps 900 B of WAL on disk, 90 % of what it may before it is invalidated.'],
      [],
      ['critical: Slot s keeps 900 B of WAL on disk, 90 % of what it may before it is invalidated.'],
      [],
      [],
    ]);
  });

  it('counts errors of a subscription since the last report', () => {
    const row = {
      kind: 'subscription' as const,
      name: 's',
      is_enabled: true,
      has_slot: true,
      is_running: true,
      apply_errors: '7',
      sync_errors: '0',
      unfinished_tables: '0',
      left_tables: null as readonly string[] | null,
      waiting_tables: '0',
      taken_workers: null as number | null,
      stops_on_error: false,
      spilled_bytes: null,
      spilled_transactions: null,
      age_ms: 53 * 86_400_000,
    };
    const judge = (different: Partial<typeof row>, before?: number) =>
      messages(
        logicalReplicationErrors.findings(
          [{ ...row, ...different }],
          contextOf(logicalReplicationErrors, {
            earlier:
              before === undefined
                ? undefined
                : { takenAt: new Date('2026-11-22T12:00:00Z'), values: new Map([['subscription s errors', before]]) },
          }),
        ),
      );
    expect([
      judge({}),
      judge({}, 7),
      judge({}, 5),
      judge({ is_running: false }, 7),
      judge({ is_enabled: false }),
      judge({ is_enabled: false, has_slot: false }),
      judge({ is_enabled: false, stops_on_error: true }),
      judge({ is_enabled: false, stops_on_error: true, apply_errors: '0' }),
      judge({ left_tables: ['public.a', 'public.b'] }),
      judge({ waiting_tables: '1' }, 7),
      judge({ waiting_tables: '1', taken_workers: 4 }),
    ]).toEqual([
      ['info: Subscription s has met 7 errors since statistics began; its worker is running now.'],
      [],
      ['warning: Subscription s met 2 errors in the 24 hours since the last report.'],
      ['warning: Subscription s is enabled, but no worker applies its changes (7 errors so far).'],
      ['info: Subscription s is disabled: nothing arrives, and its slot on the publisher keeps WAL.'],
      ['info: Subscription s is disabled and has no slot: nothing arrives, and nothing is kept for it.'],
      [
        'warning: Subscription s is disabled, as disable_on_error asks for after an error (7 so far): nothing arrives, and its slot on the publisher keeps WAL.',
      ],
      ['info: Subscription s is disabled: nothing arrives, and its slot on the publisher keeps WAL.'],
      [
        'warning: Subscription s began to copy 2 tables and is not at it any more: no worker copies public.a, public.b.',
      ],
      [],
      [
        'warning: Subscription s has 1 table to copy, and no worker for it: all 4 of max_logical_replication_workers apply changes.',
      ],
    ]);
  });

  it('T11: a standby is lost without a receiver, unless it needs none or nobody may know', () => {
    const row = { is_running: false, status: null, has_primary: true, received: '0/1', replayed_at: null };
    const judge = (different: Partial<Record<keyof typeof row, string | boolean | null>>) =>
      walReceiverDown.findings([{ ...row, ...different } as typeof row], contextOf(walReceiverDown));
    expect(messages(judge({}))).toEqual([
      'critical: This standby has a primary to follow, but no WAL receiver is running.',
    ]);
    expect(judge({ has_primary: false })).toEqual([]);
    expect(judge({ is_running: true })).toEqual([]);
    expect(messages(judge({ is_running: true, status: 'waiting' }))).toEqual([
      'warning: The WAL receiver is waiting and not streaming.',
    ]);
    expect(judge({ has_primary: null })).toMatchObject({ kind: 'cannot-tell', unlockSql: 'grant pg_monitor to app;' });
  });

  it('counts files only where it may and where there is an archive', () => {
    const row = { archive_mode: 'on', waiting: '20', oldest: null, segment_bytes: '16777216' };
    const judge = (different: Partial<Record<keyof typeof row, string | null>>) =>
      archiveBacklog.findings([{ ...row, ...different } as typeof row], contextOf(archiveBacklog));
    expect(messages(judge({}))).toEqual(['warning: 20 WAL files (320 MB) wait to be archived.']);
    expect(judge({ waiting: '19' })).toEqual([]);
    expect(judge({ waiting: null })).toMatchObject({ kind: 'cannot-tell' });
    expect(judge({ waiting: null, archive_mode: 'off' })).toEqual([]);
  });

  it('holds more WAL than twice what the settings ask for', () => {
    const judge = (total: number, keep = 0) =>
      messages(
        walOnDisk.findings(
          [
            {
              total_bytes: String(total),
              files: '100',
              max_wal_bytes: String(gigabyte),
              keep_bytes: String(keep),
              slot_bytes: null,
              slot_name: null,
            },
          ],
          contextOf(walOnDisk),
        ),
      ).length;
    expect([judge(4 * gigabyte - 1), judge(4 * gigabyte), judge(4 * gigabyte, 2 * gigabyte)]).toEqual([0, 1, 0]);
  });
});

describe('transaction ids', () => {
  const row: DatabaseAgeRow = {
    database_name: '"sh""op"',
    is_current: true,
    age_xids: 150_000_000,
    age_multixacts: 0,
    freeze_max_age: 200_000_000,
    multixact_freeze_max_age: 400_000_000,
    allows_connections: true,
    is_template: false,
    is_invalid: false,
    next_xid: '10000000000',
  };

  it('T9: are no alarm on the way to the first freeze and some way beyond', () => {
    const judge = (age_xids: number, freeze_max_age = 200_000_000) =>
      messages(databaseAge.findings([{ ...row, age_xids, freeze_max_age }], contextOf(databaseAge))).map(
        (text) => text.split(':')[0],
      );
    expect([
      judge(190_000_000),
      judge(399_000_000),
      judge(1_073_741_824),
      judge(1_200_000_000, 1_000_000_000),
      judge(1_610_612_736, 1_000_000_000),
    ]).toEqual([[], [], ['warning'], [], ['critical']]);
  });

  it('of a database that nobody can connect to are not vacuumed from a connection', () => {
    const cautionOf = (different: Partial<DatabaseAgeRow>) =>
      [databaseAge, multixactAge].flatMap((check) => {
        const ages = { age_xids: 1_700_000_000, age_multixacts: 1_700_000_000 };
        const rows = [{ ...row, ...ages, is_current: false, ...different }];
        const found = check.findings(rows, contextOf(check));
        return 'kind' in found ? [] : found.map(({ caution }) => caution?.match(/XID0\d|connection to/g));
      });
    expect([cautionOf({}), cautionOf({ allows_connections: false }), cautionOf({ is_invalid: true })]).toEqual([
      [1, 2].map(() => ['connection to', 'XID05']),
      [1, 2].map(() => ['XID05', 'XID06']),
      [1, 2].map(() => ['XID06']),
    ]);
  });

  it('are forecast from two reports', () => {
    const judge = (used: number, different: Partial<DatabaseAgeRow> = {}) =>
      messages(
        transactionIdPace.findings(
          [{ ...row, ...different }],
          contextOf(transactionIdPace, {
            earlier: {
              takenAt: new Date('2026-11-22T12:00:00Z'),
              values: new Map([['xid.next', 10_000_000_000 - used]]),
            },
          }),
        ),
      );
    expect(judge(100_000_000)).toEqual([]);
    expect(judge(200_000_000)).toEqual([
      'info: The server uses 200,000,000 transaction ids a day: if vacuum stopped freezing, writes would stop after 10 days.',
    ]);
    expect(judge(200_000_000, { age_xids: 1_000_000_000 })).toEqual([
      'warning: At 200,000,000 transactions a day, writes stop in 6 days unless "sh""op" is frozen.',
    ]);
    expect(judge(200_000_000, { age_xids: 1_600_000_000 })).toEqual([
      'critical: At 200,000,000 transactions a day, writes stop in 3 days unless "sh""op" is frozen.',
    ]);
    expect(transactionIdPace.findings([row], contextOf(transactionIdPace, { facts: healthFacts() }))).toMatchObject({
      kind: 'cannot-tell',
    });
  });
});
