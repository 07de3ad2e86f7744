import fc from 'fast-check';
import { expect, it } from 'vitest';

import { statementOrders } from '#contract/statements.ts';

import { groupStatements } from '../../../../electron/services/statements/group-statements.ts';
import { statementDeltas } from '../../../../electron/services/statements/statement-deltas.ts';
import {
  coverageNotes,
  leaders,
  oneLine,
  rankBy,
  statementRow,
} from '../../../../electron/services/statements/window-report.ts';
import { entryOf, snapshotOf } from './snapshots.ts';

const about = { isReset: false, fallback: false, off: false, user: 'ada', stored: true, unread: null };

it('the leaders are the first of each order, and few others', () => {
  const entry = fc.record({
    calls: fc.integer({ min: 1, max: 50 }),
    totalMs: fc.double({ min: 0.1, max: 900, noNaN: true }),
    tempWritten: fc.nat(5),
    walBytes: fc.nat(5),
    readMs: fc.nat(5),
    planMs: fc.nat(5),
    plans: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (counters, limit) => {
      const snapshot = snapshotOf(
        counters.map((one, at) => entryOf({ queryId: String(at) }, one)),
        5,
      );
      const groups = groupStatements(statementDeltas(null, snapshot).entries);
      const chosen = leaders(groups, limit, true);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(chosen.length).toBeLessThanOrEqual(Math.max(limit, statementOrders.length * limit));
      for (const order of statementOrders) {
        const ranks = (of: typeof groups) =>
          of
            .map((group) => rankBy(order, group, true))
            .toSorted((a, b) => b - a)
            .slice(0, limit)
            .filter((rank) => rank > 0);
        expect(ranks(chosen)).toEqual(ranks(groups));
      }
    }),
  );
});

it('a row has what the server counts, and null for what it does not', () => {
  const snapshot = snapshotOf(
    [
      entryOf({}, { calls: 4, totalMs: 8, rows: 12, sharedHit: 90, sharedRead: 10, tempWritten: 2, walBytes: 7 }),
      entryOf({ queryId: '2', nested: true }, { calls: 1, totalMs: 6 }),
    ],
    5,
    { tracksPlanning: false, timesIo: false },
  );
  const [first, inner] = groupStatements(statementDeltas(null, snapshot).entries).map((group) =>
    statementRow(group, snapshot.meta, { sql: 'select\n  1', clientMs: 16, smells: [] }),
  );
  expect(first).toEqual({
    queryId: '1',
    nested: false,
    sql: 'select 1',
    database: 'postgres',
    databases: 1,
    users: 1,
    status: 'whole',
    calls: 4,
    totalMs: 8,
    share: 0.5,
    meanMs: 2,
    stddevMs: 0,
    rows: 12,
    planMs: null,
    blocksHit: 90,
    blocksRead: 10,
    ioMs: null,
    tempBytes: 16_384,
    walBytes: 7,
    smells: [],
  });
  expect(inner?.share).toBeNull();
});

it('long texts are cut where a row shows them', () => {
  expect(oneLine(`select ${'x, '.repeat(1000)}`)).toHaveLength(401);
  expect(oneLine('  select\n\t1  ')).toBe('select 1');
});

it('what is not covered is said once each, with what would mend it', () => {
  const before = snapshotOf([entryOf({ queryId: '9' }, { calls: 1 })], 1000, {
    hidden: { entries: 1, calls: 1, totalMs: 5 },
    rest: { entries: 2, calls: 2, totalMs: 4, cutoffMs: 1 },
  });
  const after = snapshotOf([entryOf({ queryId: '8' }, { calls: 1, totalMs: 3 })], 2000, {
    evictions: 3,
    serverStartedMs: 1,
    hidden: { entries: 2, calls: 9, totalMs: 65 },
    rest: { entries: 2, calls: 2, totalMs: 4, cutoffMs: 1 },
  });
  const notes = coverageNotes(statementDeltas(before, after), after.meta, { ...about, user: 'a"da', stored: false });
  expect(notes.map(({ kind, sql }) => [kind, sql])).toEqual([
    ['restart', null],
    ['evictions', 'alter system set pg_stat_statements.max = 10000;'],
    ['gone', null],
    ['hidden', 'grant pg_read_all_stats to "a""da";'],
    ['rest', null],
    ['memory', null],
  ]);
  expect(notes.find(({ kind }) => kind === 'gone')?.text).toBe(
    '1 statement of before is gone; 1 statement is left out, since its earlier numbers are not known.',
  );
  const quiet = snapshotOf([entryOf({}, { calls: 1 })], 5);
  expect(coverageNotes(statementDeltas(quiet, quiet), quiet.meta, about)).toEqual([]);
});
