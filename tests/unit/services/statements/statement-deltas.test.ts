import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { groupStatements } from '../../../../electron/services/statements/group-statements.ts';
import {
  type EntryDelta,
  deviationOf,
  extremeOf,
  meanOf,
  momentsTogether,
  momentsWithout,
  statementDeltas,
} from '../../../../electron/services/statements/statement-deltas.ts';
import {
  counterAt,
  counterOf,
  entryKey,
  summedPlaces,
  withoutNesting,
} from '../../../../electron/services/statements/statement-snapshot.ts';
import { CountedStatement, entryOf, snapshotOf } from './snapshots.ts';

const start = 1_700_000_200_000;

function plain(times: readonly number[]) {
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  return {
    mean,
    deviation: Math.sqrt(times.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / times.length),
  };
}

const times = fc.array(fc.double({ min: 0.001, max: 5000, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('the moments of a window', () => {
  it('are those of the calls in it, whatever was before', () => {
    fc.assert(
      fc.property(times, times, (first, second) => {
        const statement = new CountedStatement();
        for (const ms of first) statement.run(ms);
        const before = snapshotOf([statement.look()], start);
        for (const ms of second) statement.run(ms);
        const [delta] = statementDeltas(before, snapshotOf([statement.look()], start + 60_000)).entries;
        const wanted = plain(second);
        expect(delta?.execution.count).toBe(second.length);
        expect(meanOf(delta?.execution ?? { count: 0, total: 0, squares: 0 })).toBeCloseTo(wanted.mean, 6);
        const deviation = delta === undefined ? null : deviationOf(delta.execution);
        // Where it cannot be told it is not told; where it is, it is right.
        if (deviation !== null)
          expect(Math.abs(deviation - wanted.deviation)).toBeLessThan(0.01 * wanted.deviation + 1e-2);
      }),
    );
  });

  it('is not told where rounding is all that is left', () => {
    const whole = { count: 1_000_002, total: 1_000_002, squares: 1e12 };
    expect(deviationOf(momentsWithout(whole, { count: 1_000_000, total: 1_000_000, squares: 1e12 }))).toBeNull();
    expect(momentsWithout({ count: 3, total: 9, squares: 2 }, { count: 2, total: 5, squares: 2 })).toEqual({
      count: 1,
      total: 4,
      squares: 0,
    });
  });

  it('come together and apart again', () => {
    fc.assert(
      fc.property(times, times, (first, second) => {
        const of = (calls: readonly number[]) => {
          const { mean, deviation } = plain(calls);
          return { count: calls.length, total: mean * calls.length, squares: deviation ** 2 * calls.length };
        };
        const whole = momentsTogether(of(first), of(second));
        const wanted = plain([...first, ...second]);
        expect(meanOf(whole)).toBeCloseTo(wanted.mean, 6);
        expect(deviationOf(whole)).toBeCloseTo(wanted.deviation, 4);
      }),
    );
  });
});

describe('two looks', () => {
  it('from a to b and from b to c make the look from a to c', () => {
    const step = fc.array(
      fc.record({
        statement: fc.nat({ max: 5 }),
        ms: fc.double({ min: 0.01, max: 900, noNaN: true }),
        rows: fc.nat(9),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(step, step, step, (...steps) => {
        const statements = new Map<number, CountedStatement>();
        const [a, b, c] = steps.map((calls, at) => {
          for (const { statement, ms, rows } of calls) {
            const counted = statements.get(statement) ?? new CountedStatement(start + at * 1000 - 500);
            statements.set(statement, counted);
            counted.run(ms, rows);
          }
          return snapshotOf(
            [...statements].map(([id, counted]) => counted.look({ queryId: String(id) })),
            start + at * 1000,
          );
        }) as [ReturnType<typeof snapshotOf>, ReturnType<typeof snapshotOf>, ReturnType<typeof snapshotOf>];
        const byKey = (deltas: readonly EntryDelta[]) => new Map(deltas.map((delta) => [entryKey(delta.entry), delta]));
        const [ab, bc, ac] = [
          byKey(statementDeltas(a, b).entries),
          byKey(statementDeltas(b, c).entries),
          byKey(statementDeltas(a, c).entries),
        ];
        expect([...ac.keys()].toSorted()).toEqual([...new Set([...ab.keys(), ...bc.keys()])].toSorted());
        for (const [key, delta] of ac) {
          for (const at of summedPlaces) {
            const sum = (ab.get(key)?.values[at] ?? 0) + (bc.get(key)?.values[at] ?? 0);
            expect(delta.values[at]).toBeCloseTo(sum, 6);
          }
        }
      }),
    );
  });

  it('never tell less than nothing, whatever two looks say', () => {
    const counters = fc.record({
      calls: fc.nat(1e6),
      totalMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      stddevMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      rows: fc.nat(1e9),
      statsSince: fc.integer({ min: start - 1e6, max: start + 1e6 }),
    });
    fc.assert(
      fc.property(counters, counters, (then, now) => {
        const { entries } = statementDeltas(
          snapshotOf([entryOf({}, then)], start),
          snapshotOf([entryOf({}, now)], start + 1000),
        );
        for (const { values, execution } of entries) {
          for (const at of summedPlaces) expect(values[at]).toBeGreaterThanOrEqual(0);
          expect(execution.count).toBeGreaterThanOrEqual(0);
          const deviation = deviationOf(execution);
          expect(deviation === null || deviation >= 0).toBe(true);
        }
      }),
    );
  });

  it('show a new statement whole, and leave out one that did nothing', () => {
    const idle = entryOf({ queryId: '7' }, { calls: 9, totalMs: 3 });
    const deltas = statementDeltas(
      snapshotOf([idle], start),
      snapshotOf([idle, entryOf({ queryId: '8' }, { calls: 4, totalMs: 2, statsSince: start + 5 })], start + 1000),
    );
    expect(deltas.entries.map(({ entry, status, execution }) => [entry.queryId, status, execution.count])).toEqual([
      ['8', 'new', 4],
    ]);
    expect(deltas).toMatchObject({ gone: 0, unknown: 0, reset: 'none' });
  });
});

describe('a reset in between', () => {
  const before = snapshotOf(
    [entryOf({}, { calls: 100, totalMs: 900 }), entryOf({ queryId: '2' }, { calls: 5 })],
    start,
  );

  it('of everything makes the later numbers the ones of the window, from the reset on', () => {
    // More calls than before: only the time of the reset tells.
    const after = snapshotOf([entryOf({}, { calls: 150, totalMs: 950 })], start + 60_000, {
      statsResetMs: start + 20_000,
    });
    const deltas = statementDeltas(before, after);
    expect(deltas).toMatchObject({ reset: 'certain', fromMs: start + 20_000, toMs: start + 60_000, gone: 0 });
    expect(deltas.entries).toMatchObject([{ status: 'restarted', execution: { count: 150, total: 950 } }]);
  });

  it('of one statement is seen by its calls, and by its own time where the server keeps one', () => {
    const fewer = statementDeltas(
      before,
      snapshotOf([entryOf({}, { calls: 30, totalMs: 10 }), entryOf({ queryId: '2' }, { calls: 5 })], start + 1000),
    );
    expect(fewer).toMatchObject({
      reset: 'none',
      cameBack: 1,
      entries: [{ status: 'restarted', execution: { count: 30 } }],
    });
    const more = statementDeltas(
      snapshotOf([entryOf({}, { calls: 100, totalMs: 900, statsSince: start - 500 })], start),
      snapshotOf([entryOf({}, { calls: 130, totalMs: 999, statsSince: start + 500 })], start + 1000),
    );
    expect(more.entries).toMatchObject([{ status: 'restarted', execution: { count: 130, total: 999 } }]);
  });

  it('is presumed on a version that does not tell, when most statements are gone or fell', () => {
    const old = { statsResetMs: null, evictions: null, extensionVersion: 108 };
    const many = Array.from({ length: 10 }, (_, at) => entryOf({ queryId: String(at) }, { calls: 100, totalMs: 50 }));
    const after = [
      entryOf({ queryId: '0' }, { calls: 180, totalMs: 90 }),
      entryOf({ queryId: '1' }, { calls: 3, totalMs: 1 }),
    ];
    const deltas = statementDeltas(snapshotOf(many, start, old), snapshotOf(after, start + 1000, old));
    expect(deltas).toMatchObject({ reset: 'presumed', fromMs: start, evictions: null });
    // Had it been taken for a difference, the busy one would show 80.
    expect(deltas.entries.map(({ execution }) => execution.count)).toEqual([180, 3]);
  });

  it('is not presumed from evictions alone', () => {
    const old = { statsResetMs: null, evictions: null, extensionVersion: 108 };
    const many = Array.from({ length: 10 }, (_, at) => entryOf({ queryId: String(at) }, { calls: 100, totalMs: 50 }));
    const after = [entryOf({ queryId: '0' }, { calls: 180, totalMs: 90 })];
    const deltas = statementDeltas(snapshotOf(many, start, old), snapshotOf(after, start + 1000, old));
    expect(deltas).toMatchObject({
      reset: 'none',
      gone: 9,
      entries: [{ status: 'difference', execution: { count: 80 } }],
    });
  });

  it('by a crash is seen although the server forgets when it was', () => {
    const never = { statsResetMs: 946_684_800_000, evictions: 0 };
    const deltas = statementDeltas(
      snapshotOf([entryOf({}, { calls: 100, totalMs: 900 })], start, never),
      snapshotOf([entryOf({}, { calls: 2, totalMs: 1 })], start + 1000, { ...never, serverStartedMs: start + 500 }),
    );
    expect(deltas).toMatchObject({ reset: 'presumed', restarted: true });
  });

  it('is none when the server was restarted and its numbers went on', () => {
    const deltas = statementDeltas(
      snapshotOf([entryOf({}, { calls: 100, totalMs: 900 })], start),
      snapshotOf([entryOf({}, { calls: 120, totalMs: 950 })], start + 1000, { serverStartedMs: start + 500 }),
    );
    expect(deltas).toMatchObject({
      reset: 'none',
      restarted: true,
      entries: [{ execution: { count: 20, total: 50 } }],
    });
  });
});

describe('what is not known', () => {
  it('is what came in from below the statements that are kept, unless that is next to nothing', () => {
    const rest = { entries: 40, calls: 900, totalMs: 300, cutoffMs: 10 };
    const before = snapshotOf([], start, { rest });
    const after = snapshotOf(
      [
        entryOf({ queryId: 'large' }, { calls: 10, totalMs: 5000 }),
        entryOf({ queryId: 'small' }, { calls: 10, totalMs: 30 }),
        entryOf({ queryId: 'new' }, { calls: 1, totalMs: 30, statsSince: start + 1 }),
      ],
      start + 1000,
    );
    const deltas = statementDeltas(before, after);
    expect(deltas.entries.map(({ entry, status }) => [entry.queryId, status])).toEqual([
      ['large', 'nearly'],
      ['new', 'new'],
    ]);
    expect(deltas.unknown).toBe(1);
  });

  it('is what was hidden at the first look', () => {
    const before = snapshotOf([], start, { hidden: { entries: 3, calls: 50, totalMs: 70 } });
    const after = snapshotOf([entryOf({}, { calls: 60, totalMs: 80 })], start + 1000);
    expect(statementDeltas(before, after)).toMatchObject({ entries: [], unknown: 1 });
  });

  it('of a role that sees its own alone, its own are new and those of others not known', () => {
    const hidden = { hidden: { entries: 3, calls: 50, totalMs: 70 } };
    const own = entryOf({ queryId: 'own', userId: 7 }, { calls: 1, totalMs: 1 });
    const made = entryOf({ queryId: 'made', userId: 7 }, { calls: 60, totalMs: 80 });
    const others = entryOf({ queryId: 'others', userId: 8 }, { calls: 60, totalMs: 80 });
    const before = snapshotOf([own], start, hidden);
    const newest = (entries: Parameters<typeof snapshotOf>[0], meta = {}) => {
      const { entries: told, unknown } = statementDeltas(before, snapshotOf(entries, start + 1000, meta));
      return [told.map(({ entry, status }) => [entry.queryId, status]), unknown];
    };
    expect(newest([own, made], hidden)).toEqual([[['made', 'new']], 0]);
    // It was given the right to see all in between.
    expect(newest([own, made, others])).toEqual([[['made', 'new']], 1]);
  });

  it('does not tell both lines of one statement apart where the extension did not', () => {
    const line = (calls: number, nested: boolean | null, totalMs = calls) => entryOf({ nested }, { calls, totalMs });
    const old = { extensionVersion: 108, statsResetMs: null, evictions: null };
    const before = snapshotOf([line(100, null), line(10, null)], start, old);
    const calls = (after: Parameters<typeof snapshotOf>[0], meta: object) =>
      statementDeltas(before, snapshotOf(after, start + 1000, meta)).entries.map(
        ({ values }) => values[counterAt.calls],
      );
    expect(calls([line(160, null)], old)).toEqual([50]);
    expect(calls([line(110, null)], old)).toEqual([]);
    // Its objects were updated in between.
    expect(calls([line(150, false), line(10, true)], {})).toEqual([50]);
    expect(calls([line(100, false), line(10, true)], {})).toEqual([]);
  });

  it('is how much hidden statements did where their sum fell', () => {
    const before = snapshotOf([], start, { hidden: { entries: 3, calls: 50, totalMs: 70 } });
    const look = (totalMs: number, calls: number) =>
      statementDeltas(before, snapshotOf([], start + 1000, { hidden: { entries: 3, calls, totalMs } })).hidden;
    expect(look(100, 60)).toEqual({ entries: 3, totalMs: 30 });
    expect(look(60, 40)).toEqual({ entries: 3, totalMs: null });
  });
});

it('two lines of one statement are what one line would be', () => {
  fc.assert(
    fc.property(times, times, (first, second) => {
      const parts = [first, second].map((some) => {
        const statement = new CountedStatement();
        for (const ms of some) statement.run(ms);
        return statement.look();
      });
      const [both] = withoutNesting(parts);
      const whole = new CountedStatement();
      for (const ms of [...first, ...second]) whole.run(ms);
      const wanted = whole.look();
      for (const name of ['calls', 'totalMs', 'minMs', 'maxMs', 'stddevMs'] as const)
        expect(both && counterOf(both, name)).toBeCloseTo(counterOf(wanted, name), 4);
    }),
  );
});

describe('extremes', () => {
  const max = (then: object, now: object) =>
    statementDeltas(
      snapshotOf([entryOf({}, { calls: 5, totalMs: 50, minMs: 2, maxMs: 20, ...then })], start),
      snapshotOf([entryOf({}, { calls: 9, totalMs: 90, minMs: 2, maxMs: 20, ...now })], start + 1000),
    ).entries[0];

  it('are known where they moved, and limits where they did not', () => {
    expect(max({}, { maxMs: 31 })?.max).toEqual({ value: 31, exact: true });
    expect(max({}, {})?.max).toEqual({ value: 20, exact: false });
    expect(max({}, { minMs: 1 })?.min).toEqual({ value: 1, exact: true });
    expect(max({ minMaxSince: 1 }, { minMaxSince: 2, maxMs: 3 })?.max).toEqual({ value: Infinity, exact: false });
  });

  it('of several are known where a known one beats the limits of all', () => {
    const known = { value: 31, exact: true };
    expect(extremeOf([known, { value: 20, exact: false }], 'max')).toEqual(known);
    expect(extremeOf([known, { value: 40, exact: false }], 'max')).toEqual({ value: 40, exact: false });
    expect(
      extremeOf(
        [
          { value: 4, exact: false },
          { value: 4, exact: true },
        ],
        'min',
      ),
    ).toEqual({ value: 4, exact: true });
  });
});

it('one statement of several users and databases is one line, apart from its runs inside functions', () => {
  const after = snapshotOf(
    [
      entryOf({ userId: 1 }, { calls: 1, totalMs: 10, minMs: 10, maxMs: 10, rows: 1 }),
      entryOf({ userId: 2, databaseId: 6 }, { calls: 3, totalMs: 6, minMs: 2, maxMs: 2, rows: 5 }),
      entryOf({ nested: true }, { calls: 8, totalMs: 8 }),
    ],
    start,
  );
  const groups = groupStatements(statementDeltas(null, after).entries);
  expect(groups.map(({ nested, execution, parts }) => [nested, execution.count, parts.length])).toEqual([
    [false, 4, 2],
    [true, 8, 1],
  ]);
  const [first] = groups;
  expect(first?.execution).toEqual({ count: 4, total: 16, squares: 48 });
  expect(first?.values[counterAt.rows]).toBe(6);
  expect([first?.min, first?.max]).toEqual([
    { value: 2, exact: true },
    { value: 10, exact: true },
  ]);
});
