import type { HealthCheckResult, HealthReport } from '#contract/health-model.ts';
import { runHealthReport, type HealthReportOptions } from '../../electron/services/health/index.ts';
import { PgCatalogReader } from './pg-catalog-reader.ts';
import type { TestServer } from './postgres-server.ts';

/** The three kinds of users that checks have to answer to. */
export type Role = 'superuser' | 'monitor' | 'plain';

/** Makes the roles `monitor` (in pg_monitor) and `plain`. */
export async function createRoles(server: TestServer): Promise<void> {
  await server.run(
    "create role plain login password 'plain'; create role monitor login password 'monitor'; grant pg_monitor to monitor",
  );
}

/** Where a role connects to. */
export function urlOf(server: Pick<TestServer, 'url' | 'host' | 'port'>, role: Role, database = 'postgres'): string {
  return role === 'superuser'
    ? server.url(database)
    : `postgresql://${role}:${role}@${server.host}:${String(server.port)}/${database}`;
}

/** Asks the named checks over one connection; `set` has thresholds by `ID.name`. */
export async function ask(
  url: string,
  only: readonly string[],
  set: Readonly<Record<string, number>> = {},
  more: Omit<HealthReportOptions, 'only' | 'thresholds'> = {},
): Promise<HealthReport> {
  await using reader = await PgCatalogReader.open(url);
  return await runHealthReport([reader], { only, thresholds: new Map(Object.entries(set)), ...more });
}

/** The result of one check of a report. */
export function checkOf(report: HealthReport, id: string): HealthCheckResult {
  const check = report.checks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`no ${id}`);
  return check;
}

/** What each check of a report says: the severities and objects that it found, sorted, else its status. */
export function answers(report: HealthReport): Record<string, string[] | string> {
  return Object.fromEntries(
    report.checks.map((check) => [
      check.id,
      check.findings.length > 0
        ? check.findings.map((finding) => `${finding.severity}: ${finding.object}`).toSorted()
        : check.status === 'error'
          ? `error: ${check.reason ?? ''}`
          : check.status,
    ]),
  );
}

/** The values of a report's measures, as the next report gets them. */
export function measuresOf(report: HealthReport): Map<string, number> {
  return new Map((report.measures ?? []).map(({ key, value }) => [key, value]));
}
