import type { CheckBasis, HealthFinding, HealthGroup, HealthMeasure, ThresholdUnit } from '#contract/health-model.ts';
import type { ServerFacts } from '../../postgres/catalog-reader.ts';

/** What is read once, before the first check, so that a check can choose its SQL and weigh its answer. */
export interface HealthFacts extends ServerFacts {
  /** The user is superuser or has the rights of `pg_read_all_stats` (part of `pg_monitor`). */
  readonly readsAllStats: boolean;
  /** The user has the rights of the roles that it is a member of without SET ROLE. */
  readonly inherits: boolean;
  /** Installed extensions by name, with the schema they live in. */
  readonly extensions: ReadonlyMap<string, { readonly schema: string; readonly version: string }>;
  /** When the statistics of this database were last reset, as PostgreSQL prints it; null when never (15 and later). */
  readonly statsResetAt: string | null;
  /** The longest time that this database's statistics can cover. */
  readonly statsAgeMs: number;
  /** Standbys attached to this server right now. Index scans on them are not counted here. */
  readonly attachedStandbys: number;
  /**
   * Index scans counted on standbys of this server that were asked as well, by index oid: standbys share the oids.
   * Empty where none was asked.
   */
  readonly standbyScans: ReadonlyMap<number, number>;
  /** The standbys that were asked, by the names of their connections. */
  readonly standbysAsked: readonly string[];
}

/** A number that a check compares with, and that a person may set. */
export interface Threshold {
  readonly usual: number;
  readonly unit: ThresholdUnit;
  /** What it is, as a person reads it: `Smallest index that is reported`. */
  readonly label: string;
}

/** The values in force for the thresholds of one check. */
export type Limits<Name extends string> = Readonly<Record<Name, number>>;

/** What an earlier report of the same database on the same server has counted. */
export interface EarlierMeasures {
  readonly takenAt: Date;
  readonly values: ReadonlyMap<string, number>;
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

export interface CheckContext<LimitName extends string = string> {
  readonly facts: HealthFacts;
  readonly now: Date;
  readonly limits: Limits<LimitName>;
  /** Absent for a first report, and after statistics were reset. */
  readonly earlier?: EarlierMeasures | undefined;
}

/** The answer could not be had, or not whole. Findings that are certain all the same may come along. */
export interface CannotTell {
  readonly kind: 'cannot-tell';
  readonly reason: string;
  readonly unlockSql?: string;
  readonly findings?: readonly HealthFinding[];
}

export type CheckOutcome = readonly HealthFinding[] | CannotTell;

/** Objects that one statement looks at: those from one oid to another. */
export interface Slice {
  readonly first_oid: string;
  readonly last_oid: string;
}

/** `slice` is asked for with the ends of a `Slice` as `$1` and `$2`. */
export type SqlPart = 'whole' | 'slice';

/** One question to the server: its SQL, and the pure function from rows to findings. */
export interface HealthCheck<Row extends object = object, LimitName extends string = string> {
  /** Id of the catalogue, for example `IDX07`. */
  readonly id: string;
  readonly group: HealthGroup;
  /**
   * What the answer rests on: `catalog`, definitions, which are certain; `statistics`, counters since a reset;
   * `estimate`, a model or a sample; `moment`, what is true right now. Findings that name no confidence get theirs
   * from it.
   */
  readonly basis: CheckBasis;
  readonly title: string;
  /** Why it matters, two or three sentences. */
  readonly why: string;
  /** Numbers it compares with. Their source stands beside them. */
  readonly thresholds?: Readonly<Record<LimitName, Threshold>>;
  readonly requires?: CheckRequirements;
  /** How long its SQL may take, where the engine's usual time is too short. */
  readonly timeoutMs?: number;
  /** Opinions that teams differ about are asked only when named. */
  readonly onlyWhenAsked?: boolean;
  /** Settings that it judges, one row each: where several checks have some, one statement asks for those of all. */
  readonly settings?: readonly string[];
  /** The one statement to run. It only reads. */
  sql(facts: HealthFacts, limits: Limits<LimitName>, part?: SqlPart): string;
  /**
   * For SQL that locks what it looks at until it ends, which fills the lock table of the whole server: answers a
   * `Slice` per row. Where there are several, `sql` runs once for each, with its ends as `$1` and `$2`.
   */
  readonly slicesSql?: string;
  /** What would unlock the check where the server denies its SQL. Absent where only a superuser can have it. */
  readonly unlockSql?: (facts: HealthFacts) => string;
  /** Work on the rows that would hold up others, off the main loop. Its rows are those that `findings` gets. */
  prepare?(rows: readonly Row[]): Promise<readonly Row[]>;
  /** Pure. A method, so that checks of different rows fit in one list. */
  findings(rows: readonly Row[], context: CheckContext<LimitName>): CheckOutcome;
  /** Numbers to keep for rates and forecasts. Pure. */
  measures?(rows: readonly Row[], context: CheckContext<LimitName>): readonly HealthMeasure[];
}

/** The values in force: what was set under `ID.name`, else the usual ones. */
export function limitsOf(
  check: Pick<HealthCheck, 'id' | 'thresholds'>,
  set: ReadonlyMap<string, number>,
): Limits<string> {
  return Object.fromEntries(
    Object.entries(check.thresholds ?? {}).map(([name, { usual }]) => [name, set.get(`${check.id}.${name}`) ?? usual]),
  );
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
