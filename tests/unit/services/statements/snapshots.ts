import {
  counterAt,
  counterNames,
  type CounterName,
  type SnapshotEntry,
  type SnapshotMeta,
  type StatementSnapshot,
} from '../../../../electron/services/statements/statement-snapshot.ts';

/** An entry of the newest version, all noughts but for what is given. */
export function entryOf(
  name: Partial<Omit<SnapshotEntry, 'values'>>,
  counters: Partial<Record<CounterName, number>> = {},
): SnapshotEntry {
  const values = new Float64Array(counterNames.length);
  for (const [counter, value] of Object.entries(counters)) values[counterAt[counter as CounterName]] = value;
  return { userId: 10, databaseId: 5, nested: false, queryId: '1', ...name, values };
}

export function snapshotOf(
  entries: readonly SnapshotEntry[],
  takenAtMs: number,
  meta: Partial<SnapshotMeta> = {},
): StatementSnapshot {
  return {
    entries,
    meta: {
      takenAtMs,
      serverStartedMs: 1_700_000_000_000,
      statsResetMs: 1_700_000_100_000,
      evictions: 0,
      versionNum: 180_000,
      extensionVersion: 112,
      maxStatements: 5000,
      tracksPlanning: true,
      timesIo: true,
      tracksNested: false,
      blockBytes: 8192,
      databaseId: 5,
      rest: { entries: 0, calls: 0, totalMs: 0, cutoffMs: 0 },
      hidden: { entries: 0, calls: 0, totalMs: 0 },
      users: { 10: 'postgres' },
      databases: { 5: 'postgres' },
      ...meta,
    },
  };
}

/** The server's own way of counting one statement: Welford's mean and sum of squares, as in pgss_store. */
export class CountedStatement {
  readonly #counters: Record<string, number> = {
    calls: 0,
    totalMs: 0,
    minMs: 0,
    maxMs: 0,
    rows: 0,
    sharedHit: 0,
    walBytes: 0,
    statsSince: 0,
    minMaxSince: 0,
  };
  #mean = 0;
  #squares = 0;

  constructor(sinceMs = 0) {
    this.#counters['statsSince'] = sinceMs;
    this.#counters['minMaxSince'] = sinceMs;
  }

  run(ms: number, rows = 1): void {
    const counters = this.#counters;
    const calls = (counters['calls'] ?? 0) + 1;
    counters['calls'] = calls;
    counters['totalMs'] = (counters['totalMs'] ?? 0) + ms;
    counters['rows'] = (counters['rows'] ?? 0) + rows;
    counters['sharedHit'] = (counters['sharedHit'] ?? 0) + 3;
    counters['minMs'] = calls === 1 ? ms : Math.min(counters['minMs'] ?? 0, ms);
    counters['maxMs'] = calls === 1 ? ms : Math.max(counters['maxMs'] ?? 0, ms);
    const old = this.#mean;
    this.#mean += (ms - old) / calls;
    this.#squares += (ms - old) * (ms - this.#mean);
  }

  look(name: Partial<Omit<SnapshotEntry, 'values'>> = {}): SnapshotEntry {
    const calls = this.#counters['calls'] ?? 0;
    return entryOf(name, { ...this.#counters, stddevMs: calls === 0 ? 0 : Math.sqrt(this.#squares / calls) });
  }
}
