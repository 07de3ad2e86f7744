import type { LogReport } from '#contract/logs.ts';

import { type LogEntry, type LogEvent, readParameters } from '../../plan-core/log/index.ts';
import { sampleOf } from './log-samples.ts';
import { own, ownOrNull } from './own-text.ts';
import { executeValues, preparedText } from './prepared-statements.ts';
import type { StatementGroups } from './statement-groups.ts';
import type { Timeline } from './timeline.ts';

const mostSessions = 20_000;

interface Session {
  /** What was parsed or bound, and is to be executed. */
  text: string;
  parseMs: number;
  bindMs: number;
  /** Logged before it ran, without a duration so far. */
  logged: LogEntry | null;
  loggedText: string;
}

/** Which runs of statements the durations of a log tell of: their parts are put together session by session. */
export class LogDurations {
  /** Durations without a statement that they could belong to. */
  readonly bare: LogReport['bareDurations'] = { count: 0, totalMs: 0 };
  readonly hints = { extended: 0, withParameters: 0, logged: 0 };
  readonly #groups: StatementGroups;
  readonly #timeline: Timeline;
  readonly #sessions = new Map<number, Session>();

  constructor(groups: StatementGroups, timeline: Timeline) {
    this.#groups = groups;
    this.#timeline = timeline;
  }

  /** A statement before it runs; its duration may follow. */
  addLogged(entry: LogEntry, text: string): void {
    this.hints.logged += 1;
    const session = this.#session(entry.pid);
    session.logged = ownEntry(entry);
    session.loggedText = own(text);
  }

  /** A duration. `before` is the message before its own. */
  add(entry: LogEntry, event: Extract<LogEvent, { kind: 'duration' }>, before: LogEntry | null): void {
    const { phase, ms, text } = event;
    const session = this.#session(entry.pid);
    if (phase === 'bare') return this.#addBare(entry, ms, session, before);
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).durationMs += ms;
    if (phase === 'parse' || phase === 'bind') {
      this.hints.extended += 1;
      if (session.text !== text) this.#flush(session);
      // Not the slice of the file that it was found in: that would stay in memory for as long as the session.
      if (session.text !== text) session.text = own(text);
      if (phase === 'parse') session.parseMs += ms;
      else session.bindMs += ms;
      return;
    }
    if (phase === 'execute' || phase === 'fetch') {
      this.hints.extended += 1;
      if (entry.detail !== null) this.hints.withParameters += 1;
    }
    let partsMs = 0;
    if (session.text !== '') {
      if (session.text === text && phase === 'execute') {
        const group = this.#groups.of(text);
        group.parseMs += session.parseMs;
        group.bindMs += session.bindMs;
        partsMs = session.parseMs + session.bindMs;
        clear(session);
      } else this.#flush(session);
    }
    session.logged = null;
    if (phase === 'fetch') {
      const group = this.#groups.of(text);
      group.logged.totalMs += ms;
      group.seen(entry);
      return;
    }
    this.#run(entry, text, ms + partsMs, false);
  }

  /** A statement that fails is logged without a duration: the next one is another's. */
  addError(pid: number | null): void {
    const session = pid === null ? undefined : this.#sessions.get(pid);
    if (session !== undefined) session.logged = null;
  }

  /** A session ended: what it left without an execution is counted. */
  endSession(pid: number): void {
    const session = this.#sessions.get(pid);
    if (session === undefined) return;
    this.#flush(session);
    this.#sessions.delete(pid);
  }

  /** Counts what all sessions left without an execution. Nothing may be added afterwards. */
  finish(): void {
    for (const session of this.#sessions.values()) this.#flush(session);
  }

  #addBare(entry: LogEntry, ms: number, session: Session, before: LogEntry | null): void {
    const isNext = before?.line === session.logged?.line && before?.atMs === session.logged?.atMs;
    const owner = entry.pid === null && !isNext ? null : session.logged;
    const text = session.loggedText;
    session.logged = null;
    session.loggedText = '';
    if (owner !== null) return this.#run({ ...owner, atMs: entry.atMs }, text, ms);
    this.bare.count += 1;
    this.bare.totalMs += ms;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).durationMs += ms;
  }

  /** One execution of a statement that took so long. */
  #run(entry: LogEntry, text: string, ms: number, addTime = true): void {
    const prepared = preparedText(entry.detail);
    const group = this.#groups.of(prepared ?? text);
    group.seen(entry);
    group.logged.add(ms, entry.atMs, ms);
    if (entry.atMs !== null) {
      const step = this.#timeline.at(entry.atMs);
      step.calls += 1;
      if (addTime) step.durationMs += ms;
    }
    this.#groups.sample(group, ms, () =>
      sampleOf(entry, prepared ?? text, ms, prepared === null ? readParameters(entry.detail) : executeValues(text)),
    );
  }

  #session(pid: number | null): Session {
    const key = pid ?? -1;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = { text: '', parseMs: 0, bindMs: 0, logged: null, loggedText: '' };
      this.#sessions.set(key, session);
      if (this.#sessions.size > mostSessions) this.endSession(this.#sessions.keys().next().value ?? -1);
    }
    return session;
  }

  /** Parse and bind that no execution followed: their time counts, an execution does not. */
  #flush(session: Session): void {
    if (session.text === '') return;
    const group = this.#groups.of(session.text);
    group.parseMs += session.parseMs;
    group.bindMs += session.bindMs;
    group.logged.totalMs += session.parseMs + session.bindMs;
    clear(session);
  }
}

function clear(session: Session): void {
  session.text = '';
  session.parseMs = 0;
  session.bindMs = 0;
}

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
