// Thirty connections as a person sees them in the morning: which needs attention, why, and what to do.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Locator, expect, test } from '@playwright/test';

import type { FleetRow } from '#contract/fleet.ts';

import { type HostProcess, startBuiltHost } from '../support/host-process.ts';
import { StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let servers: readonly TestServer[];
let data: string;
let app: StewardPage;
let idle: Promise<unknown>;
const problems: string[] = [];
const attack = '<img src=x onerror=alert(1)>';

interface Saved {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly color: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly sslMode: string;
  readonly readOnly: boolean;
  readonly authentication: object;
  readonly timeouts: object;
  readonly managedBy: string;
}

test.beforeAll(async ({ browser }) => {
  const [old, recent] = await Promise.all([
    startTestServer({ major: 15, settings: { max_connections: '24', max_prepared_transactions: '3' } }),
    startTestServer({ major: 18 }),
  ]);
  servers = [old, recent];
  for (const [index, server] of servers.entries()) {
    await server.run(
      `create role reader login password 'reader'; create role watcher login password 'watcher' in role pg_monitor`,
    );
    for (const name of ['orders', 'billing', 'auth', 'analytics', 'catalog']) {
      await server.createDatabase(name);
      await server.run(
        `create table item as select n, repeat(md5(n::text), 8) as note from generate_series(1, ${(index + 1) * name.length * 900}) n`,
        name,
      );
    }
  }
  data = await temporaryFolder();
  await writeConnections(old, recent, await freePort());
  idle = Promise.all(
    Array.from({ length: 15 }, () => old.run('begin; select pg_sleep(150)', 'orders').catch(() => {})),
  );
  host = await startBuiltHost(data);
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await Promise.all(servers.map((server) => server.stop()));
  await idle;
  await rm(data, { recursive: true, force: true });
});

/** Passwords come from a password file, so that the host opens thirty connections without being asked. */
async function writeConnections(old: TestServer, recent: TestServer, closedPort: number): Promise<void> {
  const passfile = path.join(data, 'passfile');
  const users: readonly (readonly [string, (server: TestServer) => string])[] = [
    ['steward_test', (server) => server.password],
    ['reader', () => 'reader'],
    ['watcher', () => 'watcher'],
    ['wrong', () => 'not-this-one'],
  ];
  const lines = servers.flatMap((server) =>
    users.map(([user, password]) => `${server.host}:${server.port}:*:${user}:${password(server)}`),
  );
  await writeFile(passfile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const base = { sslMode: 'prefer', readOnly: false, timeouts: {}, managedBy: 'user', color: 'blue' };
  const authentication = { kind: 'passfile', file: passfile };
  const connections: Saved[] = [];
  const add = (fields: Partial<Saved> & { name: string }, server: TestServer = recent) =>
    connections.push({
      id: `c${connections.length}`,
      environment: 'development',
      folder: '',
      host: server.host,
      port: server.port,
      database: 'orders',
      user: server.user,
      authentication,
      ...base,
      ...fields,
    });
  const names = ['orders', 'billing', 'auth', 'analytics', 'catalog'];
  for (const name of names)
    add({ name: `${name}-prod`, environment: 'production', color: 'red', folder: 'Acme/Europe', database: name });
  for (const name of names)
    add({
      name: `${name}-us`,
      environment: 'production',
      color: 'red',
      folder: 'Acme/America',
      database: name,
      user: 'watcher',
    });
  for (const name of names)
    add({
      name: `${name}-staging`,
      environment: 'staging',
      color: 'amber',
      folder: 'Acme/Europe',
      database: name,
      user: 'reader',
    });
  for (const name of names) add({ name: `${name}-dev`, color: 'green', database: name, user: 'watcher' });
  for (const name of names.slice(0, 3))
    add(
      {
        name: `${name}-legacy`,
        environment: 'production',
        color: 'red',
        folder: 'Legacy',
        database: name,
        user: 'watcher',
      },
      old,
    );
  add({ name: 'ledger-prod', environment: 'production', color: 'red', folder: 'Legacy', port: closedPort });
  add({ name: 'warehouse', environment: 'staging', color: 'amber', port: closedPort });
  add({ name: 'payroll-prod', environment: 'production', color: 'red', folder: 'Acme/Europe', user: 'wrong' });
  add({ name: 'guarded-prod', environment: 'production', color: 'red', folder: 'Acme/Europe', readOnly: true });
  add({ name: `scratch ${attack}`, environment: 'local', color: 'grey', database: 'catalog' });
  add({ name: 'gone', environment: 'local', color: 'grey', database: 'dropped' });
  add({ name: 'sandbox', environment: 'local', color: 'purple', folder: attack, database: 'auth' });
  await mkdir(data, { recursive: true });
  await writeFile(
    path.join(data, 'connections.json'),
    JSON.stringify({ connections, stored: [], storedPasswords: [] }),
  );
  await writeFleetFile(connections, recent);
}

/** What was known yesterday: sizes of four weeks, and since when two servers are away. */
async function writeFleetFile(connections: readonly Saved[], recent: TestServer): Promise<void> {
  const samples = connections
    .filter(({ port }) => port === recent.port)
    .flatMap(({ id, host, port, database }, index) =>
      Array.from({ length: 28 }, (_, day) => ({
        connectionId: id,
        target: `${host}:${port}/${database}`,
        at: new Date(Date.now() - (28 - day) * 86_400_000).toISOString(),
        bytes: Math.round(9e6 + day * 40_000 * (index % 6) + Math.sin(day * (1 + (index % 3))) * 90_000),
      })),
    );
  const rows: Record<string, Partial<FleetRow>> = {};
  await writeFile(path.join(data, 'fleet.json'), JSON.stringify({ rows, samples }));
}

const row = (name: string | RegExp): Locator =>
  app.page.getByRole('grid', { name: 'Fleet' }).getByRole('row', { name }).first();
const names = async (): Promise<string[]> =>
  app.page.getByRole('grid', { name: 'Fleet' }).locator('[role=row] [class*=nameText]').allInnerTexts();

test('all connections are checked, and the worst stand first', async () => {
  const { page } = app;
  await app.section('Fleet');
  await expect(page.getByRole('heading', { name: 'Fleet' })).toBeVisible();
  await expect(row(/orders-prod/)).toContainText('18.4');
  await expect(page.getByText(/^Checked \d+ of/)).toBeHidden({ timeout: 60_000 });
  const order = await names();
  expect(order.slice(0, 3).toSorted()).toEqual(['gone', 'ledger-prod', 'warehouse']);
  await expect(row(/ledger-prod/)).toContainText('ECONNREFUSED');
  await expect(row(/payroll-prod/)).toContainText('password authentication failed');
  await expect(row(/guarded-prod/)).toContainText('superuser');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await app.picture('fleet');
});

test('a row tells all its reasons, its numbers, and what can be done', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Show details of orders-legacy' }).click();
  const details = page.getByRole('region', { name: 'Details of orders-legacy' });
  await expect(details.getByText(/No verified backup/)).toBeVisible();
  await expect(details.getByRole('button', { name: 'Back up now' })).toBeVisible();
  await app.picture('fleet-details');
  await page.getByRole('button', { name: 'Hide details of orders-legacy' }).click();
  await page.getByRole('button', { name: 'Show details of payroll-prod' }).click();
  await expect(
    page.getByRole('region', { name: 'Details of payroll-prod' }).getByRole('button', { name: 'Answer and open' }),
  ).toBeVisible();
  await app.picture('fleet-asks');
  await page.getByRole('button', { name: 'Hide details of payroll-prod' }).click();
});

test('it is filtered, searched, grouped, sorted and used by keyboard', async () => {
  const { page } = app;
  await page.getByRole('button', { name: /^Unreachable/ }).click();
  expect((await names()).toSorted()).toEqual(['gone', 'ledger-prod', 'warehouse']);
  await page.getByRole('button', { name: /^All/ }).click();
  await page.getByRole('searchbox', { name: 'Search the fleet' }).fill('billing prod');
  await expect.poll(names).toEqual(expect.arrayContaining(['billing-prod', 'billing-us', 'billing-legacy']));
  await page.getByRole('searchbox', { name: 'Search the fleet' }).fill('no such thing');
  await expect(page.getByText('No connection is like that')).toBeVisible();
  await app.picture('fleet-nothing-found');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('radio', { name: 'Environment' }).click();
  await app.picture('fleet-groups');
  await page.getByRole('radio', { name: 'No groups' }).click();
  await page.getByRole('columnheader', { name: 'Connection' }).getByRole('button').click();
  expect((await names())[0]).toBe('analytics-dev');
  await page.getByRole('grid', { name: 'Fleet' }).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Details of analytics-dev' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Details of analytics-dev' })).toBeHidden();
  await page.getByRole('columnheader', { name: 'Worst first' }).getByRole('button').click();
});

test('a check shows how far it is, and can be cancelled', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Check all' }).click();
  await expect(page.getByRole('button', { name: 'Check all' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Check warehouse now' }).click();
  await expect(row(/warehouse/)).toContainText('ECONNREFUSED');
});

test('a server that comes back is noticed', async () => {
  const { page } = app;
  const before = await row(/orders-legacy/).innerText();
  expect(before).toContain('15.');
  await servers[0]?.crash();
  await page.getByRole('button', { name: 'Check orders-legacy now' }).click();
  await expect(row(/orders-legacy/)).toContainText('ECONNREFUSED');
  await expect(row(/orders-legacy/)).toContainText('15.');
  await app.picture('fleet-stale');
  await servers[0]?.start();
  await page.getByRole('button', { name: 'Check orders-legacy now' }).click();
  await expect(row(/orders-legacy/)).not.toContainText('ECONNREFUSED');
});

test('without connections it says how to begin', async ({ browser }) => {
  const empty = await temporaryFolder();
  const other = await startBuiltHost(empty);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  const page = new StewardPage(await context.newPage());
  await page.page.goto(other.url);
  await page.section('Fleet');
  await expect(page.page.getByRole('heading', { name: 'No connections yet' })).toBeVisible();
  await page.picture('fleet-empty');
  await page.page.getByRole('button', { name: 'Add connection' }).click();
  await expect(page.page.getByRole('dialog')).toBeVisible();
  await context.close();
  await other.stop();
  await rm(empty, { recursive: true, force: true });
});

test('nothing that a name holds was run, and nothing went wrong unseen', () => {
  expect(problems).toEqual([]);
});
