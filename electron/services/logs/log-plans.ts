import type { LogPlan } from '#contract/logs.ts';

import { type LogEntry, type LogEvent, type ReadParameters, readParameters } from '../../plan-core/log/index.ts';
import { sampleOf } from './log-samples.ts';
import { own, ownOrNull } from './own-text.ts';
import { preparedText } from './prepared-statements.ts';
import { redactStatement } from '../query/index.ts';
import type { StatementGroups } from './statement-groups.ts';
import type { Timeline } from './timeline.ts';

interface SeenPlan {
  readonly at: number | null;
  readonly durationMs: number;
  readonly sql: string | null;
  readonly fingerprint: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly body: string;
}

const mostPlans = 300;
const mostOfStatement = 5;
const mostCharacters = 24_000_000;
const mostOfPlan = 2_000_000;

interface KeptPlan {
  readonly seen: Omit<SeenPlan, 'body'>;
  readonly source: string;
}

/** Plans of auto_explain. All count; the slowest are kept, at most five of a statement. */
export class LogPlans {
  count = 0;
  readonly #groups: StatementGroups;
  readonly #timeline: Timeline;
  #kept: KeptPlan[] = [];
  #characters = 0;

  constructor(groups: StatementGroups, timeline: Timeline) {
    this.#groups = groups;
    this.#timeline = timeline;
  }

  add(entry: LogEntry, { ms, body, queryText }: Extract<LogEvent, { kind: 'plan' }>): void {
    this.count += 1;
    if (entry.atMs !== null) {
      const step = this.#timeline.at(entry.atMs, true);
      step.calls += 1;
      step.durationMs += ms;
    }
    const sql = queryText === null ? null : (preparedText(`prepare: ${queryText}`) ?? queryText);
    const group = sql === null ? null : this.#groups.of(sql);
    if (group !== null && sql !== null) {
      group.addPlanned(ms, entry.atMs);
      group.seen(entry);
      if (group.logged.calls === 0)
        this.#groups.sample(group, ms, () => sampleOf(entry, sql, ms, queryParameters(body)));
    }
    this.#keep({
      at: entry.atMs,
      durationMs: ms,
      sql,
      fingerprint: group?.fingerprint ?? null,
      user: entry.user,
      database: entry.database,
      body,
    });
  }

  /** Those that are kept, the slowest first. */
  finish(): { plan: LogPlan; source: string }[] {
    return this.#kept
      .toSorted((a, b) => b.seen.durationMs - a.seen.durationMs)
      .map(({ seen, source }, number) => ({ plan: { ...seen, number, characters: source.length }, source }));
  }

  #keep(seen: SeenPlan): void {
    const { body, ...about } = seen;
    // A plan that is cut could not be read.
    if (body.length > mostOfPlan) return;
    const alike = this.#kept.filter(
      (plan) => plan.seen.fingerprint !== null && plan.seen.fingerprint === seen.fingerprint,
    );
    const rivals = alike.length >= mostOfStatement ? alike : this.#kept.length >= mostPlans ? this.#kept : null;
    if (rivals !== null) {
      const fastest = rivals.reduce((least, plan) => (plan.seen.durationMs < least.seen.durationMs ? plan : least));
      if (fastest.seen.durationMs >= seen.durationMs) return;
      this.#drop(fastest);
    }
    const source = own(redactStatement(body));
    this.#kept.push({
      seen: {
        ...about,
        sql: about.sql === null ? null : own(redactStatement(about.sql.slice(0, 4000)).slice(0, 2000)),
        user: ownOrNull(about.user),
        database: ownOrNull(about.database),
      },
      source,
    });
    this.#characters += source.length;
    while (this.#characters > mostCharacters && this.#kept.length > 1)
      this.#drop(this.#kept.reduce((least, plan) => (plan.seen.durationMs < least.seen.durationMs ? plan : least)));
  }

  #drop(plan: KeptPlan): void {
    this.#kept = this.#kept.filter((candidate) => candidate !== plan);
    this.#characters -= plan.source.length;
  }
}

/** The parameters that auto_explain logs since 16, in each of its formats. */
function queryParameters(body: string): ReadParameters | null {
  const found = /^\s*(?:"?Query Parameters"?: (.*)|<Query-Parameters>([^<]*)<)/m.exec(body);
  if (!found) return null;
  const [, line, element] = found;
  if (element !== undefined) return readParameters(`Parameters: ${element.replaceAll(/&(\w+);/g, entity)}`);
  // JSON and YAML quote it in the same way.
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(line ?? '')?.[0];
  return readParameters(`Parameters: ${quoted === undefined ? line : unquoted(quoted)}`);
}

function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    // Not of PostgreSQL's making.
    return '';
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function entity(text: string, name: string): string {
  return entities[name] ?? text;
}
