import { expect, it } from 'vitest';

import type { StatementBook } from '../../../../electron/services/statements/statement-book.ts';
import { statementSeries } from '../../../../electron/services/statements/statement-series.ts';
import type { StatementSnapshot } from '../../../../electron/services/statements/statement-snapshot.ts';
import type { ToldWindow } from '../../../../electron/services/statements/tell-window.ts';
import { entryOf, snapshotOf } from './snapshots.ts';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-29T12:00:00Z');

/** The line of statement 1 over these snapshots, a minute apart: calls and mean of each step. */
async function lineOf(snapshots: readonly StatementSnapshot[]): Promise<(number | null)[][]> {
  const book = {
    list: () =>
      Promise.resolve(
        snapshots.map(({ meta }, id) => ({ id: String(id), takenAt: isoOf(meta.takenAtMs) })).toReversed(),
      ),
    async *series(_: unknown, ids: readonly string[]) {
      for (const id of ids) yield snapshots[Number(id)];
    },
  } as unknown as StatementBook;
  const told = {
    chosen: { from: { takenAtMs: startMs }, to: { takenAtMs: startMs + 60 * minuteMs } },
  } as unknown as ToldWindow;
  const series = await statementSeries(book, told, ({ queryId }) => queryId === '1');
  return series.map(({ calls, meanMs }) => [calls, meanMs]);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

const rest = { entries: 300, calls: 300, totalMs: 1, cutoffMs: 0.1 };
const look = (minute: number, counters: { calls: number; totalMs: number } | null, meta = {}) =>
  snapshotOf(counters === null ? [] : [entryOf({ queryId: '1' }, counters)], startMs + minute * minuteMs, meta);

it('goes from snapshot to snapshot, also where the statement is new', async () => {
  expect(
    await lineOf([
      look(0, null),
      look(1, { calls: 10, totalMs: 50 }),
      look(2, { calls: 10, totalMs: 50 }),
      look(3, { calls: 30, totalMs: 250 }),
    ]),
  ).toEqual([
    [10, 5],
    [0, null],
    [20, 10],
  ]);
});

it('does not take for new what earlier snapshots had no room for', async () => {
  expect(
    await lineOf([
      look(0, null, { rest }),
      look(1, { calls: 100_000, totalMs: 500_000 }),
      look(2, { calls: 100_010, totalMs: 500_020 }),
      look(3, null, { rest }),
    ]),
  ).toEqual([
    [null, null],
    [10, 2],
    [null, null],
  ]);
});

it('has a gap where statistics were reset', async () => {
  expect(
    await lineOf([
      look(0, { calls: 10, totalMs: 50 }),
      look(1, { calls: 20, totalMs: 90 }, { statsResetMs: startMs + 1 }),
      look(2, { calls: 5, totalMs: 10 }, { statsResetMs: startMs + 1 }),
    ]),
  ).toEqual([
    [null, null],
    [null, null],
  ]);
});
