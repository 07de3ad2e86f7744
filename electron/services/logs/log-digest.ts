import type { LogPlan, LogReport, LogSample, LogStatement } from '#contract/logs.ts';

import { type LogEntry, type LogEvent, understand } from '../../plan-core/log/index.ts';
import type { NormalisedStatement } from '../../postgres/sql-parser/index.ts';
import { LogConnections } from './log-connections.ts';
import { LogDurations } from './log-durations.ts';
import { LogLocks } from './log-locks.ts';
import { LogMaintenance } from './log-maintenance.ts';
import { LogPlans } from './log-plans.ts';
import { LogProblems } from './log-problems.ts';
import { LogTempFiles } from './log-temp-files.ts';
import { own } from './own-text.ts';
import { StatementGroups } from './statement-groups.ts';
import { StatementStarts } from './statement-starts.ts';
import { Timeline } from './timeline.ts';

/** What an import consists of, without what the files and the import itself are called. */
export type DigestReport = Omit<
  LogReport,
  | 'id'
  | 'name'
  | 'connectionId'
  | 'importedAt'
  | 'kept'
  | 'filesLeftOut'
  | 'formats'
  | 'files'
  | 'bytes'
  | 'lines'
  | 'unreadableLines'
  | 'unreadable'
  | 'advice'
>;

export interface DigestStatement {
  readonly statement: LogStatement;
  readonly samples: LogSample[];
}

export interface LogDigestResult {
  readonly report: DigestReport;
  readonly statements: DigestStatement[];
  readonly plans: { readonly plan: LogPlan; readonly source: string }[];
  readonly hints: LogHints;
}

/** What tells whether something is not logged, beside the numbers. */
export interface LogHints {
  readonly extended: number;
  readonly withParameters: number;
  readonly withPid: number;
  readonly withUser: number;
  readonly withTime: number;
  readonly logged: number;
}

/**
 * Counts what a log tells, entry by entry, in bounded memory: sums and counts are exact; statements beyond the 20,000 that
 * matter most are only part of the sums. Each kind of event has a part that counts it.
 */
export class LogDigest {
  readonly #groups: StatementGroups;
  readonly #starts: StatementStarts;
  readonly #timeline = new Timeline();
  readonly #durations: LogDurations;
  readonly #plans: LogPlans;
  readonly #tempFiles: LogTempFiles;
  readonly #locks: LogLocks;
  readonly #problems: LogProblems;
  readonly #maintenance: LogMaintenance;
  readonly #connections: LogConnections;
  readonly #severities = new Map<string, number>();
  readonly #hints = { withPid: 0, withUser: 0, withTime: 0 };
  #messages = 0;
  #foreign = 0;
  #firstAt: number | null = null;
  #lastAt: number | null = null;
  #zone: string | null = null;
  #version: string | null = null;
  #before: LogEntry | null = null;

  constructor(normalise: (sql: string) => NormalisedStatement) {
    this.#groups = new StatementGroups(normalise);
    this.#starts = new StatementStarts(normalise);
    this.#durations = new LogDurations(this.#groups, this.#timeline);
    this.#plans = new LogPlans(this.#groups, this.#timeline);
    this.#tempFiles = new LogTempFiles(this.#groups, this.#timeline);
    this.#locks = new LogLocks(this.#groups, this.#timeline);
    this.#problems = new LogProblems(this.#groups, this.#timeline);
    this.#maintenance = new LogMaintenance(this.#timeline);
    this.#connections = new LogConnections(this.#timeline);
  }

  get messages(): number {
    return this.#messages;
  }

  /** Counts one message. */
  take(entry: LogEntry): void {
    this.#messages += 1;
    this.#severities.set(entry.severity, (this.#severities.get(entry.severity) ?? 0) + 1);
    if (entry.foreign) this.#foreign += 1;
    const { atMs } = entry;
    if (atMs !== null) {
      this.#hints.withTime += 1;
      if (this.#firstAt === null || atMs < this.#firstAt) this.#firstAt = atMs;
      if (this.#lastAt === null || atMs > this.#lastAt) this.#lastAt = atMs;
      if (this.#zone === null && entry.zone !== null) this.#zone = own(entry.zone);
    }
    if (entry.pid !== null) this.#hints.withPid += 1;
    if (entry.user !== null) this.#hints.withUser += 1;
    this.#count(entry, understand(entry));
    this.#before = entry;
  }

  #count(entry: LogEntry, event: LogEvent): void {
    switch (event.kind) {
      case 'duration':
        return this.#durations.add(entry, { ...event, text: this.#starts.statementIn(event) }, this.#before);
      case 'logged':
        return this.#durations.addLogged(entry, this.#starts.statementIn(event));
      case 'plan':
        return this.#plans.add(entry, event);
      case 'temp-file':
        return this.#tempFiles.add(entry, event.sizeBytes);
      case 'lock-wait':
        return this.#locks.addWait(entry, event);
      case 'vacuum':
      case 'analyze':
        return this.#maintenance.addVacuum(entry, event);
      case 'checkpoint-start':
        return this.#maintenance.startCheckpoint(event.reason);
      case 'checkpoint':
        return this.#maintenance.addCheckpoint(entry, event);
      case 'checkpoints-frequent':
        this.#maintenance.checkpoints.tooFrequent += 1;
        return;
      case 'connection':
        if (event.what === 'ended' && entry.pid !== null) {
          this.#durations.endSession(entry.pid);
          this.#locks.failWait(entry.pid);
        }
        return this.#connections.add(entry, event);
      case 'version':
        this.#version = own(event.version);
        return;
      case 'problem':
        this.#problems.add(entry, event.severity);
        if (event.severity === 'WARNING') return;
        this.#locks.addError(entry);
        if (entry.pid !== null) this.#locks.failWait(entry.pid);
        return this.#durations.addError(entry.pid);
      case 'foreign':
        if (!entry.foreign) this.#foreign += 1;
        return;
      case 'other':
        return;
    }
  }

  /** Everything that was counted. Nothing may be taken afterwards. */
  finish(): LogDigestResult {
    this.#durations.finish();
    const { listed, leftOut, totals } = this.#groups.finish();
    const plans = this.#plans.finish();
    const { bare } = this.#durations;
    const onlyPlans = bare.count === 0 && this.#groups.all.every(({ isLogged }) => !isLogged);
    return {
      hints: { ...this.#hints, ...this.#durations.hints },
      statements: listed.map((group) => ({ statement: group.finish(), samples: group.samples.all })),
      plans,
      report: {
        messages: this.#messages,
        firstAt: this.#firstAt,
        lastAt: this.#lastAt,
        zone: this.#zone,
        serverVersion: this.#version,
        ...totals,
        errors: this.#problems.errorCount,
        plans: this.#plans.count,
        lockWaits: this.#locks.waitCount,
        deadlocks: this.#locks.deadlockCount,
        tempFiles: this.#tempFiles.files,
        tempBytes: this.#tempFiles.bytes,
        foreignMessages: this.#foreign,
        bareDurations: bare,
        leftOut,
        severities: Object.fromEntries(this.#severities),
        timeline: this.#timeline.finish(onlyPlans),
        errorGroups: this.#problems.finish(),
        locks: this.#locks.finish(),
        deadlockDetails: this.#locks.deadlocks,
        temp: this.#tempFiles.finish(),
        vacuums: this.#maintenance.vacuums(),
        checkpoints: this.#maintenance.checkpoints,
        connections: this.#connections.finish(),
        planList: plans.map(({ plan }) => plan),
      },
    };
  }
}
