import { rm } from 'node:fs/promises';

import { expect, test } from '@playwright/test';
import pg from 'pg';

import { type HostProcess, startBuiltHost } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// From a server that counts nothing, by the steps, to the statement that costs most, why, and its plan.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let bare: TestServer;
let server: TestServer;
let data: string;
let app: StewardPage;
let client: pg.Client;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  [bare, server] = await Promise.all([
    startTestServer({ major: 15 }),
    startTestServer({
      major: 18,
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        track_io_timing: 'on',
        'pg_stat_statements.track_planning': 'on',
      },
    }),
  ]);
  await server.createDatabase('shop');
  await server.run(
    `create extension pg_stat_statements;
     create table customers (id int primary key, name text not null);
     insert into customers select n, 'customer ' || n from generate_series(1, 20000) n;
     create table orders (id int primary key, customer_id int, placed_at timestamptz, note text);
     insert into orders select n, 1 + n % 20000, timestamptz '2025-01-01' + n * interval '1 minute', repeat('x', 60) from generate_series(1, 60000) n;
     create role clerk login superuser password 'clerk';
     create table "<img src=x onerror=alert(1)>" (id int)`,
    'shop',
  );
  await server.run('vacuum analyze', 'shop');
  client = new pg.Client({ connectionString: server.url('shop') });
  await client.connect();
  data = await temporaryFolder();
  host = await startBuiltHost(data);
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await client?.end();
  await host?.stop();
  await Promise.all([server?.stop(), bare?.stop()]);
  await rm(data, { recursive: true, force: true });
});

async function connect(name: string, url: string): Promise<void> {
  const { page } = app;
  await app.section('Connections');
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/url/i).first().fill(url);
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue('127.0.0.1');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
}

async function load(times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    await client.query('select name from customers where id = $1', [1 + (turn % 20000)]);
    if (turn % 40 === 0) {
      await client.query('select * from orders where customer_id = $1 order by placed_at desc', [turn]);
      await client.query(`update orders set note = note || $1 where id between $2 and $2 + 50`, ['y', turn]);
    }
    if (turn % 100 === 0)
      await client.query('select id, note from orders order by placed_at desc limit 20 offset $1', [40_000 + turn]);
  }
  await client.query("set work_mem = '64kB'");
  for (let turn = 0; turn < 6; turn += 1) {
    await client.query(
      'select customer_id, count(*), max(note) from orders group by customer_id order by max(note), 2',
    );
    await client.query('select id, customer_id, placed_at from orders');
  }
  await client.query('select count(*) from "<img src=x onerror=alert(1)>" where id <> $1', [1]);
  await client.query(`do $$ begin perform count(*) from orders where note like '%z'; end $$`);
  const clerk = new pg.Client({
    host: server.host,
    port: server.port,
    database: 'shop',
    user: 'clerk',
    password: 'clerk',
  });
  await clerk.connect();
  for (let turn = 0; turn < 50; turn += 1) await clerk.query('select name from customers where id = $1', [turn]);
  await clerk.end();
}

const table = () => app.page.getByRole('grid', { name: 'Statements' });
const row = (text: string | RegExp) => table().getByRole('row').filter({ hasText: text });
const detail = () => app.page.getByRole('article', { name: 'Statement' });

async function choose(name: string, option: string): Promise<void> {
  const group = app.page.getByRole('group', { name: 'What is shown' });
  await group.getByRole('combobox', { name }).click();
  await app.page.getByRole('option', { name: option, exact: true }).click();
}

test('a server that counts nothing says what is to be done, step by step', async () => {
  const { page } = app;
  await connect('Bare', bare.url());
  await app.section('Slow queries');
  const steps = page.getByRole('list', { name: 'Steps' });
  await expect(steps.getByRole('listitem')).toHaveCount(4);
  await expect(steps.getByText("alter system set shared_preload_libraries = 'pg_stat_statements';")).toBeVisible();
  await expect(steps.getByText('needs a restart')).toBeVisible();
  await expect(steps.getByText('create extension pg_stat_statements;')).toBeVisible();
  await app.picture('statements-steps');
  await bare.run('create extension pg_stat_statements');
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(steps.getByText('create extension pg_stat_statements;')).toBeHidden();
});

test('the first snapshot shows everything since the reset, and says so', async () => {
  const { page } = app;
  await connect('Shop', server.url('shop'));
  await app.section('Slow queries');
  await expect(page.getByText(/This is the first snapshot/)).toBeVisible();
  await expect(page.getByText(/Since reset: /)).toBeVisible();
  await expect(row('insert into orders')).toBeVisible();
  await app.picture('statements-first');
});

test('what ran since is told by what it cost', async () => {
  const { page } = app;
  await load(1000);
  await page.getByRole('button', { name: 'Take snapshot now' }).click();
  await expect(row('select customer_id, count(*)')).toBeVisible();
  await expect(row('insert into orders')).toBeHidden();
  const lookups = row('select name from customers');
  await expect(lookups).toHaveCount(1);
  await expect(lookups).toContainText('1.1k');
  await expect(row('select customer_id, count(*)')).toContainText('spills');
  await expect(row('select id, customer_id, placed_at')).toContainText('no LIMIT');
  await expect(row('offset $')).toContainText('deep OFFSET?');
  await app.picture('statements-window');
});

test('names and texts of the database are text', async () => {
  await expect(row('<img src=x onerror=alert(1)>')).toBeVisible();
  expect(problems).toEqual([]);
});

test('a statement shows its text, its numbers, who runs it and what they hint at', async () => {
  await row('select name from customers').click();
  await expect(detail().getByLabel('Whole statement')).toContainText('from');
  const parts = detail().getByRole('table', { name: 'By user and database' });
  await expect(parts.getByRole('row')).toHaveCount(3);
  await expect(parts).toContainText('clerk');
  await expect(detail().getByRole('table', { name: 'Numbers' })).toContainText('In the window');
  await row('select customer_id, count(*)').click();
  await expect(detail().getByText(/did not fit into work_mem/)).toBeVisible();
  await app.picture('statements-detail');
});

test('snapshots make a line, and windows are chosen', async () => {
  const { page } = app;
  for (let turn = 0; turn < 3; turn += 1) {
    await load(120 * (turn + 1));
    await page.getByRole('button', { name: 'Take snapshot now' }).click();
    await expect(page.getByRole('button', { name: 'Take snapshot now' })).toBeEnabled();
  }
  await row('select name from customers').click();
  await expect(detail().getByRole('img', { name: /^Mean from snapshot to snapshot/ })).toBeVisible();
  await app.picture('statements-series');
  await choose('Window', 'Between two snapshots');
  await expect(page.getByRole('combobox', { name: 'From' })).toBeVisible();
  await app.picture('statements-between');
  await choose('Window', 'Since reset');
  await expect(row('insert into orders')).toBeVisible();
  await choose('Order', 'By calls');
  await expect(table().getByRole('columnheader', { name: 'Calls' })).toHaveAttribute('aria-sort', 'descending');
  await page.getByRole('radio', { name: 'All databases' }).click();
  await expect(table().getByRole('columnheader', { name: 'Database' })).toBeVisible();
  await page.getByRole('radio', { name: 'shop' }).click();
  // How it is looked at outlives the window.
  await page.reload();
  await expect(table().getByRole('columnheader', { name: 'Calls' })).toHaveAttribute('aria-sort', 'descending');
  await expect(page.getByRole('combobox', { name: 'Window' })).toContainText('Since reset');
  await page.getByRole('searchbox', { name: 'Search in statements' }).fill('no such words');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await app.picture('statements-nothing');
  await page.getByRole('button', { name: 'Show all' }).click();
  await choose('Window', 'Last hour');
  await choose('Order', 'By total time');
});

test('keyboard walks the rows', async () => {
  await table().focus();
  await app.page.keyboard.press('Home');
  const first = await detail().locator('[class*=queryId]').textContent();
  await app.page.keyboard.press('ArrowDown');
  await expect(detail().locator('[class*=queryId]')).not.toHaveText(first ?? '');
});

test('a statement is explained with its parameters, or opened', async () => {
  const { page } = app;
  await row('select name from customers').click();
  await detail().getByRole('button', { name: 'Explain' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Generic plan')).toBeVisible();
  await dialog.getByRole('button', { name: 'Explain', exact: true }).click();
  await expect(page.getByText('estimated, not run')).toBeVisible();
  await expect(page.getByRole('treegrid').or(page.getByRole('tree')).first()).toContainText('customers_pkey');
  await app.section('Slow queries');
  await detail().getByRole('button', { name: 'Open as query' }).click();
  await expect(page.locator('.monaco-editor').first()).toContainText('select name from customers');
});

test('statistics that are reset in between are told', async () => {
  const { page } = app;
  await server.run('select pg_stat_statements_reset()', 'shop');
  await load(200);
  await app.section('Slow queries');
  await page.getByRole('button', { name: 'Take snapshot now' }).click();
  await expect(page.getByText(/Statistics were reset in this window/)).toBeVisible();
  await app.picture('statements-reset');
  expect(problems).toEqual([]);
});
