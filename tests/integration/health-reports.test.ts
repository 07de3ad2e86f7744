import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.createDatabase('store');
  await server.createDatabase('shop');
  await server.run('create table bare (a int); create table kept (id int primary key)', 'shop');
  app = await startApp({ storeMode: 'own', storeUrl: server.url('store') });
  await until(async () => (await app.client.settings.status()).store.kind === 'ready');
  connectionId = (await app.client.connections.save(draftFor(server, { name: 'shop', database: 'shop' }))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

async function run(id = connectionId): Promise<{ report: HealthReport; savedId: string }> {
  const events = await collect(await app.client.health.run({ connectionId: id }));
  const last = events.at(-1);
  if (last?.kind !== 'report' || last.savedId === null) throw new Error(`not kept: ${JSON.stringify(last)}`);
  return { report: last.report, savedId: last.savedId };
}
const found = (report: HealthReport, check: string) =>
  report.checks.find(({ id }) => id === check)?.findings.map(({ object }) => object) ?? [];

describe('kept reports', () => {
  it('are listed with their score, read again, and compared', async () => {
    const before = await run();
    expect(found(before.report, 'SCH01')).toEqual(['public.bare']);
    await server.run('drop table bare; create table other (a int)', 'shop');
    const after = await run();
    const list = await app.client.health.reports({ connectionId });
    expect(list.map(({ id }) => id)).toEqual([after.savedId, before.savedId]);
    expect(list[0]).toMatchObject({ target: `127.0.0.1:${server.port}/shop`, score: after.report.score });
    expect(await app.client.health.report({ id: before.savedId })).toEqual(before.report);
    const { changes } = await app.client.health.compare({ before: before.savedId, after: after.savedId });
    expect(changes.filter(({ check }) => check === 'SCH01').map(({ kind, finding }) => [kind, finding.object])).toEqual(
      [
        ['new', 'public.other'],
        ['gone', 'public.bare'],
      ],
    );
  });

  it('every finding says how sure it is; those about relations say what a change reaches', async () => {
    const { report } = await run();
    const findings = report.checks.flatMap((check) =>
      check.findings.map((finding) => ({ check: check.id, ...finding })),
    );
    expect(findings.filter(({ confidence }) => confidence === undefined)).toEqual([]);
    expect(
      findings.filter(({ relationOid, blastRadius }) => relationOid !== undefined && blastRadius === undefined),
    ).toEqual([]);
  });

  it('keep measures from which trends and forecasts are made', async () => {
    const { report, savedId } = await run();
    expect(report.measures?.length).toBeGreaterThan(0);
    // As if the newest report were of a week later, and everything had grown.
    await server.run(
      `update steward.health_reports set taken_at = taken_at - interval '8 days' where id <> ${savedId};
       update steward.health_reports
          set measures = (select jsonb_agg(jsonb_set(m, '{value}', to_jsonb((m ->> 'value')::numeric * 2 + 1000))) from jsonb_array_elements(measures) as m)
        where id = ${savedId}`,
      'store',
    );
    const forecasts = await app.client.health.forecasts({ connectionId });
    expect(forecasts.length).toBe(report.measures?.length);
    expect(forecasts.every(({ perDay, points }) => perDay > 0 && points.length >= 2)).toBe(true);
    const trends = await app.client.health.trends({ connectionId });
    expect(trends.every(({ points }) => points.length >= 2)).toBe(true);
  });

  it('are exported in every format', async () => {
    const { savedId } = await run();
    for (const format of ['html', 'markdown', 'json', 'sarif', 'junit'] as const) {
      const { text, fileName } = await app.client.health.export({ id: savedId, format });
      expect(text).toContain('public.other');
      expect(text).not.toContain(server.password);
      expect(fileName).toMatch(/^health-shop-\d{4}-\d\d-\d\dT\d\d-\d\d\.\w+$/);
    }
  });

  it('one that is not kept any more is not found', async () => {
    for (const id of ['999999', 'nobody', '1; drop table x']) {
      await expect(app.client.health.report({ id })).rejects.toMatchObject({ data: { code: 'not_found' } });
      await expect(app.client.health.export({ id, format: 'html' })).rejects.toMatchObject({
        data: { code: 'not_found' },
      });
    }
  });
});

describe('rules', () => {
  it('suppress a finding for a while, in reports of before too, and are kept in a file that people can read', async () => {
    const { savedId, report } = await run();
    const rule = await app.client.health.suppress({
      check: 'SCH01',
      object: 'public.other',
      connectionId,
      reason: 'A staging table.',
      until: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const shown = await app.client.health.report({ id: savedId });
    expect(shown.checks.find(({ id }) => id === 'SCH01')?.findings[0]?.suppressed).toEqual({
      id: rule.id,
      reason: 'A staging table.',
      until: rule.until,
    });
    expect(shown.score).toBeGreaterThanOrEqual(report.score ?? 0);
    const file: unknown = JSON.parse(await readFile(path.join(app.dataDirectory, 'health-rules.json'), 'utf8'));
    expect(file).toMatchObject({ suppressions: [{ check: 'SCH01', object: 'public.other' }] });
    await app.client.health.unsuppress({ id: rule.id });
    expect(await app.client.health.suppressions()).toEqual([]);
    expect((await app.client.health.report({ id: savedId })).checks).toEqual(report.checks);
  });

  it('thresholds change what is found, and are told beside the check', async () => {
    const checks = await app.client.health.checks();
    const usual = checks.find(({ id }) => id === 'CON01')?.thresholds;
    expect(usual?.length).toBeGreaterThan(0);
    for (const threshold of usual ?? [])
      await app.client.health.setThreshold({ check: 'CON01', name: threshold.name, value: 0 });
    const { report } = await run();
    const con01 = report.checks.find(({ id }) => id === 'CON01');
    expect(con01?.status).toBe('finding');
    expect(con01?.thresholds?.every(({ value }) => value === 0)).toBe(true);
    for (const threshold of usual ?? [])
      await app.client.health.setThreshold({ check: 'CON01', name: threshold.name, value: null });
    expect((await app.client.health.checks()).find(({ id }) => id === 'CON01')?.thresholds).toEqual(usual);
    await expect(app.client.health.setThreshold({ check: 'CON01', name: 'nothing', value: 1 })).rejects.toMatchObject({
      data: { code: 'not_found' },
    });
    await expect(
      app.client.health.setThreshold({ check: 'CON01', name: usual?.[0]?.name ?? '', value: -1 }),
    ).rejects.toMatchObject({ data: { code: 'bad_input' } });
  });

  it('an opinion is asked only where it is wanted', async () => {
    const optional = (await app.client.health.checks()).filter(({ onlyWhenAsked }) => onlyWhenAsked);
    expect(optional.length).toBeGreaterThan(0);
    const [first] = optional;
    if (first === undefined) return;
    const asked = async () => (await run()).report.checks.some(({ id }) => id === first.id);
    expect(await asked()).toBe(false);
    await app.client.health.setAsked({ check: first.id, asked: true });
    expect(await asked()).toBe(true);
    await app.client.health.setAsked({ check: first.id, asked: false });
    expect(await asked()).toBe(false);
  });
});
