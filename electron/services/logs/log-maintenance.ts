import type { LogCheckpoint, LogReport, LogVacuum } from '#contract/logs.ts';

import type { LogEntry, LogEvent } from '../../plan-core/log/index.ts';
import { own } from './own-text.ts';
import type { Timeline } from './timeline.ts';

const mostTables = 2000;
const mostCheckpoints = 500;

/** What the server does by itself: autovacuum by table, and checkpoints. */
export class LogMaintenance {
  readonly checkpoints: LogReport['checkpoints'] = {
    count: 0,
    requested: 0,
    tooFrequent: 0,
    totalBuffers: 0,
    totalMs: 0,
    maxMs: 0,
    last: [],
  };
  readonly #timeline: Timeline;
  readonly #tables = new Map<string, LogVacuum>();
  /** Of the checkpoint that has begun. */
  #checkpointReason: string | null = null;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** A VACUUM or ANALYZE of autovacuum. */
  addVacuum(entry: LogEntry, event: Extract<LogEvent, { kind: 'vacuum' | 'analyze' }>): void {
    let table = this.#tables.get(event.table);
    if (table === undefined) {
      if (this.#tables.size >= mostTables) return;
      const name = own(event.table);
      table = {
        table: name,
        vacuums: 0,
        analyzes: 0,
        aggressive: 0,
        toPreventWraparound: 0,
        totalMs: 0,
        maxMs: 0,
        tuplesRemoved: 0,
        tuplesDead: null,
        walBytes: 0,
        lastAt: null,
      };
      this.#tables.set(name, table);
    }
    table.totalMs += event.elapsedMs ?? 0;
    table.maxMs = Math.max(table.maxMs, event.elapsedMs ?? 0);
    table.lastAt = entry.atMs;
    if (event.kind === 'analyze') {
      table.analyzes += 1;
      return;
    }
    table.vacuums += 1;
    if (event.aggressive) table.aggressive += 1;
    if (event.toPreventWraparound) table.toPreventWraparound += 1;
    table.tuplesRemoved += event.tuplesRemoved ?? 0;
    table.tuplesDead = event.tuplesDead ?? table.tuplesDead;
    table.walBytes += event.walBytes ?? 0;
  }

  /** A checkpoint begins. */
  startCheckpoint(reason: string): void {
    this.#checkpointReason = own(reason);
  }

  /** A checkpoint is complete. */
  addCheckpoint(entry: LogEntry, event: Extract<LogEvent, { kind: 'checkpoint' }>): void {
    const { kind: _, walAdded: _a, walRemoved: _r, walRecycled: _c, ...numbers } = event;
    const counts = this.checkpoints;
    const reason = this.#checkpointReason;
    this.#checkpointReason = null;
    counts.count += 1;
    // `time` is the schedule; WAL that filled up, and everything else, asked for it before.
    if (reason !== null && !/\btime\b/.test(reason)) counts.requested += 1;
    counts.totalBuffers += event.buffers;
    counts.totalMs += event.totalMs;
    counts.maxMs = Math.max(counts.maxMs, event.totalMs);
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).checkpoints += 1;
    const checkpoint: LogCheckpoint = { at: entry.atMs, reason, ...numbers };
    counts.last.push(checkpoint);
    if (counts.last.length > mostCheckpoints) counts.last.shift();
  }

  /** The tables that vacuum took longest for, first. */
  vacuums(): LogVacuum[] {
    return [...this.#tables.values()].toSorted((a, b) => b.totalMs - a.totalMs);
  }
}
