import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { draftFor, startApp, temporaryFolder } from '../support/app.ts';
import { type CliResult, steward } from '../support/cli.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let dataDirectory: string;
let goneId: string;

const fleet = (...args: string[]): Promise<CliResult> =>
  steward(['fleet', ...args], { environment: { STEWARD_DATA_DIR: dataDirectory, PGPASSFILE: '/nonexistent' } });

beforeAll(async () => {
  server = await startTestServer();
  await server.run(`create role free login password 'free'`);
  dataDirectory = await temporaryFolder();
  await using app = await startApp({ dataDirectory });
  await app.client.connections.save(
    draftFor(server, {
      name: 'good',
      password: '',
      authentication: { kind: 'command', command: `printf '%s' '${server.password}'`, expirySeconds: 60 },
    }),
  );
  goneId = (await app.client.connections.save(draftFor(server, { name: 'gone', port: await freePort() }))).id;
});
afterAll(async () => {
  await server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

it('prints a table, the worst first, and ends with 1 while one is unreachable', async () => {
  const { code, stdout } = await fleet();
  expect(code, stdout).toBe(1);
  const lines = stdout.split('\n');
  expect(lines[2]).toMatch(/^gone +unreachable .*ECONNREFUSED/);
  expect(lines[3]).toMatch(/^good +(?:fine|warning) +15\.\d+ +\d+ MB/);
  expect(stdout).toContain('2 checked: 1 unreachable, 0 critical');
});

it('prints JSON, and ends as --fail-on says', async () => {
  const never = await fleet('--json', '--fail-on', 'never');
  expect(never.code).toBe(0);
  expect(never.json<{ rows: { name: string; connectionId: string; status: string }[] }>().rows).toMatchObject([
    { name: 'gone', connectionId: goneId, status: 'unreachable' },
    { name: 'good' },
  ]);
  expect((await fleet('--fail-on', 'everything')).code).toBe(2);
});
