import { describe, expect, it } from 'vitest';

import { sampleBetween } from '../../electron/services/activity/activity-rates.ts';
import type { CountersRow } from '../../electron/services/activity/activity-sql.ts';

function counters(different: Partial<CountersRow> = {}): CountersRow {
  return {
    at_ms: 1_700_000_000_000,
    commits: '1000',
    rollbacks: '10',
    blocks_hit: '5000',
    blocks_read: '100',
    returned: '1',
    fetched: '1',
    inserted: '1',
    updated: '1',
    deleted: '1',
    temp_bytes: '0',
    deadlocks: '0',
    io_read_ms: 5,
    io_write_ms: 0,
    io_timed: true,
    wal_bytes: '1000000',
    active: 2,
    idle: 3,
    idle_in_transaction: 1,
    lock_waiters: 1,
    waiting: 1,
    hidden: 0,
    total: 6,
    connection_limit: 97,
    ...different,
  };
}

describe('a look at the server', () => {
  it('has no rates without a look before', () => {
    expect(sampleBetween(undefined, counters())).toMatchObject({
      spanMs: null,
      commits: null,
      walBytes: null,
      cacheHit: null,
      sessions: { active: 2, idle: 3, idleInTransaction: 1, waiting: 1, total: 6, limit: 97 },
    });
  });

  it('tells rates per second of the time that really went by', () => {
    const later = counters({
      at_ms: 1_700_000_002_000,
      commits: '1100',
      blocks_hit: '5090',
      blocks_read: '110',
      wal_bytes: '1002000',
      io_read_ms: 9,
    });
    expect(sampleBetween(counters(), later)).toMatchObject({
      spanMs: 2000,
      commits: 50,
      blocksHit: 45,
      blocksRead: 5,
      cacheHit: 0.9,
      walBytes: 1000,
      ioReadMs: 2,
    });
  });

  it('is exact where counters are beyond 2^53 apart from zero', () => {
    const before = counters({ returned: '9007199254740993' });
    const after = counters({ at_ms: 1_700_000_001_000, returned: '9007199254741993' });
    expect(sampleBetween(before, after).tuplesReturned).toBeCloseTo(1000, -1);
  });

  it.each([
    ['statistics were reset', { at_ms: 1_700_000_001_000, commits: '3' }],
    ['those of one database were', { at_ms: 1_700_000_001_000, deleted: '0' }],
    ['the clock stood still', { commits: '2000' }],
    ['the clock went back', { at_ms: 1_699_999_999_000, commits: '2000' }],
  ])('tells no rate where %s', (_, different) => {
    const sample = sampleBetween(counters(), counters(different));
    expect([sample.commits, sample.cacheHit, sample.walBytes]).toEqual([null, null, null]);
  });

  it('does not take what is not counted for zero', () => {
    const after = counters({ at_ms: 1_700_000_001_000, io_timed: false, wal_bytes: null });
    const sample = sampleBetween(counters(), after);
    expect([sample.ioReadMs, sample.ioWriteMs, sample.walBytes]).toEqual([null, null, null]);
    expect(sample.cacheHit).toBeNull();
    expect(sample.commits).toBe(0);
  });
});
