import {
  counterAt,
  counterNames,
  counterOf,
  entryKey,
  knownReset,
  summedPlaces,
  withoutNesting,
  type CounterName,
  type SnapshotEntry,
  type StatementSnapshot,
} from './statement-snapshot.ts';

/**
 * What a statement's numbers are: the `difference` of both looks; the later numbers whole, since it is `new` or was
 * `restarted` in between; `whole` since the statistics were reset; `nearly` where up to 1 % may be from before.
 */
export type DeltaStatus = 'difference' | 'new' | 'restarted' | 'whole' | 'nearly';

/** Times of a window as moments, so that windows and users can be put together. */
export interface Moments {
  readonly count: number;
  readonly total: number;
  /** Sum of the squared distances to the mean; NaN where rounding leaves nothing to tell it from. */
  readonly squares: number;
}

/** An extreme of a window: `value` was reached when `exact`, else it is only not exceeded; infinite where not known. */
export interface Extreme {
  readonly value: number;
  readonly exact: boolean;
}

/** What one line of pg_stat_statements did between two looks. */
export interface EntryDelta {
  readonly entry: SnapshotEntry;
  readonly before: SnapshotEntry | null;
  readonly status: DeltaStatus;
  /** Summed counters by their place; NaN where they are not counted, and for all that is no sum. */
  readonly values: Float64Array;
  readonly execution: Moments;
  readonly planning: Moments;
  readonly min: Extreme;
  readonly max: Extreme;
}

export interface StatementDeltas {
  readonly entries: readonly EntryDelta[];
  /** What the numbers cover. `fromMs` is null where it is not known: statistics without a time of their last reset. */
  readonly fromMs: number | null;
  readonly toMs: number;
  /** All statistics were reset in between: `certain` where the server says so, `presumed` where the numbers do. */
  readonly reset: 'none' | 'certain' | 'presumed';
  readonly restarted: boolean;
  /** Times that the rarest statements were thrown away in between; null where not counted. */
  readonly evictions: number | null;
  /** Statements that are not there any more: what they did since the first look is not known. */
  readonly gone: number;
  /** Statements that were forgotten or reset on their own and came back. */
  readonly cameBack: number;
  /** Statements whose earlier numbers are not known, which are left out. */
  readonly unknown: number;
  /** Of other users, whose statements are hidden. `totalMs` is null where it cannot be told. */
  readonly hidden: { readonly entries: number; readonly totalMs: number | null };
}

/** A statement that came in from below the kept ones counts where at most this share of it may be from before. */
const mostUnknownShare = 0.01;
/** Relative precision below which a difference of sums of squares is rounding. */
const squarePrecision = 1e-9;

/** What happened between two looks at one server; with `before` null, since its statistics were reset. Pure. */
export function statementDeltas(before: StatementSnapshot | null, after: StatementSnapshot): StatementDeltas {
  const steps = deltaSteps(before, after);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Statements between two pauses of `deltaSteps`. */
const entriesAStep = 500;

/** `statementDeltas` in steps of a few milliseconds, for a loop that has other things to do in between. */
export function* deltaSteps(
  before: StatementSnapshot | null,
  after: StatementSnapshot,
): Generator<undefined, StatementDeltas, undefined> {
  if (before === null) return sinceReset(after);
  // The objects of the extension were updated in between: only both lines of a statement together can be compared.
  if (before.meta.extensionVersion < 109 && after.meta.extensionVersion >= 109)
    return yield* deltaSteps(before, {
      meta: { ...after.meta, extensionVersion: before.meta.extensionVersion },
      entries: withoutNesting(after.entries),
    });
  const first = before.meta.extensionVersion < 109 ? withoutNesting(before.entries) : before.entries;
  const earlier = new Map(first.map((entry) => [entryKey(entry), entry]));
  const restarted = after.meta.serverStartedMs !== before.meta.serverStartedMs;
  const reset = wholeReset(before, after, earlier, restarted);
  const isSeen = seenBefore(before, after);
  const entries: EntryDelta[] = [];
  let common = 0;
  let unknown = 0;
  let cameBack = 0;
  for (const [index, entry] of after.entries.entries()) {
    if (index % entriesAStep === 0) yield;
    const then = earlier.get(entryKey(entry)) ?? null;
    if (then !== null) {
      common += 1;
      if (reset === 'none' && isIdle(then, entry)) continue;
    }
    const status = statusOf(entry, then, before, { isReset: reset !== 'none', isSeen: isSeen(entry) });
    if (status === null) {
      unknown += 1;
      continue;
    }
    if (status === 'restarted' && reset === 'none') cameBack += 1;
    const delta = entryDelta(entry, then, status);
    if (delta.values[counterAt.calls] !== 0 || delta.planning.count > 0) entries.push(delta);
  }
  const resetAt = reset === 'certain' ? knownReset(after.meta.statsResetMs) : null;
  return {
    entries,
    fromMs: resetAt !== null && resetAt > before.meta.takenAtMs ? resetAt : before.meta.takenAtMs,
    toMs: after.meta.takenAtMs,
    reset,
    restarted,
    evictions: evictionsBetween(before, after, reset !== 'none'),
    gone: reset === 'none' ? first.length - common : 0,
    cameBack,
    unknown,
    hidden: hiddenBetween(before, after, reset !== 'none'),
  };
}

function sinceReset(after: StatementSnapshot): StatementDeltas {
  return {
    entries: after.entries.map((entry) => entryDelta(entry, null, 'whole')),
    fromMs: knownReset(after.meta.statsResetMs),
    toMs: after.meta.takenAtMs,
    reset: 'none',
    restarted: false,
    evictions: after.meta.evictions,
    gone: 0,
    cameBack: 0,
    unknown: 0,
    hidden: { entries: after.meta.hidden.entries, totalMs: after.meta.hidden.totalMs },
  };
}

/**
 * Whether everything was reset. The server says when, from 1.9 of the extension on. Before, and after a crash, which
 * forgets the time with the rest, it shows in the numbers: most statements are gone or have fewer calls than before.
 */
function wholeReset(
  before: StatementSnapshot,
  after: StatementSnapshot,
  earlier: ReadonlyMap<string, SnapshotEntry>,
  restarted: boolean,
): StatementDeltas['reset'] {
  const [then, now] = [before.meta.statsResetMs, after.meta.statsResetMs];
  if (then !== null && now !== null && then !== now) return 'certain';
  if (then !== null && now !== null && !restarted) return 'none';
  if ((after.meta.evictions ?? 0) < (before.meta.evictions ?? 0)) return 'presumed';
  let there = 0;
  let fell = 0;
  for (const entry of after.entries) {
    const was = earlier.get(entryKey(entry));
    if (was === undefined) continue;
    there += 1;
    if (fellBack(was, entry)) fell += 1;
  }
  const lost = before.entries.length - there + fell;
  return fell > 0 && lost > before.entries.length / 2 ? 'presumed' : 'none';
}

/** Whether a line would have been shown at the first look. Of others' lines a role sees all or none; its own always. */
function seenBefore(before: StatementSnapshot, after: StatementSnapshot): (entry: SnapshotEntry) => boolean {
  // Where lines are hidden at the second look too, all that are shown are the role's own.
  if (before.meta.hidden.entries === 0 || after.meta.hidden.entries > 0) return () => true;
  const own = new Set(before.entries.map(({ userId }) => userId));
  return ({ userId }) => own.has(userId);
}

/** Null where the numbers before are not known. */
function statusOf(
  entry: SnapshotEntry,
  then: SnapshotEntry | null,
  before: StatementSnapshot,
  { isReset, isSeen }: { readonly isReset: boolean; readonly isSeen: boolean },
): DeltaStatus | null {
  if (isReset) return then === null ? 'new' : 'restarted';
  const since = counterOf(entry, 'statsSince');
  if (then !== null) {
    const wasSince = counterOf(then, 'statsSince');
    return fellBack(then, entry) || since > wasSince ? 'restarted' : 'difference';
  }
  if (since >= before.meta.takenAtMs) return 'new';
  if (!isSeen) return null;
  if (before.meta.rest.entries === 0) return 'new';
  return before.meta.rest.cutoffMs <= mostUnknownShare * counterOf(entry, 'totalMs') ? 'nearly' : null;
}

/** Nothing happened to it: most statements, most of the time. */
function isIdle(before: SnapshotEntry, after: SnapshotEntry): boolean {
  return idleWhenSame.every((at) => before.values[at] === after.values[at] || Number.isNaN(after.values[at]));
}

const idleWhenSame = [counterAt.calls, counterAt.plans, counterAt.totalMs, counterAt.statsSince];

/** Whether a counter that only grows has fallen: the entry began anew. Sums of times may differ by rounding. */
function fellBack(before: SnapshotEntry, after: SnapshotEntry): boolean {
  for (const at of summedPlaces) {
    const was = before.values[at] ?? Number.NaN;
    const is = after.values[at] ?? Number.NaN;
    if (is < was && was - is > 1e-9 * was) return true;
  }
  return false;
}

/** What one line did, from its numbers at two looks. */
export function entryDelta(entry: SnapshotEntry, before: SnapshotEntry | null, status: DeltaStatus): EntryDelta {
  const base = status === 'difference' ? before : null;
  const values = new Float64Array(counterNames.length).fill(Number.NaN);
  for (const at of summedPlaces) {
    const now = entry.values[at] ?? Number.NaN;
    // A counter that a newer version of the extension brought has no number before.
    values[at] = base === null ? now : Math.max(0, now - (base.values[at] ?? Number.NaN));
  }
  const execution = momentsBetween(base, entry, 'calls', 'totalMs', 'stddevMs');
  return {
    entry,
    before,
    status,
    values,
    execution,
    planning: momentsBetween(base, entry, 'plans', 'planMs', 'stddevPlanMs'),
    ...extremesBetween(base, entry, execution.count),
  };
}

function momentsBetween(
  before: SnapshotEntry | null,
  after: SnapshotEntry,
  count: CounterName,
  total: CounterName,
  deviation: CounterName,
): Moments {
  const whole = (entry: SnapshotEntry): Moments => ({
    count: counterOf(entry, count),
    total: counterOf(entry, total),
    squares: counterOf(entry, deviation) ** 2 * counterOf(entry, count),
  });
  return before === null ? whole(after) : momentsWithout(whole(after), whole(before));
}

/**
 * The moments of what came after a first part. The server keeps the population's deviation, so its squares are
 * `deviation² × count`; those of a whole are those of its parts plus what the distance of their means adds:
 * `S = S₁ + S₂ + (m₁ - m₂)² × n₁n₂ / n` (Chan, Golub, LeVeque 1979), solved for the second part. Pure.
 */
export function momentsWithout(whole: Moments, first: Moments): Moments {
  const count = whole.count - first.count;
  const total = Math.max(0, whole.total - first.total);
  if (!(count > 0)) return { count: 0, total: 0, squares: 0 };
  if (first.count === 0) return whole;
  const between = (first.total / first.count - total / count) ** 2 * ((first.count * count) / whole.count);
  const squares = whole.squares - first.squares - between;
  // One call has no spread; and what is left of two almost equal sums is rounding.
  if (count === 1) return { count, total, squares: 0 };
  return { count, total, squares: squares > squarePrecision * whole.squares ? squares : Number.NaN };
}

/** Both parts as one. Pure. */
export function momentsTogether(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const between = (a.total / a.count - b.total / b.count) ** 2 * ((a.count * b.count) / count);
  return { count, total: a.total + b.total, squares: a.squares + b.squares + between };
}

export function meanOf({ count, total }: Moments): number | null {
  return count > 0 ? total / count : null;
}

/** Standard deviation of the population, as the server keeps it; null where it is not known. */
export function deviationOf({ count, squares }: Moments): number | null {
  return count > 0 && !Number.isNaN(squares) ? Math.sqrt(Math.max(0, squares) / count) : null;
}

/** Extremes do not subtract: the one of the window is only known where it moved, or where nothing was before. */
function extremesBetween(
  before: SnapshotEntry | null,
  after: SnapshotEntry,
  calls: number,
): { readonly min: Extreme; readonly max: Extreme } {
  const [min, max] = [counterOf(after, 'minMs'), counterOf(after, 'maxMs')];
  if (!(calls > 0)) return { min: { value: Infinity, exact: true }, max: { value: -Infinity, exact: true } };
  const since = counterOf(before ?? after, before === null ? 'statsSince' : 'minMaxSince');
  // Extremes were reset by themselves: they miss what was before that.
  if (counterOf(after, 'minMaxSince') > since) {
    return { min: { value: 0, exact: false }, max: { value: Infinity, exact: false } };
  }
  if (before === null || counterOf(before, 'calls') === 0) {
    return { min: { value: min, exact: true }, max: { value: max, exact: true } };
  }
  return {
    min: { value: min, exact: min < counterOf(before, 'minMs') },
    max: { value: max, exact: max > counterOf(before, 'maxMs') },
  };
}

/** The extreme of several: known where a known one beats the limits of all others. */
export function extremeOf(extremes: readonly Extreme[], which: 'min' | 'max'): Extreme {
  const sign = which === 'max' ? 1 : -1;
  let best: Extreme = { value: -sign * Infinity, exact: true };
  for (const extreme of extremes) {
    const over = sign * (extreme.value - best.value);
    if (over > 0 || (over === 0 && extreme.exact)) best = extreme;
  }
  return best;
}

function evictionsBetween(before: StatementSnapshot, after: StatementSnapshot, isReset: boolean): number | null {
  const [then, now] = [before.meta.evictions, after.meta.evictions];
  if (now === null) return null;
  return isReset || then === null || now < then ? now : now - then;
}

function hiddenBetween(
  before: StatementSnapshot,
  after: StatementSnapshot,
  isReset: boolean,
): StatementDeltas['hidden'] {
  const [then, now] = [before.meta.hidden, after.meta.hidden];
  const grew = now.totalMs - (isReset ? 0 : then.totalMs);
  return { entries: now.entries, totalMs: grew >= 0 && (isReset || now.calls >= then.calls) ? grew : null };
}
