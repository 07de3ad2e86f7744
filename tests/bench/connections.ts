import { spawnSync } from 'node:child_process';

import type { TestApp } from '../support/app.ts';
import { draftFor, startApp } from '../support/app.ts';
import { startTestServer } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const rounds = 15;

/** How long it takes to open a connection, against `psql -c 'select 1'` over the same path, ms. */
export async function measureOpening(): Promise<{ readonly ours: number; readonly psql: number }> {
  await using server = await startTestServer();
  await using app = await startApp();
  const { id } = await app.client.connections.save(draftFor(server));
  // The first one loads what all of them need.
  await app.client.connections.open({ id });
  const ours: number[] = [];
  const psql: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await app.client.connections.close({ id });
    ours.push(await timed(() => app.client.connections.open({ id })));
    psql.push(
      await timed(async () => {
        const done = spawnSync('psql', ['-XAtq', '-c', 'select 1'], {
          env: {
            PATH: process.env['PATH'],
            PGHOST: server.host,
            PGPORT: String(server.port),
            PGUSER: server.user,
            PGDATABASE: server.adminDatabase,
            PGPASSWORD: server.password,
          },
        });
        if (done.status !== 0) throw new Error('psql failed');
      }),
    );
  }
  return { ours: median(ours), psql: median(psql) };
}

/** From the network's return until the connection is open again, ms: after a refusal and after a black hole. */
export async function measureComeback(): Promise<{ readonly refused: number; readonly stalled: number }> {
  await using server = await startTestServer();
  await using proxy = await startTcpProxy({ target: server });
  await using app = await startApp();
  const { id } = await app.client.connections.save(draftFor(server, { port: proxy.port }));
  await app.client.connections.open({ id });
  const away = async (mode: 'refuse' | 'stall') => {
    await proxy.setMode(mode);
    proxy.cut();
    if (mode === 'stall') app.services.connections.wake();
    await until(() => stateOf(app, id) === 'lost');
    // Long enough for the pauses to have grown to what they become.
    await new Promise((resolve) => setTimeout(resolve, 8000));
    await proxy.setMode('pass');
    return timed(() => until(() => stateOf(app, id) === 'open'));
  };
  return { refused: await away('refuse'), stalled: await away('stall') };
}

function stateOf(app: TestApp, id: string): string {
  return app.services.connections.entry(id).state.kind;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
