import type { LogPlan } from '#contract/logs.ts';

import { own, ownOrNull } from './own-text.ts';
import { redactStatement } from './redact-parameters.ts';

export interface SeenPlan {
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

/** The slowest plans, at most five of a statement. */
export class LogPlans {
  #kept: KeptPlan[] = [];
  #characters = 0;

  add(seen: SeenPlan): void {
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
    this.#kept.push({
      seen: {
        ...about,
        sql: about.sql === null ? null : own(redactStatement(about.sql.slice(0, 4000)).slice(0, 2000)),
        user: ownOrNull(about.user),
        database: ownOrNull(about.database),
      },
      source: own(redactStatement(body)),
    });
    this.#characters += body.length;
    while (this.#characters > mostCharacters && this.#kept.length > 1)
      this.#drop(this.#kept.reduce((least, plan) => (plan.seen.durationMs < least.seen.durationMs ? plan : least)));
  }

  finish(): { plan: LogPlan; source: string }[] {
    return this.#kept
      .toSorted((a, b) => b.seen.durationMs - a.seen.durationMs)
      .map(({ seen, source }, number) => ({ plan: { ...seen, number, characters: source.length }, source }));
  }

  #drop(plan: KeptPlan): void {
    this.#kept = this.#kept.filter((candidate) => candidate !== plan);
    this.#characters -= plan.source.length;
  }
}
