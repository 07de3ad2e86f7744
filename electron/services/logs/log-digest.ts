import type {
  LogCheckpoint,
  LogLockWait,
  LogPlan,
  LogReport,
  LogSample,
  LogStatement,
  LogTempFile,
  LogVacuum,
} from '#contract/logs.ts';

import type { LogEntry, LogEvent, ReadParameters } from '../../plan-core/log/index.ts';
import { readParameters, understand } from '../../plan-core/log/index.ts';
import type { NormalisedStatement } from '../../postgres/sql-parser/index.ts';
import { LogPlans } from './log-plans.ts';
import { LogProblems } from './log-problems.ts';
import { SampleBudget, boundedSample } from './log-samples.ts';
import { own, ownOrNull } from './own-text.ts';
import { redactParameters, redactStatement } from './redact-parameters.ts';
import { StatementGroup } from './statement-group.ts';
import { statementId, statementKey } from './statement-key.ts';
import { Tally } from './tally.ts';
import { Timeline } from './timeline.ts';

export const mostStatements = 5000;
const mostGroups = 20_000;
const mostSessions = 20_000;
const mostKeys = 60_000;
const mostWaits = 1000;
const mostTables = 2000;
const mostCheckpoints = 500;
const mostDeadlocks = 200;
const mostListedText = 20_000;

/** What an import consists of, without what the files and the import itself are called. */
export type DigestReport = Omit<
  LogReport,
  | 'id'
  | 'name'
  | 'connectionId'
  | 'importedAt'
  | 'kept'
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

interface Session {
  text: string;
  parseMs: number;
  bindMs: number;
  /** Logged before it ran, without a duration so far. */
  logged: LogEntry | null;
  loggedText: string;
}

/**
 * Counts what a log tells, entry by entry, in bounded memory: sums and counts are exact; statements beyond the 20,000 that
 * matter most are only part of the sums.
 */
export class LogDigest {
  readonly #normalise: (sql: string) => NormalisedStatement;
  readonly #groups = new Map<string, StatementGroup>();
  readonly #keys = new Map<string, string>();
  readonly #sessions = new Map<number, Session>();
  readonly #budget: SampleBudget;
  readonly #random = randomNumbers();
  readonly #problems = new LogProblems();
  readonly #plans = new LogPlans();
  readonly #timeline = new Timeline();
  readonly #severities = new Map<string, number>();
  readonly #leftOut = { statements: 0, calls: 0, totalMs: 0 };
  readonly #bare = { count: 0, totalMs: 0 };
  readonly #openWaits = new Map<string, Writable<LogLockWait>>();
  #waits: Writable<LogLockWait>[] = [];
  readonly #vacuums = new Map<string, Writable<LogVacuum>>();
  readonly #checkpoints = { count: 0, requested: 0, tooFrequent: 0, totalBuffers: 0, totalMs: 0, maxMs: 0 };
  readonly #lastCheckpoints: LogCheckpoint[] = [];
  #checkpointReason: string | null = null;
  readonly #connections = { received: 0, authorized: 0, ended: 0, sessionMs: 0, timed: 0 };
  readonly #connectionsBy = new Tally(400);
  readonly #deadlocks: LogReport['deadlockDetails'] = [];
  readonly #hints = { extended: 0, withParameters: 0, withPid: 0, withUser: 0, withTime: 0, logged: 0 };
  #temp = { files: 0, bytes: 0 };
  #tempWithout: Writable<LogTempFile> | null = null;
  #messages = 0;
  #errors = 0;
  #plansSeen = 0;
  #lockWaits = 0;
  #deadlockCount = 0;
  #foreign = 0;
  #firstAt: number | null = null;
  #lastAt: number | null = null;
  #zone: string | null = null;
  #version: string | null = null;
  #before: LogEntry | null = null;

  constructor(normalise: (sql: string) => NormalisedStatement, budget = new SampleBudget()) {
    this.#normalise = normalise;
    this.#budget = budget;
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
    const event = understand(entry);
    this.#count(entry, event);
    this.#before = entry;
  }

  #count(entry: LogEntry, event: LogEvent): void {
    switch (event.kind) {
      case 'duration':
        return this.#duration(entry, event);
      case 'logged':
        return this.#logged(entry, event.text);
      case 'plan':
        return this.#plan(entry, event);
      case 'temp-file':
        return this.#tempFile(entry, event.sizeBytes);
      case 'lock-wait':
        return this.#lockWait(entry, event);
      case 'vacuum':
      case 'analyze':
        return this.#vacuum(entry, event);
      case 'checkpoint-start':
        this.#checkpointReason = own(event.reason);
        return;
      case 'checkpoint':
        return this.#checkpoint(entry, event);
      case 'checkpoints-frequent':
        this.#checkpoints.tooFrequent += 1;
        return;
      case 'connection':
        return this.#connection(entry, event);
      case 'version':
        this.#version = own(event.version);
        return;
      case 'problem':
        return this.#problem(entry, event.severity);
      case 'foreign':
        if (!entry.foreign) this.#foreign += 1;
        return;
      case 'other':
        return;
    }
  }

  #duration(entry: LogEntry, event: Extract<LogEvent, { kind: 'duration' }>): void {
    const { phase, ms } = event;
    const session = this.#session(entry.pid);
    if (phase === 'bare') {
      const owner = entry.pid === null && this.#before?.line !== session.logged?.line ? null : session.logged;
      const text = session.loggedText;
      session.logged = null;
      session.loggedText = '';
      if (owner === null) {
        this.#bare.count += 1;
        this.#bare.totalMs += ms;
        if (entry.atMs !== null) this.#timeline.at(entry.atMs).durationMs += ms;
        return;
      }
      this.#run({ ...owner, atMs: entry.atMs }, text, ms);
      return;
    }
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).durationMs += ms;
    if (phase === 'parse' || phase === 'bind') {
      this.#hints.extended += 1;
      if (session.text !== event.text) this.#flush(session);
      // Not the slice of the file that it was found in: that would stay in memory for as long as the session.
      if (session.text !== event.text) session.text = own(event.text);
      if (phase === 'parse') session.parseMs += ms;
      else session.bindMs += ms;
      return;
    }
    if (phase === 'execute' || phase === 'fetch') {
      this.#hints.extended += 1;
      if (entry.detail !== null) this.#hints.withParameters += 1;
    }
    let partsMs = 0;
    if (session.text !== '') {
      if (session.text === event.text && phase === 'execute') {
        const group = this.#groupOf(event.text);
        group.parseMs += session.parseMs;
        group.bindMs += session.bindMs;
        partsMs = session.parseMs + session.bindMs;
        clear(session);
      } else this.#flush(session);
    }
    session.logged = null;
    if (phase === 'fetch') {
      const group = this.#groupOf(event.text);
      group.logged.totalMs += ms;
      group.seen(entry);
      return;
    }
    this.#run(entry, event.text, ms + partsMs, false);
  }

  /** One execution of a statement that took so long. */
  #run(entry: LogEntry, text: string, ms: number, addTime = true): void {
    const prepared = preparedText(entry.detail);
    const group = this.#groupOf(prepared ?? text);
    group.seen(entry);
    group.logged.add(ms, entry.atMs, ms);
    if (entry.atMs !== null) {
      const step = this.#timeline.at(entry.atMs);
      step.calls += 1;
      if (addTime) step.durationMs += ms;
    }
    group.samples.add(ms, this.#random, this.#budget, () =>
      sampleOf(entry, prepared ?? text, ms, prepared === null ? readParameters(entry.detail) : executeValues(text)),
    );
  }

  #logged(entry: LogEntry, text: string): void {
    this.#hints.logged += 1;
    const session = this.#session(entry.pid);
    session.logged = ownEntry(entry);
    session.loggedText = own(text);
  }

  #plan(entry: LogEntry, { ms, body, queryText }: Extract<LogEvent, { kind: 'plan' }>): void {
    this.#plansSeen += 1;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs, true).durationMs += ms;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs, true).calls += 1;
    const prepared = queryText === null ? null : (preparedText(`prepare: ${queryText}`) ?? queryText);
    const group = prepared === null ? null : this.#groupOf(prepared);
    if (group !== null && prepared !== null) {
      group.addPlanned(ms, entry.atMs);
      group.seen(entry);
      if (group.logged.calls === 0)
        group.samples.add(ms, this.#random, this.#budget, () =>
          sampleOf(entry, prepared, ms, readParameters(/(?:^|\n)(?:"?Query Parameters"?: .*)/.exec(body)?.[0] ?? null)),
        );
    }
    this.#plans.add({
      at: entry.atMs,
      durationMs: ms,
      sql: prepared,
      fingerprint: group?.fingerprint ?? null,
      user: entry.user,
      database: entry.database,
      body,
    });
  }

  #tempFile(entry: LogEntry, sizeBytes: number): void {
    this.#temp.files += 1;
    this.#temp.bytes += sizeBytes;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).tempBytes += sizeBytes;
    if (entry.statement === null) {
      const known = (this.#tempWithout ??= {
        fingerprint: null,
        sql: null,
        files: 0,
        totalBytes: 0,
        maxBytes: 0,
        lastAt: null,
      });
      known.files += 1;
      known.totalBytes += sizeBytes;
      known.maxBytes = Math.max(known.maxBytes, sizeBytes);
      known.lastAt = entry.atMs;
      return;
    }
    const group = this.#groupOf(entry.statement);
    group.tempFiles += 1;
    group.tempBytes += sizeBytes;
    group.tempMaxBytes = Math.max(group.tempMaxBytes, sizeBytes);
    group.tempLastAt = entry.atMs;
  }

  #lockWait(entry: LogEntry, event: Extract<LogEvent, { kind: 'lock-wait' }>): void {
    const key = `${event.pid} ${event.mode} ${event.object}`;
    if (event.state === 'avoided') return;
    const known = this.#openWaits.get(key);
    const outcome = event.state;
    if (known !== undefined) {
      known.waitedMs = Math.max(known.waitedMs, event.ms);
      known.outcome = outcome;
      if (outcome !== 'waiting') this.#openWaits.delete(key);
      return;
    }
    this.#lockWaits += 1;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).lockWaits += 1;
    if (entry.statement !== null) this.#groupOf(entry.statement).lockWaits += 1;
    const wait: Writable<LogLockWait> = {
      at: entry.atMs,
      pid: event.pid,
      mode: own(event.mode),
      object: own(event.object.slice(0, 400)),
      waitedMs: event.ms,
      outcome,
      holders: event.holders.slice(0, 50),
      sql: entry.statement === null ? null : own(redactStatement(entry.statement.slice(0, 8000)).slice(0, 4000)),
      context: entry.context === null ? null : own(redactStatement(entry.context.slice(0, 1000))),
      user: ownOrNull(entry.user),
      database: ownOrNull(entry.database),
    };
    this.#waits.push(wait);
    if (this.#waits.length > mostWaits * 4)
      this.#waits = this.#waits.toSorted((a, b) => b.waitedMs - a.waitedMs).slice(0, mostWaits);
    if (outcome !== 'waiting') return;
    this.#openWaits.set(key, wait);
    if (this.#openWaits.size > mostSessions) this.#openWaits.delete(this.#openWaits.keys().next().value ?? '');
  }

  #vacuum(entry: LogEntry, event: Extract<LogEvent, { kind: 'vacuum' | 'analyze' }>): void {
    let table = this.#vacuums.get(event.table);
    if (table === undefined) {
      if (this.#vacuums.size >= mostTables) return;
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
      this.#vacuums.set(name, table);
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

  #checkpoint(entry: LogEntry, event: Extract<LogEvent, { kind: 'checkpoint' }>): void {
    const { kind: _, walAdded: _a, walRemoved: _r, walRecycled: _c, ...numbers } = event;
    const counts = this.#checkpoints;
    const reason = this.#checkpointReason;
    this.#checkpointReason = null;
    counts.count += 1;
    // `time` is the schedule; WAL that filled up, and everything else, asked for it before.
    if (reason !== null && !/\btime\b/.test(reason)) counts.requested += 1;
    counts.totalBuffers += event.buffers;
    counts.totalMs += event.totalMs;
    counts.maxMs = Math.max(counts.maxMs, event.totalMs);
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).checkpoints += 1;
    this.#lastCheckpoints.push({ at: entry.atMs, reason, ...numbers });
    if (this.#lastCheckpoints.length > mostCheckpoints) this.#lastCheckpoints.shift();
  }

  #connection(entry: LogEntry, event: Extract<LogEvent, { kind: 'connection' }>): void {
    const counts = this.#connections;
    if (event.what === 'received') {
      counts.received += 1;
      if (entry.atMs !== null) this.#timeline.at(entry.atMs).connections += 1;
      return;
    }
    if (event.what === 'ended') {
      counts.ended += 1;
      if (entry.pid !== null) this.#endSession(entry.pid);
      if (event.sessionMs !== null) {
        counts.sessionMs += event.sessionMs;
        counts.timed += 1;
      }
      return;
    }
    counts.authorized += 1;
    const named = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(entry.message)?.[1] ?? null;
    this.#connectionsBy.add(
      JSON.stringify([entry.user ?? named('user'), entry.database ?? named('database'), entry.client]),
    );
  }

  #problem(entry: LogEntry, severity: 'WARNING' | 'ERROR' | 'FATAL' | 'PANIC'): void {
    this.#problems.add(entry, severity);
    if (severity === 'WARNING') return;
    this.#errors += 1;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).errors += 1;
    if (entry.statement !== null) this.#groupOf(entry.statement).errors += 1;
    if (entry.sqlstate !== '40P01' && !(entry.sqlstate === null && entry.message === 'deadlock detected')) return;
    this.#deadlockCount += 1;
    if (this.#deadlocks.length < mostDeadlocks)
      this.#deadlocks.push({
        at: entry.atMs,
        detail: own(redactStatement((entry.detail ?? '').slice(0, 8000)).slice(0, 4000)),
        sql: entry.statement === null ? null : own(redactStatement(entry.statement.slice(0, 8000)).slice(0, 4000)),
      });
  }

  #session(pid: number | null): Session {
    const key = pid ?? -1;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = { text: '', parseMs: 0, bindMs: 0, logged: null, loggedText: '' };
      this.#sessions.set(key, session);
      if (this.#sessions.size > mostSessions) this.#endSession(this.#sessions.keys().next().value ?? -1);
    }
    return session;
  }

  #endSession(pid: number): void {
    const session = this.#sessions.get(pid);
    if (session === undefined) return;
    this.#flush(session);
    this.#sessions.delete(pid);
  }

  /** Parse and bind that no execution followed: their time counts, an execution does not. */
  #flush(session: Session): void {
    if (session.text === '') return;
    const group = this.#groupOf(session.text);
    group.parseMs += session.parseMs;
    group.bindMs += session.bindMs;
    group.logged.totalMs += session.parseMs + session.bindMs;
    clear(session);
  }

  #groupOf(text: string): StatementGroup {
    const key = statementKey(text);
    const known = this.#keys.get(key);
    const group = known === undefined ? undefined : this.#groups.get(known);
    if (group !== undefined) return group;
    const { fingerprint, sql } = text.length > 50_000 ? { fingerprint: null, sql: text } : this.#normalise(text);
    const id = statementId(fingerprint, key, text);
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    this.#keys.set(own(key), id);
    const same = this.#groups.get(id);
    if (same !== undefined) return same;
    if (this.#groups.size >= mostGroups) this.#evict();
    // What could not be parsed still has its constants.
    const shown =
      fingerprint === null
        ? redactStatement(text.slice(0, mostListedText * 2))
        : redactStatement(sql.slice(0, mostListedText * 2));
    const made = new StatementGroup(id, own(shown.slice(0, mostListedText).trim()));
    this.#groups.set(id, made);
    return made;
  }

  /** Lets go of the half that matters least; what it took stays in the sums. */
  #evict(): void {
    const byWeight = [...this.#groups.values()].toSorted((a, b) => b.weight - a.weight);
    for (const group of byWeight.slice(mostGroups / 2)) {
      this.#leave(group);
      this.#groups.delete(group.fingerprint);
    }
  }

  #leave(group: StatementGroup): void {
    group.samples.release(this.#budget);
    if (!group.isTimed) return;
    this.#leftOut.statements += 1;
    this.#leftOut.calls += group.durations.calls;
    this.#leftOut.totalMs += group.durations.totalMs;
  }

  /** Everything that was counted. Nothing may be taken afterwards. */
  finish(): LogDigestResult {
    for (const session of this.#sessions.values()) this.#flush(session);
    const groups = [...this.#groups.values()];
    const timed = groups.filter((group) => group.isTimed).toSorted((a, b) => b.durations.totalMs - a.durations.totalMs);
    for (const group of timed.slice(mostStatements)) this.#leave(group);
    const kept = timed.slice(0, mostStatements);
    const sum = (of: (group: StatementGroup) => number) => kept.reduce((total, group) => total + of(group), 0);
    const temp: LogTempFile[] = groups
      .filter(({ tempFiles }) => tempFiles > 0)
      .map((group) => ({
        fingerprint: group.fingerprint,
        sql: own(group.sql.slice(0, 2000)),
        files: group.tempFiles,
        totalBytes: group.tempBytes,
        maxBytes: group.tempMaxBytes,
        lastAt: group.tempLastAt,
      }));
    if (this.#tempWithout !== null) temp.push(this.#tempWithout);
    const plans = this.#plans.finish();
    const { sessionMs, timed: timedSessions, ...connections } = this.#connections;
    return {
      hints: this.#hints,
      statements: kept.map((group) => ({ statement: group.finish(), samples: group.samples.all })),
      plans,
      report: {
        messages: this.#messages,
        firstAt: this.#firstAt,
        lastAt: this.#lastAt,
        zone: this.#zone,
        serverVersion: this.#version,
        statements: kept.length + this.#leftOut.statements,
        calls: sum(({ durations }) => durations.calls) + this.#leftOut.calls,
        totalMs: sum(({ durations }) => durations.totalMs) + this.#leftOut.totalMs,
        errors: this.#errors,
        plans: this.#plansSeen,
        lockWaits: this.#lockWaits,
        deadlocks: this.#deadlockCount,
        tempFiles: this.#temp.files,
        tempBytes: this.#temp.bytes,
        foreignMessages: this.#foreign,
        bareDurations: this.#bare,
        leftOut: this.#leftOut,
        severities: Object.fromEntries(this.#severities),
        timeline: this.#timeline.finish(groups.every(({ logged }) => logged.calls === 0) && this.#bare.count === 0),
        errorGroups: this.#problems.finish(),
        locks: this.#waits.toSorted((a, b) => b.waitedMs - a.waitedMs).slice(0, mostWaits),
        deadlockDetails: this.#deadlocks,
        temp: temp.toSorted((a, b) => b.totalBytes - a.totalBytes).slice(0, 1000),
        vacuums: [...this.#vacuums.values()].toSorted((a, b) => b.totalMs - a.totalMs),
        checkpoints: { ...this.#checkpoints, last: this.#lastCheckpoints },
        connections: {
          ...connections,
          meanSessionMs: timedSessions === 0 ? null : sessionMs / timedSessions,
          by: this.#connectionsBy
            .entries()
            .slice(0, 100)
            .map(([key, count]) => {
              const [user, database, client] = JSON.parse(key) as (string | null)[];
              return { user: user ?? null, database: database ?? null, client: client ?? null, count };
            }),
        },
        planList: plans.map(({ plan }) => plan),
      },
    };
  }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Without what is looked at no more; its texts do not hold the file's in memory. */
function ownEntry(entry: LogEntry): LogEntry {
  return {
    ...entry,
    message: '',
    context: null,
    statement: null,
    zone: null,
    sqlstate: null,
    detail: ownOrNull(entry.detail),
    user: ownOrNull(entry.user),
    database: ownOrNull(entry.database),
    application: ownOrNull(entry.application),
    client: null,
  };
}

function clear(session: Session): void {
  session.text = '';
  session.parseMs = 0;
  session.bindMs = 0;
}

function sampleOf(entry: LogEntry, text: string, durationMs: number, parameters: ReadParameters | null): LogSample {
  return boundedSample({
    at: entry.atMs,
    durationMs: Math.round(durationMs * 1e6) / 1e6,
    sql: redactStatement(text.length > 100_000 ? text.slice(0, 100_000) : text).trim(),
    parameters: parameters === null ? null : redactParameters(text, parameters.values),
    cut: parameters?.cut ?? false,
    user: entry.user,
    database: entry.database,
    application: entry.application,
  });
}

/** The statement that an `execute` runs, from the detail of its message: `prepare: prepare p(int) as select …`. */
function preparedText(detail: string | null): string | null {
  if (detail === null || !/^prepare: /i.test(detail)) return null;
  return (
    /^prepare: \s*prepare\s+(?:"(?:[^"]|"")*"|[^\s("]+)\s*(?:\([^)]*\))?\s+as\s+([^]*)$/i.exec(detail)?.[1] ?? null
  );
}

/** The values of `execute p(7, 'x', null)`, where all of them are simple constants. */
function executeValues(text: string): ReadParameters | null {
  const inner = /^\s*execute\s+(?:"(?:[^"]|"")*"|[^\s("]+)\s*\(([^]*)\)\s*;?\s*$/i.exec(text)?.[1];
  if (inner === undefined) return null;
  const values: (string | null)[] = [];
  const constant = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(null|true|false))\s*(,|$)/iy;
  while (constant.lastIndex < inner.length) {
    const found = constant.exec(inner);
    if (!found) return null;
    const [, quoted, number, word] = found;
    values.push(
      quoted !== undefined
        ? quoted.replaceAll("''", "'")
        : (number ?? (word?.toLowerCase() === 'null' ? null : (word ?? ''))),
    );
  }
  return values.length === 0 ? null : { values, cut: false };
}

/** The same numbers for the same log, so that reading it twice answers the same samples (mulberry32). */
function randomNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
