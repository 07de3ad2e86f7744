import type { LogError } from '#contract/logs.ts';

import type { LogEntry } from '../../plan-core/log/index.ts';
import { messageShape } from '../../plan-core/log/index.ts';
import { redactError } from '../query/index.ts';
import { own, ownOrNull } from './own-text.ts';
import { redactStatement } from '../query/index.ts';
import type { StatementGroups } from './statement-groups.ts';
import { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';

const mostGroups = 500;
const mostSamples = 3;
const mostText = 2000;

interface ProblemGroup {
  readonly severity: LogError['severity'];
  readonly sqlstate: string | null;
  readonly shape: string;
  count: number;
  firstAt: number | null;
  lastAt: number | null;
  readonly users: Tally;
  readonly databases: Tally;
  readonly applications: Tally;
  readonly samples: LogError['samples'];
}

/** Warnings, errors and worse, those alike together. */
export class LogProblems {
  /** Without the warnings. */
  errorCount = 0;
  readonly #statements: StatementGroups;
  readonly #timeline: Timeline;
  readonly #groups = new Map<string, ProblemGroup>();

  constructor(statements: StatementGroups, timeline: Timeline) {
    this.#statements = statements;
    this.#timeline = timeline;
  }

  add(entry: LogEntry, severity: LogError['severity']): void {
    this.#addToGroup(entry, severity);
    if (severity === 'WARNING') return;
    this.errorCount += 1;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).errors += 1;
    if (entry.statement !== null) this.#statements.of(entry.statement).errors += 1;
  }

  /** The worst and most frequent first. */
  finish(): LogError[] {
    const rank = { PANIC: 0, FATAL: 1, ERROR: 2, WARNING: 3 } as const;
    return [...this.#groups.values()]
      .toSorted((a, b) => rank[a.severity] - rank[b.severity] || b.count - a.count)
      .map(({ users, databases, applications, ...group }) => ({
        ...group,
        users: users.names(8),
        databases: databases.names(8),
        applications: applications.names(8),
      }));
  }

  #addToGroup(entry: LogEntry, severity: LogError['severity']): void {
    const message = entry.statement === null ? entry.message : redactError(entry.message, entry.statement);
    let shape = messageShape(message);
    let key = `${severity} ${entry.sqlstate ?? ''} ${shape}`;
    if (!this.#groups.has(key) && this.#groups.size >= mostGroups) {
      shape = 'Other messages';
      key = `${severity} ${shape}`;
    }
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = {
        severity,
        sqlstate: shape === 'Other messages' ? null : ownOrNull(entry.sqlstate),
        shape: own(shape),
        count: 0,
        firstAt: entry.atMs,
        lastAt: entry.atMs,
        users: new Tally(20),
        databases: new Tally(20),
        applications: new Tally(20),
        samples: [],
      };
      this.#groups.set(own(key), group);
    }
    group.count += 1;
    group.users.add(entry.user);
    group.databases.add(entry.database);
    group.applications.add(entry.application);
    if (entry.atMs !== null) {
      group.firstAt = Math.min(group.firstAt ?? entry.atMs, entry.atMs);
      group.lastAt = Math.max(group.lastAt ?? entry.atMs, entry.atMs);
    }
    if (group.samples.length >= mostSamples) return;
    const text = (given: string | null) =>
      given === null ? null : own(redactStatement(given.slice(0, mostText * 2)).slice(0, mostText));
    group.samples.push({
      at: entry.atMs,
      message: own(redactStatement(message.slice(0, mostText * 2)).slice(0, mostText)),
      detail: text(entry.detail),
      // Values of parameters may be secrets that nothing names.
      context: entry.context === null ? null : text(withoutValues(entry.context, entry.statement)),
      sql: text(entry.statement),
      user: ownOrNull(entry.user),
      database: ownOrNull(entry.database),
      line: entry.line,
    });
  }
}

/** The context of an error names the values of its parameters: masked where the statement touches a secret. */
function withoutValues(context: string, statement: string | null): string {
  return statement !== null && /passw|pwd|secret|token|api_?key|credential|crypt/i.test(statement)
    ? context.replace(/(parameters: )[\s\S]*/, '$1********')
    : context;
}
