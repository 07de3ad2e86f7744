import { readFile, writeFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { type TestApp, collect, jobEnd, startApp } from '../support/app.ts';

/** What is true of the sample database, read and written down; its server's settings are left out. */
const truth = new URL('health-truth/sample.json', import.meta.url);
const ofDatabase = new Set(['indexes', 'tables', 'sequences', 'schema']);

async function found(app: TestApp, connectionId: string): Promise<Record<string, string[]>> {
  const last = (await collect(await app.client.health.run({ connectionId }))).at(-1);
  if (last?.kind !== 'report') throw new Error('no report');
  expect(last.report.checks.filter(({ status }) => status === 'error')).toEqual([]);
  return Object.fromEntries(
    last.report.checks
      .filter(({ group, findings }) => ofDatabase.has(group) && findings.length > 0)
      .map(({ id, findings }) => [id, findings.map(({ object }) => object).toSorted()]),
  );
}

it('the sample has the defects that it was made with, and no others', async () => {
  await using app = await startApp({ storeMode: 'own' });
  const job = await jobEnd(app.client, (await app.client.settings.createSample({ factor: 0.2 })).jobId);
  expect(job.state).toBe('done');
  const [connection] = await app.client.connections.list();
  const findings = await found(app, connection?.id ?? '');
  if (process.env['STEWARD_WRITE_TRUTH'] === '1') await writeFile(truth, `${JSON.stringify(findings, null, 2)}\n`);
  expect(findings).toEqual(JSON.parse(await readFile(truth, 'utf8')));
});
