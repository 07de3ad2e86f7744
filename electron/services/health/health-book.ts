import type { HealthMeasure, HealthReport } from '#contract/health-model.ts';
import type { AppliedFix, HealthTrend, SavedReport } from '#contract/health.ts';
import { StewardError } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { EarlierMeasures } from './health-check.ts';
import type { MeasuresAt } from './report/forecast.ts';
import { openCountsOf } from './report/open-counts.ts';

/** Trends and forecasts look at this many reports. */
const trendReports = 60;

/** Health reports and fixes in the store. Throws `store_unavailable` while that is away. */
export class HealthBook {
  readonly #store: StoreKeeper;

  constructor(store: StoreKeeper) {
    this.#store = store;
  }

  /** The counts are of what is not suppressed at that time. Answers the id of the kept report. */
  async keepReport(connectionId: string | null, target: string | null, report: HealthReport): Promise<string> {
    const { em, records } = await this.#store.entities();
    const counts = openCountsOf(report.checks);
    const worst = (['critical', 'warning', 'info'] as const).find((severity) => counts[severity] > 0) ?? null;
    return String(
      await em.insert(records.ReportRecord, {
        connectionId,
        target,
        database: report.database,
        takenAt: new Date(report.startedAt),
        worst,
        ...counts,
        score: report.score ?? null,
        report: storable(report),
        measures: storable(report.measures ?? []),
        findingMeasures: storable(findingMeasures(report)),
      }),
    );
  }

  /** Newest first. */
  async reports(filter: { connectionId?: string | undefined; limit: number }): Promise<SavedReport[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(
      records.ReportRecord,
      filter.connectionId === undefined ? {} : { connectionId: filter.connectionId },
      {
        orderBy: { takenAt: 'desc', id: 'desc' },
        limit: filter.limit,
        exclude: ['report', 'measures', 'findingMeasures'],
      },
    );
    return found.map(savedReport);
  }

  async report(id: string): Promise<{ saved: SavedReport; report: HealthReport }> {
    const { em, records } = await this.#store.entities();
    const record = /^\d{1,18}$/.test(id) ? await em.findOne(records.ReportRecord, { id: BigInt(id) }) : null;
    if (!record) throw StewardError.of('not_found', 'This report is not kept any more');
    return { saved: savedReport(record), report: record.report as HealthReport };
  }

  /** The measures of the last reports, newest first. */
  async measures(connectionId: string, target: string): Promise<MeasuresAt[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(
      records.ReportRecord,
      { connectionId, target },
      { orderBy: { takenAt: 'desc' }, limit: trendReports, fields: ['takenAt', 'measures'] },
    );
    return found.map(({ takenAt, measures }) => ({ takenAt, measures: (measures ?? []) as HealthMeasure[] }));
  }

  /** What the newest report of this database has counted, for rates since then. */
  async earlier(connectionId: string, target: string): Promise<EarlierMeasures | undefined> {
    const { em, records } = await this.#store.entities();
    const found = await em.findOne(
      records.ReportRecord,
      { connectionId, target, measures: { $ne: null } },
      { orderBy: { takenAt: 'desc' }, fields: ['takenAt', 'measures'] },
    );
    if (!found) return undefined;
    const measures = (found.measures ?? []) as HealthMeasure[];
    return { takenAt: found.takenAt, values: new Map(measures.map(({ key, value }) => [key, value])) };
  }

  /** How the numbers of findings moved over the last reports, oldest first; what has one point only is left out. */
  async trends(connectionId: string, target: string): Promise<HealthTrend[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(
      records.ReportRecord,
      { connectionId, target },
      { orderBy: { takenAt: 'desc' }, limit: 20, fields: ['takenAt', 'findingMeasures'] },
    );
    const trends = new Map<string, HealthTrend>();
    for (const { takenAt, findingMeasures: kept } of found.toReversed()) {
      for (const [check, object, value] of (kept ?? []) as FindingMeasure[]) {
        const key = `${check} ${object}`;
        const trend = trends.get(key) ?? { check, object, points: [] };
        trend.points.push({ at: takenAt.toISOString(), value });
        trends.set(key, trend);
      }
    }
    return [...trends.values()].filter(({ points }) => points.length > 1);
  }

  async keepFix(fix: AppliedFix, target: string): Promise<void> {
    const { em, records } = await this.#store.entities();
    const { check, appliedAt, undoneAt: _notYet, ...rest } = fix;
    await em.insert(records.HealthFixRecord, { ...rest, target, checkId: check, appliedAt: new Date(appliedAt) });
  }

  /** Newest first. */
  async fixes(filter: { connectionId: string; limit: number }): Promise<AppliedFix[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(
      records.HealthFixRecord,
      { connectionId: filter.connectionId },
      { orderBy: { appliedAt: 'desc' }, limit: filter.limit },
    );
    return found.map(appliedFix);
  }

  /** With the place where it was applied: its way back leads there and nowhere else. */
  async fix(id: string): Promise<AppliedFix & { readonly target: string | null }> {
    const { em, records } = await this.#store.entities();
    const record = /^[0-9a-f-]{36}$/.test(id) ? await em.findOne(records.HealthFixRecord, { id }) : null;
    if (!record) throw StewardError.of('not_found', 'This fix is not kept any more');
    return { ...appliedFix(record), target: record.target ?? null };
  }

  async markUndone(id: string): Promise<void> {
    const { em, records } = await this.#store.entities();
    await em.nativeUpdate(records.HealthFixRecord, { id }, { undoneAt: new Date() });
  }
}

type FindingMeasure = readonly [check: string, object: string, value: number];

function findingMeasures(report: HealthReport): FindingMeasure[] {
  return report.checks.flatMap((check) =>
    check.findings.flatMap(({ object, measure }): FindingMeasure[] =>
      measure === undefined ? [] : [[check.id, object, measure]],
    ),
  );
}

/** PostgreSQL refuses JSON with half a surrogate pair, such as a cut through an emoji leaves in a text. */
function storable<Value extends object>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? part.toWellFormed() : part)),
  ) as Value;
}

function savedReport(record: {
  id: bigint;
  connectionId?: string | null | undefined;
  target?: string | null | undefined;
  database: string;
  takenAt: Date;
  worst?: string | null | undefined;
  critical: number;
  warning: number;
  info: number;
  score?: number | null | undefined;
}): SavedReport {
  return {
    id: String(record.id),
    connectionId: record.connectionId ?? null,
    target: record.target ?? null,
    database: record.database,
    takenAt: record.takenAt.toISOString(),
    worst: (record.worst ?? null) as SavedReport['worst'],
    critical: record.critical,
    warning: record.warning,
    info: record.info,
    score: record.score ?? null,
  };
}

function appliedFix(record: {
  id: string;
  connectionId?: string | null | undefined;
  database: string;
  checkId: string;
  object: string;
  fixSql: string;
  undoSql?: string | null | undefined;
  appliedAt: Date;
  outcome: string;
  undoneAt?: Date | null | undefined;
}): AppliedFix {
  return {
    id: record.id,
    connectionId: record.connectionId ?? null,
    database: record.database,
    check: record.checkId,
    object: record.object,
    fixSql: record.fixSql,
    undoSql: record.undoSql ?? null,
    appliedAt: record.appliedAt.toISOString(),
    outcome: record.outcome,
    undoneAt: record.undoneAt?.toISOString() ?? null,
  };
}
