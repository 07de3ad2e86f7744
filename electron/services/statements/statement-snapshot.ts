/**
 * What is kept of each statement, in the units of pg_stat_statements: calls, rows and blocks as counts, times in
 * milliseconds. The mean is not kept: it is the total divided by the calls.
 */
export const counterNames = [
  'calls',
  'totalMs',
  'minMs',
  'maxMs',
  'stddevMs',
  'rows',
  'plans',
  'planMs',
  'minPlanMs',
  'maxPlanMs',
  'stddevPlanMs',
  'sharedHit',
  'sharedRead',
  'sharedDirtied',
  'sharedWritten',
  'localHit',
  'localRead',
  'localDirtied',
  'localWritten',
  'tempRead',
  'tempWritten',
  /** Shared and local blocks together: before 1.11 of the extension they are counted so. */
  'readMs',
  'writeMs',
  'tempReadMs',
  'tempWriteMs',
  'walRecords',
  'walFpi',
  'walBytes',
  'walBuffersFull',
  'jitFunctions',
  'jitGenerationMs',
  'jitInlinings',
  'jitInliningMs',
  'jitOptimizations',
  'jitOptimizationMs',
  'jitEmissions',
  'jitEmissionMs',
  'jitDeforms',
  'jitDeformMs',
  'parallelPlanned',
  'parallelLaunched',
  /** Milliseconds since 1970. */
  'statsSince',
  'minMaxSince',
] as const;
export type CounterName = (typeof counterNames)[number];

/** Place of each counter in the numbers of an entry. */
export const counterAt = Object.fromEntries(counterNames.map((name, at) => [name, at])) as Readonly<
  Record<CounterName, number>
>;

const gauges: ReadonlySet<CounterName> = new Set<CounterName>([
  'minMs',
  'maxMs',
  'stddevMs',
  'minPlanMs',
  'maxPlanMs',
  'stddevPlanMs',
  'statsSince',
  'minMaxSince',
]);

/** Counters that only grow, so that the difference of two looks is what happened in between. */
export const summedCounters: readonly CounterName[] = counterNames.filter((name) => !gauges.has(name));

/** Their places, for the loops over all of them. */
export const summedPlaces: readonly number[] = summedCounters.map((name) => counterAt[name]);

/** One line of pg_stat_statements: a statement of a user in a database. */
export interface SnapshotEntry {
  readonly userId: number;
  readonly databaseId: number;
  /** Run inside a function, whose own call has the time as well. Null before 1.9 of the extension, which does not tell. */
  readonly nested: boolean | null;
  readonly queryId: string;
  /** By the place of the counter; NaN where the version does not count it. */
  readonly values: Float64Array;
}

/** What a look at the server says beside the statements themselves. Instants are of the server's own clock. */
export interface SnapshotMeta {
  readonly takenAtMs: number;
  readonly serverStartedMs: number;
  /** When all statistics were reset last. Null before 1.9 of the extension. */
  readonly statsResetMs: number | null;
  /** How often the rarest statements were thrown away. Null before 1.9 of the extension. */
  readonly evictions: number | null;
  readonly versionNum: number;
  /** Of the extension, as 110 for 1.10. */
  readonly extensionVersion: number;
  readonly maxStatements: number;
  readonly tracksPlanning: boolean;
  readonly timesIo: boolean;
  readonly tracksNested: boolean;
  readonly blockBytes: number;
  readonly databaseId: number;
  /** Statements beyond the ones that are kept; `cutoffMs` is the total time of the least that was kept. */
  readonly rest: {
    readonly entries: number;
    readonly calls: number;
    readonly totalMs: number;
    readonly cutoffMs: number;
  };
  /** Statements of other users whose texts and ids this user may not see. */
  readonly hidden: { readonly entries: number; readonly calls: number; readonly totalMs: number };
  readonly users: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<string, string>>;
}

export interface StatementSnapshot {
  readonly meta: SnapshotMeta;
  readonly entries: readonly SnapshotEntry[];
}

/** At most this many statements are kept of each look, those with most time first. */
export const maxEntries = 5000;

/** Names a line of pg_stat_statements. */
export function entryKey({ userId, databaseId, nested, queryId }: Omit<SnapshotEntry, 'values'>): string {
  return `${userId}/${databaseId}/${nested === true ? 'n' : 't'}/${queryId}`;
}

/**
 * Lines of the same statement as one: before 1.9 the extension has one for the statement itself and another for the same
 * within functions, and does not tell them apart. Pure.
 */
export function withoutNesting(entries: readonly SnapshotEntry[]): readonly SnapshotEntry[] {
  const together = new Map<string, SnapshotEntry>();
  for (const entry of entries) {
    const one: SnapshotEntry = { ...entry, nested: null };
    const key = entryKey(one);
    const other = together.get(key);
    together.set(key, other === undefined ? one : { ...one, values: valuesTogether(other.values, one.values) });
  }
  return [...together.values()];
}

function valuesTogether(left: Float64Array, right: Float64Array): Float64Array {
  const values = left.map((value, at) => value + (right[at] ?? Number.NaN));
  const take = (name: CounterName, choose: (a: number, b: number) => number): void => {
    values[counterAt[name]] = choose(left[counterAt[name]] ?? Number.NaN, right[counterAt[name]] ?? Number.NaN);
  };
  for (const name of ['minMs', 'minPlanMs', 'statsSince'] as const) take(name, Math.min);
  for (const name of ['maxMs', 'maxPlanMs', 'minMaxSince'] as const) take(name, Math.max);
  values[counterAt.stddevMs] = deviationTogether(left, right, 'calls', 'totalMs', 'stddevMs');
  values[counterAt.stddevPlanMs] = deviationTogether(left, right, 'plans', 'planMs', 'stddevPlanMs');
  return values;
}

/** The deviation of both parts together: their squares, and what the distance of their means adds. */
function deviationTogether(
  left: Float64Array,
  right: Float64Array,
  count: CounterName,
  total: CounterName,
  deviation: CounterName,
): number {
  const part = (values: Float64Array) => ({
    count: values[counterAt[count]] ?? 0,
    total: values[counterAt[total]] ?? 0,
    deviation: values[counterAt[deviation]] ?? 0,
  });
  const [one, other] = [part(left), part(right)];
  const all = one.count + other.count;
  if (one.count === 0 || other.count === 0) return one.count === 0 ? other.deviation : one.deviation;
  const between = (one.total / one.count - other.total / other.count) ** 2 * ((one.count * other.count) / all);
  return Math.sqrt((one.deviation ** 2 * one.count + other.deviation ** 2 * other.count + between) / all);
}

/** A counter of an entry; NaN where it is not counted. */
export function counterOf(entry: SnapshotEntry, name: CounterName): number {
  return entry.values[counterAt[name]] ?? Number.NaN;
}

/** Whether statistics were ever reset by a call: a server that never did answers with the year 2000. */
export function knownReset(statsResetMs: number | null): number | null {
  return statsResetMs === null || statsResetMs < 1_000_000_000_000 ? null : statsResetMs;
}
