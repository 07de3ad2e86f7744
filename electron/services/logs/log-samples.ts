import type { LogSample } from '#contract/logs.ts';

import type { LogEntry, ReadParameters } from '../../plan-core/log/index.ts';
import { own, ownOrNull } from './own-text.ts';
import { redactStatement } from '../query/index.ts';
import { redactParameters } from './redact-parameters.ts';

const slowest = 3;
const byChance = 4;
const mostSql = 20_000;
const mostValue = 2000;
const mostValues = 200;

/** All samples of an import together hold at most this many characters. */
export class SampleBudget {
  characters = 0;
  readonly most: number;

  constructor(most = 24_000_000) {
    this.most = most;
  }
}

/** How a sample is made, only when it is kept. */
export type MakeSample = () => LogSample;

/** The slowest runs of a statement, and some of the others, each as likely as any other (Vitter's algorithm R). */
export class StatementSamples {
  readonly #slow: LogSample[] = [];
  readonly #chance: LogSample[] = [];
  #seen = 0;

  add(durationMs: number, random: () => number, budget: SampleBudget, make: MakeSample): void {
    const least = this.#slow.at(-1);
    if (this.#slow.length < slowest || (least !== undefined && durationMs > least.durationMs)) {
      const sample = this.#kept(budget, make);
      if (sample !== null) {
        this.#slow.push(sample);
        this.#slow.sort((a, b) => b.durationMs - a.durationMs);
        if (this.#slow.length > slowest) this.#offer(this.#slow.pop(), random, budget);
      }
      return;
    }
    this.#seen += 1;
    const place = this.#chance.length < byChance ? this.#chance.length : Math.floor(random() * this.#seen);
    if (place >= byChance) return;
    const sample = this.#kept(budget, make);
    if (sample !== null) this.#put(place, sample, budget);
  }

  get all(): LogSample[] {
    return [...this.#slow, ...this.#chance];
  }

  /** Gives back what it took of the budget. */
  release(budget: SampleBudget): void {
    for (const sample of this.all) budget.characters -= sizeOf(sample);
  }

  #offer(sample: LogSample | undefined, random: () => number, budget: SampleBudget): void {
    if (sample === undefined) return;
    this.#seen += 1;
    const place = this.#chance.length < byChance ? this.#chance.length : Math.floor(random() * this.#seen);
    if (place < byChance) this.#put(place, sample, budget);
    else budget.characters -= sizeOf(sample);
  }

  #put(place: number, sample: LogSample, budget: SampleBudget): void {
    const before = this.#chance[place];
    if (before) budget.characters -= sizeOf(before);
    this.#chance[place] = sample;
  }

  #kept(budget: SampleBudget, make: MakeSample): LogSample | null {
    // The first one of each statement is always kept: without it there is nothing to look at.
    if (budget.characters > budget.most && this.#slow.length > 0) return null;
    const sample = make();
    budget.characters += sizeOf(sample);
    return sample;
  }
}

function sizeOf(sample: LogSample): number {
  return 100 + sample.sql.length + (sample.parameters ?? []).reduce((sum, value) => sum + (value?.length ?? 4), 0);
}

/** One run of a statement as it is kept: secrets taken out, of bounded length. `text` is the statement that ran. */
export function sampleOf(
  entry: LogEntry,
  text: string,
  durationMs: number,
  parameters: ReadParameters | null,
): LogSample {
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

/** A sample of bounded length whose texts do not hold the file's in memory. */
function boundedSample(sample: LogSample): LogSample {
  const parameters = sample.parameters?.slice(0, mostValues) ?? null;
  const cut =
    sample.cut ||
    sample.sql.length > mostSql ||
    (parameters !== null &&
      (parameters.length < (sample.parameters?.length ?? 0) ||
        parameters.some((value) => value !== null && value.length > mostValue)));
  return {
    ...sample,
    sql: own(sample.sql.slice(0, mostSql)),
    parameters: parameters?.map((value) => (value === null ? null : own(value.slice(0, mostValue)))) ?? null,
    cut,
    user: ownOrNull(sample.user),
    database: ownOrNull(sample.database),
    application: ownOrNull(sample.application),
  };
}

/** The same numbers for the same log, so that reading it twice answers the same samples (mulberry32). */
export function randomNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
