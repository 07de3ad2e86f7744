import { describe, expect, it } from 'vitest';

import { cacheFindings } from '../../../electron/services/health/checks/cache/cache-counters.ts';
import { gainsSince } from '../../../electron/services/health/checks/cache/counter-gains.ts';
import type { DatabaseCountersRow } from '../../../electron/services/health/checks/cache/database-counters.ts';
import { indexCacheHits } from '../../../electron/services/health/checks/cache/cac02-index-cache-hits.ts';
import { databaseCacheHits } from '../../../electron/services/health/checks/cache/cac03-database-cache-hits.ts';
import { slruCacheHits } from '../../../electron/services/health/checks/cache/cac04-slru-cache-hits.ts';
import { temporaryFiles } from '../../../electron/services/health/checks/cache/cac05-temporary-files.ts';
import { backendsWrite } from '../../../electron/services/health/checks/cache/cac06-backends-write.ts';
import { commitShare } from '../../../electron/services/health/checks/cache/cac08-commit-share.ts';
import { deadlocks } from '../../../electron/services/health/checks/cache/cac09-deadlocks.ts';
import { connectionsUsed } from '../../../electron/services/health/checks/connections/con01-connections-used.ts';
import { manyConnectionsAllowed } from '../../../electron/services/health/checks/connections/con02-many-connections-allowed.ts';
import { poolExhausted } from '../../../electron/services/health/checks/connections/con04-pool-exhausted.ts';
import { sessionsMostlyIdle } from '../../../electron/services/health/checks/connections/con06-sessions-mostly-idle.ts';
import { abnormalSessionEnds } from '../../../electron/services/health/checks/connections/con07-abnormal-session-ends.ts';
import { unencryptedClients } from '../../../electron/services/health/checks/connections/con09-unencrypted-clients.ts';
import type { CheckOutcome } from '../../../electron/services/health/health-check.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const dayMs = 86_400_000;

function messages(outcome: CheckOutcome): string[] {
  return ('kind' in outcome ? (outcome.findings ?? []) : outcome).map(
    (finding) => `${finding.severity}, ${finding.confidence ?? 'as its basis'}: ${finding.message}`,
  );
}

/** What the report of a day before has kept. */
function dayBefore(values: Readonly<Record<string, number>>) {
  return { takenAt: new Date('2026-11-22T12:00:00Z'), values: new Map(Object.entries(values)) };
}

const database: DatabaseCountersRow = {
  database_name: 'shop',
  is_current: true,
  blocks_hit: '0',
  blocks_read: '0',
  block_bytes: 8192,
  temp_files: '0',
  temp_bytes: '0',
  commits: '0',
  rollbacks: '0',
  deadlocks: '0',
  sessions: '0',
  abandoned: '0',
  fatal: '0',
  killed: '0',
  session_ms: 0,
  active_ms: 0,
  idle_in_transaction_ms: 0,
  stats_reset: '2026-10-01 00:00:00+00',
  age_ms: 53 * dayMs,
  work_mem: '4MB',
};

describe('gains of counters', () => {
  const counters = { hit: { key: 'hit', value: 100 } };
  const now = new Date('2026-11-23T12:00:00Z');

  it('are what came since the earlier report', () => {
    expect(gainsSince(counters, { facts: healthFacts(), now, earlier: dayBefore({ hit: 40 }) })).toEqual({
      gained: { hit: 60 },
      windowMs: dayMs,
    });
  });

  it('are unknown for a first report, a counter that was not kept, one that went back, and after a reset', () => {
    const since = (earlier: ReturnType<typeof dayBefore> | undefined, statsAgeMs = 53 * dayMs) =>
      gainsSince(counters, { facts: healthFacts({ statsAgeMs }), now, earlier });
    expect([
      since(undefined),
      since(dayBefore({ read: 1 })),
      since(dayBefore({ hit: 101 })),
      since(dayBefore({ hit: 40 }), dayMs / 2),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('T22: cache hits', () => {
  const row = { blocks_hit: '9900000', blocks_read: '100000', block_bytes: 8192 };
  const judge = (different: Partial<typeof row>, earlier?: ReturnType<typeof dayBefore>) =>
    messages(indexCacheHits.findings([{ ...row, ...different }], contextOf(indexCacheHits, { earlier })));

  it('of all time hide a cliff that the day since the last report shows', () => {
    expect(judge({})).toEqual([]);
    expect(judge({}, dayBefore({ 'cache.indexes.hit': 9_840_000, 'cache.indexes.read': 60_000 }))).toEqual([
      'warning, medium: 60 % of 100,000 index block accesses were found in shared buffers in the 24 hours since the last report.',
    ]);
  });

  it('of all time are only a hint, and are used where too little came since', () => {
    const poor = { blocks_hit: '930000', blocks_read: '70000' };
    const hint =
      'info, low: 93 % of 1,000,000 index block accesses were found in shared buffers since statistics began 53 days ago.';
    expect(judge(poor)).toEqual([hint]);
    expect(judge(poor, dayBefore({ 'cache.indexes.hit': 929_000, 'cache.indexes.read': 69_900 }))).toEqual([hint]);
  });

  it('that are good since the last report are fine, whatever came before', () => {
    expect(
      judge(
        { blocks_hit: '930000', blocks_read: '70000' },
        dayBefore({ 'cache.indexes.hit': 730_000, 'cache.indexes.read': 69_900 }),
      ),
    ).toEqual([]);
  });

  it('are judged at the thresholds', () => {
    const subject = { object: 'x', accesses: 'accesses', key: 'x' };
    const at = (hit: number, limits: Partial<Record<'minAccesses' | 'goodShare' | 'poorShare', number>> = {}) =>
      cacheFindings({ blocks_hit: String(hit), blocks_read: String(100_000 - hit), block_bytes: 8192 }, subject, {
        ...contextOf(indexCacheHits),
        limits: { ...contextOf(indexCacheHits).limits, ...limits },
      }).map(({ severity }) => severity);
    expect([
      at(95_000),
      at(94_999),
      at(90_000),
      at(89_999),
      at(89_999, { minAccesses: 100_001 }),
      at(94_999, { poorShare: 0.96 }),
    ]).toEqual([[], ['info'], ['info'], ['warning'], [], ['warning']]);
  });

  it('of other databases are judged by their own resets', () => {
    const other = {
      ...database,
      is_current: false,
      database_name: '"o""ther"',
      blocks_hit: '1000',
      blocks_read: '500000',
      age_ms: 1000,
      stats_reset: null,
    };
    const earlier = dayBefore({ 'cache.database "o""ther".hit': 900, 'cache.database "o""ther".read': 100 });
    expect(messages(databaseCacheHits.findings([other], contextOf(databaseCacheHits, { earlier })))).toEqual([
      'warning, low: 0.2 % of 501,000 block accesses were found in shared buffers since statistics began.',
    ]);
  });
});

describe('small caches', () => {
  it('are judged by both spellings of their names', () => {
    const rows = ['Subtrans', 'subtransaction', 'other'].map((name) => ({
      name,
      hits: '1000000',
      reads: '200000',
      age_ms: dayMs,
    }));
    expect(messages(slruCacheHits.findings(rows, contextOf(slruCacheHits)))).toEqual([
      'info, low: The cache of parents of subtransactions (Subtrans) had to read 200,000 pages in 24 hours; 83.3 % of its accesses were hits.',
      'info, low: The cache of parents of subtransactions (subtransaction) had to read 200,000 pages in 24 hours; 83.3 % of its accesses were hits.',
    ]);
    const few = rows.map((row) => ({ ...row, reads: '99999' }));
    expect(slruCacheHits.findings(few, contextOf(slruCacheHits))).toEqual([]);
  });
});

describe('temporary files', () => {
  const judge = (row: Partial<DatabaseCountersRow>, earlier?: ReturnType<typeof dayBefore>) =>
    temporaryFiles.findings([{ ...database, ...row }], contextOf(temporaryFiles, { earlier }));

  it('are a rate, of the window where there is one', () => {
    const busy = { temp_files: '100000', temp_bytes: String(50 * 1024 ** 3) };
    expect(messages(judge(busy))).toEqual([
      'warning, medium: Queries wrote 50 GB in 100,000 temporary files in 53 days (40.3 MB an hour).',
    ]);
    expect(messages(judge(busy, dayBefore({ 'temp.files': 99_999, 'temp.bytes': 50 * 1024 ** 3 - 8192 })))).toEqual([]);
    expect(messages(judge(busy, dayBefore({ 'temp.files': 99_000, 'temp.bytes': 0 })))).toEqual([
      'warning, high: Queries wrote 50 GB in 1,000 temporary files in 24 hours since the last report (2.1 GB an hour).',
    ]);
  });

  it('of the first minutes say nothing', () => {
    expect(judge({ temp_files: '3', age_ms: 60_000 })).toMatchObject({ kind: 'cannot-tell' });
  });
});

describe('sessions that write', () => {
  const row = { fsyncs: '0', backend_writes: '0', background_writes: '0', age_ms: 10 * 3_600_000 };
  const judge = (different: Partial<Record<keyof typeof row, string | number | null>>) =>
    messages(backendsWrite.findings([{ ...row, ...different } as typeof row], contextOf(backendsWrite)));

  it('are reported from a pace on that index builds do not reach', () => {
    expect([judge({ fsyncs: '99' }), judge({ fsyncs: '100', age_ms: 11 * 3_600_000 })]).toEqual([[], []]);
    expect(judge({ fsyncs: '100' })).toEqual([
      'warning, as its basis: Sessions had to sync files themselves 100 times in 10 hours.',
    ]);
    expect(judge({ backend_writes: '60000', background_writes: '40000' })).toEqual([
      'info, as its basis: Sessions wrote 60 % of 100,000 dirty buffers themselves in 10 hours.',
    ]);
    expect(judge({ backend_writes: '49000', background_writes: '51000' })).toEqual([]);
    expect(judge({ backend_writes: null, background_writes: null })).toEqual([]);
  });
});

describe('rollbacks and deadlocks', () => {
  it('need enough transactions, and a share', () => {
    const judge = (commits: number, rollbacks: number) =>
      messages(
        commitShare.findings(
          [{ ...database, commits: String(commits), rollbacks: String(rollbacks) }],
          contextOf(commitShare),
        ),
      );
    expect([judge(9000, 1000), judge(8000, 1000)]).toEqual([[], []]);
    expect(judge(8000, 2000)).toEqual(['info, low: 20 % of 10,000 transactions were rolled back.']);
  });

  it('are a warning where they are new or frequent', () => {
    const judge = (count: number, earlier?: ReturnType<typeof dayBefore>) =>
      messages(deadlocks.findings([{ ...database, deadlocks: String(count) }], contextOf(deadlocks, { earlier })));
    expect(judge(0)).toEqual([]);
    expect(judge(3)).toEqual(['info, medium: 3 deadlocks since statistics began 53 days ago.']);
    expect(judge(53)).toEqual(['warning, medium: 53 deadlocks since statistics began 53 days ago.']);
    expect(judge(53, dayBefore({ 'transactions.deadlocks': 53 }))).toEqual([]);
    expect(judge(54, dayBefore({ 'transactions.deadlocks': 53 }))).toEqual([
      'warning, high: 1 deadlock in the 24 hours since the last report.',
    ]);
  });
});

describe('connections', () => {
  it('are counted against what is not reserved', () => {
    const judge = (used: number) =>
      messages(
        connectionsUsed.findings(
          [{ used: String(used), unknown_kind: '0', max_connections: 103, reserved: 3 }],
          contextOf(connectionsUsed),
        ),
      );
    expect([judge(79), judge(80), judge(90)]).toEqual([
      [],
      ['warning, high: 80 of 100 usable connections are taken (80 %).'],
      ['critical, high: 90 of 100 usable connections are taken (90 %).'],
    ]);
  });

  it('that are allowed and used are not too many', () => {
    const judge = (max_connections: number, used: number) =>
      messages(
        manyConnectionsAllowed.findings(
          [{ max_connections, used: String(used), work_mem: '4MB' }],
          contextOf(manyConnectionsAllowed),
        ),
      );
    expect([judge(500, 10), judge(501, 251), judge(501, 10)]).toEqual([
      [],
      [],
      ['info, low: max_connections is 501, and 10 are in use now.'],
    ]);
  });

  it('of a pool are judged together', () => {
    const pool = {
      user_name: 'app',
      database_name: 'shop',
      application: '',
      clients: '20',
      active: '19',
      idle: '1',
      waiting_for_lock: '0',
    };
    const judge = (different: Partial<typeof pool>) =>
      messages(poolExhausted.findings([{ ...pool, ...different }], contextOf(poolExhausted)));
    expect([
      judge({}),
      judge({ active: '18', idle: '2' }),
      judge({ active: '17', idle: '0' }),
      judge({ clients: '100', active: '97', idle: '3' }),
    ]).toEqual([
      ['warning, medium: 19 of the 20 sessions of user app in shop are active (95 %), 1 are idle.'],
      [],
      [],
      [],
    ]);
  });

  it('that wait most of the time are many only where they are many', () => {
    const hour = 3_600_000;
    const judge = (sessions: number, busy: number, different: Partial<DatabaseCountersRow> = {}) =>
      messages(
        sessionsMostlyIdle.findings(
          [
            {
              ...database,
              age_ms: 10 * hour,
              session_ms: sessions * 10 * hour,
              active_ms: busy * 10 * hour,
              ...different,
            },
          ],
          contextOf(sessionsMostlyIdle),
        ),
      );
    expect([judge(19, 0), judge(50, 10), judge(50, 2, { age_ms: 1000 })]).toEqual([[], [], []]);
    expect(judge(50, 2)).toEqual([
      'info, as its basis: On average 50 sessions were connected to shop and 2.0 of them were in a transaction (4 % of the time), over 10 hours.',
    ]);
  });

  it('that end abnormally are critical only where they did so lately', () => {
    const row = { ...database, sessions: '1000', abandoned: '30', fatal: '20', killed: '10' };
    const judge = (different: Partial<DatabaseCountersRow>, earlier?: ReturnType<typeof dayBefore>) =>
      messages(abnormalSessionEnds.findings([{ ...row, ...different }], contextOf(abnormalSessionEnds, { earlier })));
    expect(judge({})).toEqual(['warning, low: 60 of 1,000 sessions ended abnormally (6 %).']);
    expect(judge({ abandoned: '5', fatal: '4', killed: '0' })).toEqual([]);
    const before = { 'sessions.begun': 500, 'sessions.abandoned': 0, 'sessions.fatal': 0, 'sessions.killed': 10 };
    expect(judge({}, dayBefore(before))).toEqual([
      'critical, high: 50 of 500 sessions ended abnormally (10 %) in the 24 hours since the last report.',
    ]);
  });

  it('that are hidden are unknown', () => {
    const facts = healthFacts({ readsAllStats: false });
    expect(unencryptedClients.findings([], contextOf(unencryptedClients, { facts }))).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'grant pg_monitor to app;',
      findings: [],
    });
  });
});
