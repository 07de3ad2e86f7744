import type { LogSample } from '#contract/logs.ts';

import { own, ownOrNull } from './own-text.ts';

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

/** A sample of bounded length whose texts do not hold the file's in memory. */
export function boundedSample(sample: LogSample): LogSample {
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
