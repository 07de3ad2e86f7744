import type { LogReport } from '#contract/logs.ts';

import type { NormalisedStatement } from '../../postgres/sql-parser/index.ts';
import { type MakeSample, randomNumbers, SampleBudget } from './log-samples.ts';
import { own } from './own-text.ts';
import { redactStatement } from '../query/index.ts';
import { StatementGroup } from './statement-group.ts';
import { statementId, statementKey } from './statement-key.ts';

/** Statements that are listed. */
const mostStatements = 5000;
/** Statements that are counted one by one at the same time. */
const mostGroups = 20_000;
const mostKeys = 60_000;
/** Statements that are let go of and still known, so that one that comes back is not counted twice. */
const mostLeftOut = 200_000;
const mostListedText = 20_000;
/** Longer texts are not parsed. */
export const mostParsedText = 50_000;

/** What was counted of all statements. */
interface CountedStatements {
  /** Those that are listed, the ones that took longest first. */
  readonly listed: StatementGroup[];
  /** Of more than 200,000 statements at least so many. */
  readonly leftOut: LogReport['leftOut'];
  /** Of those that are listed and those that are left out. */
  readonly totals: { readonly statements: number; readonly calls: number; readonly totalMs: number };
}

/** The statements of a log, whatever their constants, in bounded memory. */
export class StatementGroups {
  readonly #normalise: (sql: string) => NormalisedStatement;
  readonly #groups = new Map<string, StatementGroup>();
  /** Ids of statements by their keys, so that most texts are never parsed. */
  readonly #ids = new Map<string, string>();
  readonly #budget = new SampleBudget();
  readonly #random = randomNumbers();
  readonly #leftOut = { calls: 0, totalMs: 0 };
  readonly #leftOutIds = new Set<string>();

  constructor(normalise: (sql: string) => NormalisedStatement) {
    this.#normalise = normalise;
  }

  /** All that are counted one by one now. */
  get all(): StatementGroup[] {
    return [...this.#groups.values()];
  }

  /** The statement that a text belongs to. */
  of(text: string): StatementGroup {
    const key = statementKey(text);
    const known = this.#ids.get(key);
    const group = known === undefined ? undefined : this.#groups.get(known);
    if (group !== undefined) return group;
    const { fingerprint, sql } =
      text.length > mostParsedText ? { fingerprint: null, sql: text } : this.#normalise(text);
    const id = statementId(fingerprint, key, text);
    if (this.#ids.size >= mostKeys) this.#ids.clear();
    this.#ids.set(own(key), id);
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

  /** Keeps a run of a statement as a sample, if it is among those to keep. */
  sample(group: StatementGroup, ms: number, make: MakeSample): void {
    group.samples.add(ms, this.#random, this.#budget, make);
  }

  /** Everything that was counted. Nothing may be counted afterwards. */
  finish(): CountedStatements {
    const timed = this.all
      .filter((group) => group.isTimed)
      .toSorted((a, b) => b.durations.totalMs - a.durations.totalMs);
    for (const group of timed.slice(mostStatements)) this.#leaveOut(group);
    const listed = timed.slice(0, mostStatements);
    const sum = (of: (group: StatementGroup) => number) => listed.reduce((total, group) => total + of(group), 0);
    for (const { fingerprint } of listed) this.#leftOutIds.delete(fingerprint);
    const leftOut = { statements: this.#leftOutIds.size, ...this.#leftOut };
    return {
      listed,
      leftOut,
      totals: {
        statements: listed.length + leftOut.statements,
        calls: sum(({ durations }) => durations.calls) + leftOut.calls,
        totalMs: sum(({ durations }) => durations.totalMs) + leftOut.totalMs,
      },
    };
  }

  /** Lets go of the half that matters least; what it took stays in the sums. */
  #evict(): void {
    const byWeight = this.all.toSorted((a, b) => b.weight - a.weight);
    for (const group of byWeight.slice(mostGroups / 2)) {
      this.#leaveOut(group);
      this.#groups.delete(group.fingerprint);
    }
  }

  #leaveOut(group: StatementGroup): void {
    group.samples.release(this.#budget);
    if (!group.isTimed) return;
    if (this.#leftOutIds.size < mostLeftOut) this.#leftOutIds.add(group.fingerprint);
    this.#leftOut.calls += group.durations.calls;
    this.#leftOut.totalMs += group.durations.totalMs;
  }
}
