import { describe, expect, it } from 'vitest';

import type { Connection } from '#contract/connections.ts';
import { connectionSchema } from '#contract/connections.ts';

import { growthOf } from '../../../../electron/services/fleet/growth.ts';
import { behindWords, releaseStanding } from '../../../../electron/services/fleet/minor-releases.ts';
import { dueAt, newRow, reachAfter } from '../../../../electron/services/fleet/row-state.ts';

const now = new Date('2026-11-23T08:00:00Z');
const dayMs = 86_400_000;

describe('releases', () => {
  it.each([
    [150_012, { behind: 8, newest: '15.20', endOfLife: '2027-11-11', supported: true }],
    [150_020, { behind: 0, newest: '15.20', endOfLife: '2027-11-11', supported: true }],
    // Newer than the table.
    [180_009, { behind: 0, newest: '18.9', endOfLife: '2030-11-14', supported: true }],
    [140_023, { behind: 0, newest: '14.23', endOfLife: '2026-11-12', supported: false }],
    [190_000, { behind: null, newest: null, endOfLife: null, supported: true }],
    [120_022, { behind: null, newest: null, endOfLife: null, supported: false }],
  ])('%i', (versionNum, expected) => {
    expect(releaseStanding(versionNum, now)).toEqual(expected);
  });

  it('are told in words', () => {
    expect(behindWords(150_012, releaseStanding(150_012, now))).toBe('8 minor releases behind (15.12 → 15.20)');
    expect(behindWords(150_019, releaseStanding(150_019, now))).toBe('1 minor release behind (15.19 → 15.20)');
    expect(behindWords(150_020, releaseStanding(150_020, now))).toBeUndefined();
  });

  it('are supported until the last day is over', () => {
    expect(releaseStanding(140_023, new Date('2026-11-12T20:00:00Z')).supported).toBe(true);
    expect(releaseStanding(140_023, new Date('2026-11-14T20:00:00Z')).supported).toBe(false);
  });
});

describe('growth', () => {
  const samples = (...values: (readonly [number, number])[]) =>
    values.map(([days, bytes]) => ({ at: new Date(now.getTime() - days * dayMs).toISOString(), bytes }));

  it.each<[string, (readonly [number, number])[], number | null, number | null]>([
    ['nothing', [], null, null],
    ['one sample', [[0, 100]], null, null],
    [
      'two within a day',
      [
        [0.9, 100],
        [0, 200],
      ],
      null,
      null,
    ],
    [
      'a day apart',
      [
        [1, 100],
        [0, 200],
      ],
      100,
      null,
    ],
    [
      'a week',
      [
        [7, 0],
        [3, 500],
        [0, 700],
      ],
      100,
      null,
    ],
    [
      'a month',
      [
        [30, 0],
        [7, 2300],
        [0, 3000],
      ],
      100,
      100,
    ],
    [
      'only an old one',
      [
        [20, 0],
        [0, 2000],
      ],
      null,
      100,
    ],
    [
      'shrinking',
      [
        [2, 400],
        [0, 200],
      ],
      -100,
      null,
    ],
    [
      'in no order',
      [
        [0, 200],
        [1, 100],
      ],
      100,
      null,
    ],
  ])('%s', (_, values, perDay7, perDay30) => {
    const growth = growthOf(samples(...values));
    expect([growth.perDay7, growth.perDay30].map((value) => (value === null ? null : Math.round(value)))).toEqual([
      perDay7,
      perDay30,
    ]);
  });
});

describe('when a row is checked again', () => {
  const connection: Connection = connectionSchema.parse({
    id: 'a',
    name: 'a',
    environment: 'local',
    color: 'grey',
    host: 'h',
    port: 5432,
    database: 'd',
    user: 'u',
    sslMode: 'prefer',
    readOnly: false,
    managedBy: 'user',
  });
  const interval = 300_000;
  const unreachable = { code: 'unreachable' as const, message: 'away', retryable: true };

  it('an unreachable server ever more rarely, at most once an hour, with the first since', () => {
    const row = newRow(connection, undefined);
    const pauses: number[] = [];
    for (let failures = 0; failures < 6; failures += 1) {
      const at = new Date(now.getTime() + failures * 10_000_000);
      row.reach = reachAfter(row, unreachable, at, interval);
      row.failures += 1;
      row.triedAt = at.toISOString();
      pauses.push((dueAt(row, interval) - at.getTime()) / 1000);
    }
    expect(pauses).toEqual([300, 600, 1200, 2400, 3600, 3600]);
    expect(row.reach).toMatchObject({ since: now.toISOString() });
  });

  it('what asks a person never by itself', () => {
    const row = newRow(connection, undefined);
    row.reach = reachAfter(row, { code: 'auth_failed', message: 'no', retryable: false }, now, interval);
    row.triedAt = now.toISOString();
    expect(dueAt(row, interval)).toBe(Number.POSITIVE_INFINITY);
    row.due = true;
    expect(dueAt(row, interval)).toBe(0);
  });

  it('what was remembered of another server is forgotten, a new name or colour changes nothing', () => {
    const row = newRow(connection, undefined);
    row.checkedAt = now.toISOString();
    expect(newRow({ ...connection, name: 'b', color: 'red' }, row).checkedAt).toBe(row.checkedAt);
    expect(newRow({ ...connection, database: 'other' }, row).checkedAt).toBeNull();
  });
});
