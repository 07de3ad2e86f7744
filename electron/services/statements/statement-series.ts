import type { StatementDetail } from '#contract/statements.ts';

import type { StatementBook } from './statement-book.ts';
import { counterAt, type SnapshotEntry } from './statement-snapshot.ts';
import { knownSnapshots, type ToldWindow } from './tell-window.ts';

/** Points of the line that shows how a statement went. */
const mostPoints = 60;

/** How the wanted lines of pg_stat_statements went inside of a window, from one of its snapshots to the next. */
export async function statementSeries(
  book: StatementBook,
  { owner, chosen: { from, to } }: ToldWindow,
  isWanted: (entry: SnapshotEntry) => boolean,
): Promise<StatementDetail['series']> {
  const inWindow = (await book.list(owner, knownSnapshots))
    .map(({ id, takenAt }) => ({ id, atMs: Date.parse(takenAt) }))
    .filter(({ atMs }) => atMs <= to.takenAtMs && (from === null || atMs >= from.takenAtMs))
    .toReversed();
  const series: StatementDetail['series'] = [];
  let before: {
    readonly atMs: number;
    readonly reset: string;
    readonly calls: number;
    readonly totalMs: number;
    readonly isKnown: boolean;
  } | null = null;
  for await (const { meta, entries } of book.series(
    owner,
    spread(inWindow).map(({ id }) => id),
  )) {
    const mine = entries.filter(isWanted);
    const sum = (at: number): number => mine.reduce((total, { values }) => total + (values[at] ?? 0), 0);
    const reset = String(meta.statsResetMs);
    const now = {
      atMs: meta.takenAtMs,
      reset,
      calls: sum(counterAt.calls),
      totalMs: sum(counterAt.totalMs),
      // It may have been among those that a look leaves out.
      isKnown: mine.length > 0 || meta.rest.entries === 0,
    };
    if (before !== null) {
      const calls = now.calls - before.calls;
      const isReset =
        now.reset !== before.reset || calls < 0 || now.totalMs < before.totalMs || !before.isKnown || !now.isKnown;
      series.push({
        at: new Date(now.atMs).toISOString(),
        spanMs: now.atMs - before.atMs,
        calls: isReset ? null : calls,
        meanMs: isReset || calls === 0 ? null : (now.totalMs - before.totalMs) / calls,
      });
    }
    before = now;
  }
  return series;
}

/** Not more of them than points of a line, evenly, with both ends. */
function spread<Item>(items: readonly Item[]): Item[] {
  if (items.length <= mostPoints) return [...items];
  const step = (items.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, at) => items[Math.round(at * step)]).filter(
    (item) => item !== undefined,
  );
}
