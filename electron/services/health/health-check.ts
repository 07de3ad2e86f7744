import type { HealthFinding, HealthGroup } from '#contract/health-model.ts';
import type { ServerFacts } from '../../postgres/catalog-reader.ts';

/** What is read once, before the first check, so that a check can choose its SQL and weigh its answer. */
export interface HealthFacts extends ServerFacts {
  /** The user is superuser or has the rights of `pg_read_all_stats` (part of `pg_monitor`). */
  readonly readsAllStats: boolean;
  /** Installed extensions by name, with the schema they live in. */
  readonly extensions: ReadonlyMap<string, { readonly schema: string; readonly version: string }>;
  /** When the statistics of this database were last reset, as PostgreSQL prints it; null when never (15 and later). */
  readonly statsResetAt: string | null;
  /** The longest time that this database's statistics can cover. */
  readonly statsAgeMs: number;
  /** Standbys attached to this server right now. Index scans on them are not counted here. */
  readonly attachedStandbys: number;
}

/** What a check needs before its SQL makes sense. The engine skips the check, with a reason, where it is not met. */
export interface CheckRequirements {
  /** `server_version_num`, for example 140000. */
  readonly minVersion?: number;
  /** `primary`: the question makes no sense on a standby; `standby`: the other way round. */
  readonly role?: 'primary' | 'standby';
  readonly extension?: string;
  /** What the user must be allowed to do, for the documentation of the check. */
  readonly privilege?: string;
}

export interface CheckContext {
  readonly facts: HealthFacts;
  readonly now: Date;
}

/** The answer could not be had, or not whole. Findings that are certain all the same may come along. */
export interface CannotTell {
  readonly kind: 'cannot-tell';
  readonly reason: string;
  readonly unlockSql?: string;
  readonly findings?: readonly HealthFinding[];
}

export type CheckOutcome = readonly HealthFinding[] | CannotTell;

/** One question to the server: its SQL, and the pure function from rows to findings. */
export interface HealthCheck<Row extends object = object> {
  /** Id of the catalogue, for example `IDX07`. */
  readonly id: string;
  readonly group: HealthGroup;
  readonly title: string;
  /** Why it matters, two or three sentences. */
  readonly why: string;
  readonly requires?: CheckRequirements;
  /** The one statement to run. It only reads. */
  readonly sql: (facts: HealthFacts) => string;
  /** What would unlock the check where the server denies its SQL. Absent where only a superuser can have it. */
  readonly unlockSql?: (facts: HealthFacts) => string;
  /** Pure. A method, so that checks of different rows fit in one list. */
  findings(rows: readonly Row[], context: CheckContext): CheckOutcome;
}

/** Says that a check has no answer, why, and what would unlock it. */
export function cannotTell(
  reason: string,
  more: { readonly unlockSql?: string; readonly findings?: readonly HealthFinding[] } = {},
): CannotTell {
  return { kind: 'cannot-tell', reason, ...more };
}

/** Narrows an outcome: a plain list is a whole answer. */
export function isCannotTell(outcome: CheckOutcome): outcome is CannotTell {
  return 'kind' in outcome;
}
