import { describe, expect, it } from 'vitest';

import type { FleetFacts, FleetReach, FleetRow } from '#contract/fleet.ts';

import { factReasons } from '../../../../electron/services/fleet/fact-reasons.ts';
import { type Judged, attentionRank, judge } from '../../../../electron/services/fleet/fleet-judgement.ts';
import { hiddenThings } from '../../../../electron/services/fleet/hidden-things.ts';
import { facts } from './facts.ts';

const now = new Date('2026-11-23T08:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

const calm: Judged = {
  environment: 'production',
  reach: { kind: 'reached' },
  facts,
  release: { behind: 0, newest: '18.4', endOfLife: '2030-11-14', supported: true },
  growth: { perDay7: null, perDay30: null, samples: [] },
  backup: { verifiedAt: daysAgo(1), level: 'readable', unverifiedAt: null },
  migrations: null,
  report: { takenAt: daysAgo(1), critical: 0, warning: 0, info: 3, worst: null },
  now,
};
const judged = (change: Partial<Judged>) => {
  const { status, reasons } = judge({ ...calm, ...change });
  return { status, reasons: reasons.map(({ code, severity }) => `${severity} ${code}`) };
};
const signals = (change: Partial<FleetFacts>) =>
  factReasons({ ...facts, ...change }).map(({ code, severity }) => `${severity} ${code}`);

describe('facts', () => {
  it('of a healthy server give no reason', () => {
    expect(signals({})).toEqual([]);
  });

  const session = (ms: number) => ({ pid: 7, user: 'ada', application: '', ms });
  it.each<[string, Partial<FleetFacts>, string[]]>([
    ['77 of 97 usable connections', { connectionsUsed: 77 }, []],
    ['78 of 97', { connectionsUsed: 78 }, ['warning connections']],
    ['88 of 97', { connectionsUsed: 88 }, ['critical connections']],
    ['ids at autovacuum_freeze_max_age', { oldestXidAge: 210e6 }, []],
    ['ids at half', { oldestXidAge: 2 ** 30 }, ['warning xid-age']],
    ['ids at three quarters', { oldestXidAge: 0.75 * 2 ** 31 }, ['critical xid-age']],
    ['multixacts at half', { oldestMultixactAge: 2 ** 30 }, ['warning multixact-age']],
    ['a transaction of an hour', { longestTransaction: session(3_600_000) }, ['warning long-transaction']],
    ['a transaction of 59 minutes', { longestTransaction: session(3_540_000) }, []],
    [
      'idle in transaction for half an hour',
      { oldestIdleInTransaction: session(1_800_000) },
      ['critical idle-in-transaction'],
    ],
    ['prepared for a minute', { preparedTransactions: 1, oldestPreparedMs: 60_000 }, ['warning prepared']],
    ['somebody waits a moment', { blockedSessions: 1, longestWaitMs: 20 }, ['info blocked']],
    ['somebody waits before PostgreSQL 14', { blockedSessions: 2, longestWaitMs: null }, ['info blocked']],
    ['ten wait', { blockedSessions: 10, longestWaitMs: 20 }, ['critical blocked']],
    ['a slot keeps 2 GiB', { mostRetainedSlot: { name: 's', bytes: 2 * 1024 ** 3 } }, ['warning slot-wal']],
    ['a lost slot', { lostSlots: ['s'] }, ['critical slot-lost']],
    ['a slot without consumer', { inactiveSlots: ['s'] }, ['warning slot-inactive']],
    ['a standby 6 s behind', { inRecovery: true, receivesWal: true, replayLagMs: 6000 }, ['warning replay-lag']],
    [
      'a standby that receives nothing',
      { inRecovery: true, receivesWal: false, replayLagMs: 0 },
      ['warning no-receiver'],
    ],
    ['a lag on a primary', { replayLagMs: 6000 }, []],
    ['archiving fails', { archiverFailingMs: 60_000 }, ['critical archiver']],
    ['a damaged block', { checksumFailures: 1 }, ['critical checksums']],
    ['checksums off', { checksumFailures: null }, []],
    ['an invalid index', { invalidIndexes: 1 }, ['warning invalid-index']],
    ['few cache hits of few accesses', { blocksHit: 10, blocksRead: 90 }, []],
    ['few cache hits', { blocksHit: 1e6, blocksRead: 1e6 }, ['info cache-hits']],
    ['a deadlock in ten days', { deadlocks: 1 }, []],
    ['20 deadlocks in ten days', { deadlocks: 20 }, ['info deadlocks']],
    ['a restart', { uptimeMs: 60_000 }, ['info restarted']],
  ])('%s', (_, change, expected) => {
    expect(signals(change)).toEqual(expected);
  });

  it('name their numbers and what to do', () => {
    expect(factReasons({ ...facts, connectionsUsed: 88 })).toEqual([
      {
        code: 'connections',
        severity: 'critical',
        text: '88 of 97 usable connections are taken (90.7 %).',
        action: 'See who holds them: close idle sessions, or put a pooler in front.',
        evidence: [
          { label: 'max_connections', value: '100' },
          { label: 'Reserved', value: '3' },
        ],
      },
    ]);
  });
});

describe('what is hidden', () => {
  it('is said with what would unlock it, quoted', () => {
    const hidden = hiddenThings(
      { ...facts, user: 'a"b', hiddenSessions: 2, databaseBytes: null, walBytes: null },
      'my db',
    );
    expect(hidden.map(({ what, unlockSql }) => [what, unlockSql])).toEqual([
      ['Longest transaction', 'grant pg_monitor to "a""b";'],
      ['Idle in transaction', 'grant pg_monitor to "a""b";'],
      ['Database size', 'grant connect on database "my db" to "a""b";'],
      ['WAL on disk', 'grant pg_monitor to "a""b";'],
    ]);
  });
});

describe('a row', () => {
  const failure = { code: 'unreachable' as const, message: 'connect ECONNREFUSED', retryable: true };
  const away: FleetReach = { kind: 'unreachable', failure, since: daysAgo(2), nextTryAt: now.toISOString() };
  const asks: FleetReach = { kind: 'asks', failure: { ...failure, code: 'auth_failed' }, since: daysAgo(2) };

  it.each<[string, Partial<Judged>, ReturnType<typeof judged>]>([
    ['calm', {}, { status: 'fine', reasons: [] }],
    ['unchecked', { reach: { kind: 'unchecked' }, facts: null, release: null }, { status: 'unknown', reasons: [] }],
    ['away', { reach: away, facts: null, release: null }, { status: 'unreachable', reasons: ['critical unreachable'] }],
    ['asking', { reach: asks }, { status: 'unknown', reasons: ['critical asks'] }],
    [
      'one release behind',
      { release: { behind: 1, newest: '18.5', endOfLife: '2030-11-14', supported: true } },
      { status: 'fine', reasons: ['info minor-release'] },
    ],
    [
      'two behind',
      { release: { behind: 2, newest: '18.6', endOfLife: '2030-11-14', supported: true } },
      { status: 'warning', reasons: ['warning minor-release'] },
    ],
    [
      'out of support',
      { release: { behind: 0, newest: '18.4', endOfLife: '2026-11-12', supported: false } },
      { status: 'warning', reasons: ['warning end-of-life'] },
    ],
    [
      'near its end',
      { release: { behind: 0, newest: '18.4', endOfLife: '2027-11-11', supported: true } },
      { status: 'fine', reasons: ['info end-of-life'] },
    ],
    [
      'no backup',
      { backup: { verifiedAt: null, level: null, unverifiedAt: null } },
      { status: 'warning', reasons: ['warning backup'] },
    ],
    [
      'no backup, local',
      { environment: 'local', backup: { verifiedAt: null, level: null, unverifiedAt: null } },
      { status: 'fine', reasons: [] },
    ],
    [
      'old backup',
      { backup: { verifiedAt: daysAgo(3), level: 'restored', unverifiedAt: daysAgo(1) } },
      { status: 'warning', reasons: ['warning backup'] },
    ],
    ['backups not known', { backup: null }, { status: 'fine', reasons: [] }],
    [
      'critical report',
      { report: { takenAt: daysAgo(1), critical: 2, warning: 5, info: 0, worst: 'Disk' } },
      { status: 'critical', reasons: ['critical report'] },
    ],
    [
      'warnings in the report',
      { report: { takenAt: daysAgo(1), critical: 0, warning: 5, info: 0, worst: 'x' } },
      { status: 'fine', reasons: ['info report'] },
    ],
    [
      'old report',
      { report: { takenAt: daysAgo(60), critical: 0, warning: 5, info: 0, worst: 'x' } },
      { status: 'fine', reasons: ['info report-age'] },
    ],
    [
      'pending migrations',
      { migrations: { folder: 'f', pending: 2, changed: 0, missing: 0 } },
      { status: 'fine', reasons: ['info migrations'] },
    ],
    [
      'changed migrations',
      { migrations: { folder: 'f', pending: 1, changed: 1, missing: 0 } },
      { status: 'warning', reasons: ['warning migrations-differ', 'info migrations'] },
    ],
    [
      'doubling',
      {
        facts: { ...facts, databaseBytes: 100 * 1024 ** 3 },
        growth: { perDay7: 2 * 1024 ** 3, perDay30: null, samples: [] },
      },
      { status: 'warning', reasons: ['warning growth'] },
    ],
    [
      'growing slowly',
      {
        facts: { ...facts, databaseBytes: 1000 * 1024 ** 3 },
        growth: { perDay7: 2 * 1024 ** 3, perDay30: null, samples: [] },
      },
      { status: 'fine', reasons: [] },
    ],
  ])('%s', (_, change, expected) => {
    expect(judged(change)).toEqual(expected);
  });

  it('sorts unreachable, critical, asking, warning, unchecked, fine; more reasons first', () => {
    const row = (
      status: FleetRow['status'],
      reach: FleetReach,
      ...severities: ('critical' | 'warning' | 'info')[]
    ) => ({
      status,
      reach,
      reasons: severities.map((severity) => ({ code: 'x', severity, text: '', action: '', evidence: [] })),
    });
    const reached: FleetReach = { kind: 'reached' };
    const rows = [
      row('unreachable', away, 'critical'),
      row('critical', reached, 'critical', 'critical'),
      row('critical', reached, 'critical'),
      row('unknown', asks, 'critical'),
      row('warning', reached, 'warning', 'info'),
      row('warning', reached, 'warning'),
      row('unknown', { kind: 'unchecked' }),
      row('fine', reached, 'info'),
      row('fine', reached),
    ];
    const ranks = rows.map(attentionRank);
    expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
    expect(new Set(ranks).size).toBe(rows.length);
  });
});
