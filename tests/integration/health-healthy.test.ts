import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import type { HealthGroup, HealthReport } from '#contract/health-model.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { serverMajors, type TestServer, startTestServer } from '../support/postgres-server.ts';

/** What is about the database; the test server's own settings are none of its doing. */
const ofDatabase: ReadonlySet<HealthGroup> = new Set(['indexes', 'tables', 'sequences', 'schema', 'security', 'locks']);
/** About the server, in spite of their group. */
const ofServer = new Set(['SEC11', 'SEC32']);

async function reportOn(server: TestServer): Promise<HealthReport> {
  await using reader = await PgCatalogReader.open(server.url('healthy'));
  return await runHealthReport([reader]);
}

const alarms = (report: HealthReport) =>
  report.checks
    .filter(({ id, group }) => ofDatabase.has(group) && !ofServer.has(id))
    .flatMap(({ id, findings }) => findings.map(({ message }) => `${id}: ${message}`));

describe.each(serverMajors)('a healthy database on PostgreSQL %i', (major) => {
  it('raises no alarm, neither just loaded nor later', async () => {
    await using server = await startTestServer({ major });
    await server.createDatabase('healthy');
    await server.run(await readFile(new URL('health-healthy.sql', import.meta.url), 'utf8'), 'healthy');
    // Autovacuum never analyzes a partitioned table as a whole: that is true, and worth telling.
    expect(
      alarms(await reportOn(server)).filter((alarm) => !/^TAB06: Partitioned table shop.event /.test(alarm)),
    ).toEqual([]);
    await server.run('vacuum analyze', 'healthy');
    expect(alarms(await reportOn(server))).toEqual([]);
    // Work as usual: updates, deletes, lookups.
    for (let round = 0; round < 5; round += 1)
      await server.run(
        `update shop.orders set state = 'sent' where id % 97 = ${round}; delete from shop.order_line where order_id % 499 = ${round};
         select count(*) from shop.orders where customer_id = ${round + 1}`,
        'healthy',
      );
    expect(alarms(await reportOn(server))).toEqual([]);
  });
});
