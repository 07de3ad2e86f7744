import type { LogStatement } from '#contract/logs.ts';

import { DurationHistogram } from './duration-histogram.ts';
import { StatementSamples } from './log-samples.ts';
import { Tally } from './tally.ts';

/** Durations of a statement from one source: the log's own, or those of auto_explain. */
class Durations {
  calls = 0;
  totalMs = 0;
  maxMs = -1;
  maxAt: number | null = null;
  readonly histogram = new DurationHistogram();

  add(ms: number, at: number | null, timeMs: number): void {
    this.calls += 1;
    this.totalMs += timeMs;
    this.histogram.add(ms);
    if (ms > this.maxMs) {
      this.maxMs = ms;
      this.maxAt = at;
    }
  }
}

const mostNames = 8;

/** Everything that is counted of one statement. */
export class StatementGroup {
  readonly fingerprint: string;
  readonly sql: string;
  readonly logged = new Durations();
  planned: Durations | null = null;
  parseMs = 0;
  bindMs = 0;
  firstAt: number | null = null;
  lastAt: number | null = null;
  tempFiles = 0;
  tempBytes = 0;
  tempMaxBytes = 0;
  tempLastAt: number | null = null;
  errors = 0;
  lockWaits = 0;
  readonly users = new Tally(20);
  readonly databases = new Tally(20);
  readonly applications = new Tally(20);
  readonly samples = new StatementSamples();

  constructor(fingerprint: string, sql: string) {
    this.fingerprint = fingerprint;
    this.sql = sql;
  }

  seen(who: {
    readonly user: string | null;
    readonly database: string | null;
    readonly application: string | null;
    readonly atMs: number | null;
  }): void {
    this.users.add(who.user);
    this.databases.add(who.database);
    this.applications.add(who.application);
    if (who.atMs === null) return;
    if (this.firstAt === null || who.atMs < this.firstAt) this.firstAt = who.atMs;
    if (this.lastAt === null || who.atMs > this.lastAt) this.lastAt = who.atMs;
  }

  addPlanned(ms: number, at: number | null): void {
    this.planned ??= new Durations();
    this.planned.add(ms, at, ms);
  }

  /** Where the log has durations of its own, those; else those of auto_explain: both would count a run twice. */
  get durations(): Durations {
    return !this.isLogged && this.planned !== null ? this.planned : this.logged;
  }

  /** Whether the log tells durations of its own. */
  get isLogged(): boolean {
    return this.logged.calls > 0 || this.logged.totalMs > 0;
  }

  get isTimed(): boolean {
    const { calls, totalMs } = this.durations;
    return calls > 0 || totalMs > 0;
  }

  /** What it is worth to be kept for when there are too many. */
  get weight(): number {
    return this.durations.totalMs + this.tempBytes / 1e6 + this.errors + this.lockWaits * 100;
  }

  finish(): LogStatement {
    const { durations } = this;
    const [medianMs = null, p95Ms = null, p99Ms = null] = durations.histogram.quantiles([0.5, 0.95, 0.99]);
    const { calls, totalMs, maxMs } = durations;
    // A bucket's middle may lie above what was really the longest.
    const atMost = (ms: number | null) => (ms === null ? null : round(Math.min(ms, maxMs)));
    return {
      fingerprint: this.fingerprint,
      sql: this.sql,
      calls,
      totalMs: round(totalMs),
      meanMs: calls === 0 ? null : round(totalMs / calls),
      medianMs: atMost(medianMs),
      p95Ms: atMost(p95Ms),
      p99Ms: atMost(p99Ms),
      maxMs: calls === 0 ? null : round(maxMs),
      maxAt: durations.maxAt,
      parseMs: round(this.parseMs),
      bindMs: round(this.bindMs),
      firstAt: this.firstAt,
      lastAt: this.lastAt,
      users: this.users.names(mostNames),
      databases: this.databases.names(mostNames),
      applications: this.applications.names(mostNames),
      plans: this.planned?.calls ?? 0,
      fromPlans: durations === this.planned,
      tempFiles: this.tempFiles,
      tempBytes: this.tempBytes,
      errors: this.errors,
      lockWaits: this.lockWaits,
    };
  }
}

/** To the nanosecond: sums of floats have digits that nobody measured. */
function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
