import type { StatementSmell } from '#contract/statements.ts';

import type { StatementShape } from '../../postgres/sql-parser/index.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from './format-numbers.ts';
import { deviationOf, meanOf, type Moments } from './statement-deltas.ts';

/** Every number that a finding compares with. */
export const smellLimits = {
  nPlusOne: {
    /** Nobody clicks this often; a loop does. */
    callsPerSecond: 10,
    /** A rate over less than this is a burst. */
    spanMs: 10_000,
    /** One list that was loaded once: fewer calls than this say nothing. */
    calls: 500,
    rowsPerCall: 1.05,
    /** A lookup by key. What takes longer has another problem. */
    meanMs: 2,
    /** Of all calls of the window. */
    callShare: 0.05,
  },
  deepOffset: {
    calls: 5,
    meanMs: 5,
    /** Blocks that are read for each row that is returned. */
    blocksPerRow: 10,
    blocksPerCall: 200,
  },
  unboundedSelect: {
    calls: 2,
    rowsPerCall: 10_000,
  },
  tempSpill: {
    calls: 1,
    bytesPerCall: 1024 * 1024,
    bytes: 16 * 1024 * 1024,
  },
  planTime: {
    plans: 20,
    /** Below this planning bothers nobody. */
    meanPlanMs: 0.5,
    /** Planning over execution. */
    factor: 1,
    /** In all of the window. */
    planMs: 100,
  },
  unsteady: {
    calls: 100,
    /** Standard deviation over mean, as the health check QRY04 has it. */
    spread: 3,
    stddevMs: 50,
  },
  regression: {
    calls: 20,
    /** Of the means. */
    factor: 2,
    /** The difference of the means over its standard error: at 4, chance does this once in 30 000. */
    errors: 4,
    differenceMs: 1,
    /** What the growth cost in this window. */
    addedMs: 1000,
  },
} as const;

export interface SmellFacts {
  /** Null where it is not known how long the window is. */
  readonly spanMs: number | null;
  readonly execution: Moments;
  readonly planning: Moments;
  readonly rows: number;
  readonly blocks: number;
  readonly tempBytes: number;
  /** Of all calls of the window, 0 to 1. */
  readonly callShare: number;
  readonly sql: string | null;
  readonly shape: StatementShape | undefined;
  /** What it did in the window before. */
  readonly previous: Moments | null;
}

/** What may be found in a statement once its shape is known: parsing is for these only. */
export function wantsShape(facts: Omit<SmellFacts, 'shape'>): boolean {
  return facts.sql !== null && (nPlusOneNumbers(facts) || unboundedNumbers(facts) || offsetNumbers(facts));
}

/** What the numbers and the text of a statement hint at, the most certain first. Pure. */
export function statementSmells(facts: SmellFacts): StatementSmell[] {
  return [
    regression(facts),
    nPlusOne(facts),
    deepOffset(facts),
    unboundedSelect(facts),
    tempSpill(facts),
    planTime(facts),
    unsteady(facts),
  ].filter((smell) => smell !== null);
}

function regression({ execution, previous }: SmellFacts): StatementSmell | null {
  const limits = smellLimits.regression;
  if (previous === null) return null;
  const [before, now] = [meanOf(previous), meanOf(execution)];
  if (before === null || now === null) return null;
  const { count } = execution;
  if (Math.min(count, previous.count) < limits.calls || now <= limits.factor * before) return null;
  const difference = now - before;
  if (difference < limits.differenceMs || difference * count < limits.addedMs) return null;
  const [spreadBefore, spread] = [deviationOf(previous), deviationOf(execution)];
  if (spreadBefore === null || spread === null) return null;
  const error = Math.sqrt(spreadBefore ** 2 / previous.count + spread ** 2 / count);
  if (difference < limits.errors * error) return null;
  return {
    kind: 'regression',
    label: `${(now / before).toFixed(1)}× slower`,
    message: `It takes ${formatDuration(now)} on average, and took ${formatDuration(before)} in the window before: ${(now / before).toFixed(1)} times as long, over ${formatCount(count)} calls. That is more than the spread of its times explains.`,
    advice:
      'Compare its plan with one from before: another plan, a table that grew, an index that is gone, statistics that are stale, or waiting for others.',
  };
}

function nPlusOneNumbers({ spanMs, execution, rows, callShare }: Omit<SmellFacts, 'shape'>): boolean {
  const limits = smellLimits.nPlusOne;
  const mean = meanOf(execution);
  return (
    spanMs !== null &&
    spanMs >= limits.spanMs &&
    execution.count >= limits.calls &&
    (execution.count * 1000) / spanMs >= limits.callsPerSecond &&
    rows <= limits.rowsPerCall * execution.count &&
    mean !== null &&
    mean <= limits.meanMs &&
    callShare >= limits.callShare
  );
}

function nPlusOne(facts: SmellFacts): StatementSmell | null {
  const { shape, spanMs, execution, rows, callShare } = facts;
  // An aggregate of one row, or a SELECT without a condition, is no lookup of one row.
  if (spanMs === null || !nPlusOneNumbers(facts) || shape === undefined || !shape.reads || !shape.filters) return null;
  return {
    kind: 'n-plus-one',
    label: 'N+1?',
    message: `It runs ${formatRate(execution.count, spanMs)} and returns ${(rows / execution.count).toFixed(2)} rows a call in ${formatDuration(meanOf(execution) ?? 0)}. It makes ${percent(callShare)} of all calls. A list whose rows are loaded one by one looks like this.`,
    advice:
      'Look where the program runs it in a loop. Load the rows with one statement: a join, or `where key = any ($1)` with all keys.',
  };
}

function offsetNumbers({ sql, execution, rows, blocks }: Omit<SmellFacts, 'shape'>): boolean {
  const limits = smellLimits.deepOffset;
  return (
    /\boffset\b/i.test(sql ?? '') &&
    execution.count >= limits.calls &&
    (meanOf(execution) ?? 0) >= limits.meanMs &&
    blocks >= limits.blocksPerCall * execution.count &&
    blocks >= limits.blocksPerRow * rows
  );
}

function deepOffset(facts: SmellFacts): StatementSmell | null {
  const { shape, execution, rows, blocks } = facts;
  if (shape?.skips !== true || !offsetNumbers(facts)) return null;
  return {
    kind: 'deep-offset',
    label: 'deep OFFSET?',
    message: `It skips rows with OFFSET, and touches ${formatCount(blocks / execution.count)} blocks a call to return ${formatCount(rows / execution.count)} rows. Rows that are skipped are read all the same: each page costs more than the one before.`,
    advice:
      'Page by the last key that was seen: `where (created_at, id) < ($1, $2) order by created_at desc, id desc limit $3`, with an index on that order.',
  };
}

function unboundedNumbers({ execution, rows }: Omit<SmellFacts, 'shape'>): boolean {
  const limits = smellLimits.unboundedSelect;
  return execution.count >= limits.calls && rows >= limits.rowsPerCall * execution.count;
}

function unboundedSelect(facts: SmellFacts): StatementSmell | null {
  const { shape, execution, rows } = facts;
  if (shape === undefined || !shape.reads || shape.limited || !unboundedNumbers(facts)) return null;
  return {
    kind: 'unbounded-select',
    label: 'no LIMIT',
    message: `It has no LIMIT and returns ${formatCount(rows / execution.count)} rows a call${shape.filters ? '' : ', without a condition'}.`,
    advice:
      'Nobody reads that many. Ask for a page with LIMIT, let the server aggregate, or, for an export, read it with a cursor or COPY.',
  };
}

function tempSpill({ execution, tempBytes }: SmellFacts): StatementSmell | null {
  const limits = smellLimits.tempSpill;
  const perCall = tempBytes / Math.max(1, execution.count);
  if (execution.count < limits.calls || tempBytes < limits.bytes || perCall < limits.bytesPerCall) return null;
  return {
    kind: 'temp-spill',
    label: 'spills',
    message: `It writes ${formatBytes(perCall)} of temporary files a call, ${formatBytes(tempBytes)} in this window: a sort, a hash or a materialized part did not fit into work_mem.`,
    advice:
      'EXPLAIN ANALYZE shows which node. Fewer columns or rows before the sort, an index in its order, or more work_mem for this role or transaction only.',
  };
}

function planTime({ execution, planning }: SmellFacts): StatementSmell | null {
  const limits = smellLimits.planTime;
  const mean = meanOf(planning);
  if (mean === null || planning.count < limits.plans || mean < limits.meanPlanMs) return null;
  if (planning.total < limits.planMs || planning.total <= limits.factor * execution.total) return null;
  return {
    kind: 'plan-time',
    label: 'planning',
    message: `Planning it takes ${formatDuration(planning.total)} of this window, running it ${formatDuration(execution.total)}: ${formatDuration(mean)} a plan.`,
    advice:
      'Prepare it once and run it often, or look why planning is slow: many partitions that are not pruned, many joins, many indexes.',
  };
}

function unsteady({ execution }: SmellFacts): StatementSmell | null {
  const limits = smellLimits.unsteady;
  const [mean, deviation] = [meanOf(execution), deviationOf(execution)];
  if (mean === null || deviation === null || execution.count < limits.calls) return null;
  if (deviation <= limits.spread * mean || deviation < limits.stddevMs) return null;
  // One slow call alone makes the quotient of n calls up to the root of n: it takes more than one to be unsteady.
  if (deviation / mean > 0.9 * Math.sqrt(execution.count)) return null;
  return {
    kind: 'unsteady',
    label: 'unsteady',
    message: `It takes ${formatDuration(mean)} on average with a standard deviation of ${formatDuration(deviation)}: some calls take many times as long as others.`,
    advice:
      'Compare the plans for a rare and a frequent value, and look at Activity for locks that it waits for. auto_explain keeps the plans of slow calls.',
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
