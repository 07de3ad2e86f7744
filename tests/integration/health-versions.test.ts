import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';
import { isReservedWord } from '../../electron/services/health/checks/schema/reserved-words.ts';
import { healthChecks, runHealthReport } from '../../electron/services/health/index.ts';
import { createRoles, type Role, urlOf } from '../support/health-questions.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { serverMajors, type TestServer, startTestServer } from '../support/postgres-server.ts';
import { startStandby, type TestStandby } from '../support/standby.ts';

/** Databases full of defects; each in its own, since their schemas have the same names. */
const defects = ['health-defects', 'health-indexes', 'health-tables', 'health-schema', 'health-security'];
const roles: readonly Role[] = ['superuser', 'monitor', 'plain'];
/** Also what is asked only by name. */
const everything = healthChecks.map(({ id }) => id);

async function reportOn(url: string): Promise<HealthReport> {
  await using first = await PgCatalogReader.open(url);
  await using second = await PgCatalogReader.open(url);
  return await runHealthReport([first, second], { only: everything });
}

/** What no report may have, whatever the server and whoever asks. */
function flaws(report: HealthReport): string[] {
  return report.checks.flatMap((check) => {
    if (check.status === 'error') return [`${check.id} failed: ${check.reason}`];
    if (check.status === 'skipped' && !check.reason) return [`${check.id} is skipped without a reason`];
    return check.findings.flatMap((finding) => {
      const text = JSON.stringify(finding);
      return [
        ...(finding.message.endsWith('.') ? [] : [`${check.id}: “${finding.message}” does not end`]),
        ...(/\bundefined\b|:null\b|\bNaN\b|\[object|Infinity/.test(text) ? [`${check.id} has a hole: ${text}`] : []),
        ...(finding.fixSql !== undefined && finding.lock === undefined ? [`${check.id} has a fix without a lock`] : []),
        ...(finding.confidence === undefined ? [`${check.id} does not say how sure it is`] : []),
      ];
    });
  });
}

describe.each(serverMajors)('every check on PostgreSQL %i', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: {
        autovacuum: 'off',
        shared_preload_libraries: 'pg_stat_statements',
        wal_level: 'logical',
        max_prepared_transactions: '5',
      },
    });
    await createRoles(server);
    for (const name of defects) {
      await server.createDatabase(name);
      await server.run(await readFile(new URL(`${name}.sql`, import.meta.url), 'utf8'), name);
      await server.run('analyze', name);
    }
    for (const extension of ['pg_stat_statements', 'pgstattuple'])
      await server.run(`create extension if not exists ${extension}`, 'health-indexes');
  });
  afterAll(async () => {
    await server.stop();
  });

  it('names are reserved (SCH15) that the server says are', async () => {
    const words = await server.run(
      `select word, catcode in ('R', 'T') as is_reserved from pg_catalog.pg_get_keywords()`,
    );
    const [{ version_num: versionNum } = {}] = await server.run(
      `select current_setting('server_version_num')::int4 as version_num`,
    );
    const wrong = words.filter((row) => isReservedWord(String(row['word']), Number(versionNum)) !== row['is_reserved']);
    expect(wrong).toEqual([]);
    expect(words.filter((row) => row['is_reserved']).length).toBeGreaterThan(90);
  });

  it.each(roles)('answers or says why not, as %s', async (role) => {
    for (const name of defects) {
      const report = await reportOn(urlOf(server, role, name));
      expect({ name, flaws: flaws(report) }).toEqual({ name, flaws: [] });
      expect(report.checks).toHaveLength(healthChecks.length);
    }
  });

  it('what a plain role is told to be fine, a superuser finds to be fine', async () => {
    for (const name of defects) {
      const [all, plain] = [await reportOn(server.url(name)), await reportOn(urlOf(server, 'plain', name))];
      const foundByAll = new Map(all.checks.map((check) => [check.id, check.findings.length]));
      const wrong = plain.checks.filter(
        ({ id, status, reason }) => status === 'ok' && reason === undefined && (foundByAll.get(id) ?? 0) > 0,
      );
      expect({ name, wrong: wrong.map(({ id }) => id) }).toEqual({ name, wrong: [] });
    }
  });
});

describe.each([13, 18] as const)('every check on a standby of PostgreSQL %i', (major) => {
  let server: TestServer;
  let standby: TestStandby;

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { wal_level: 'replica', hot_standby: 'on' } });
    await createRoles(server);
    await server.createDatabase('health-indexes');
    await server.run(await readFile(new URL('health-indexes.sql', import.meta.url), 'utf8'), 'health-indexes');
    standby = await startStandby(server);
    await standby.catchUp();
  });
  afterAll(async () => {
    await standby.stop();
    await server.stop();
  });

  it.each(roles)('answers or says why not, as %s', async (role) => {
    const url = new URL(urlOf(server, role, 'health-indexes'));
    url.port = String(standby.port);
    const report = await reportOn(url.href);
    expect(report.server.inRecovery).toBe(true);
    expect(flaws(report)).toEqual([]);
  });

  it('offers no fix that a standby refuses, and says where it belongs', async () => {
    const url = new URL(server.url('health-indexes'));
    url.port = String(standby.port);
    const findings = (await reportOn(url.href)).checks.flatMap((check) => check.findings);
    const fixes = findings.flatMap(({ fixSql }) => (fixSql === undefined ? [] : [fixSql]));
    for (const statement of fixes.flatMap((sql) => sql.split(/(?<=;)\n/)))
      await standby.run(statement, 'health-indexes');
    expect(fixes.some((sql) => sql.startsWith('alter system'))).toBe(true);
    const belonging = findings.filter(({ caution }) => caution?.startsWith('A standby only reads') === true);
    expect(belonging.length).toBeGreaterThan(10);
    expect(belonging.filter(({ undoSql, lock }) => (undoSql ?? lock) !== undefined)).toEqual([]);
  });
});
