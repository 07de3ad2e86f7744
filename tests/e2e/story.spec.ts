import { rm } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from '@playwright/test';

import { temporaryFolder } from '../support/temporary-folder.ts';
import { type HostProcess, startBuiltHost } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

// The whole story in one browser: a fresh machine, a database, and the six things Steward exists for.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let data: string;
let app: StewardPage;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  server = await startTestServer();
  await server.createDatabase('shop');
  await server.run(
    `create table customer (id int primary key, "<img src=x onerror=alert(1)>" text);
     create table purchase (id int generated always as identity primary key, customer_id int not null references customer (id), total numeric not null);
     insert into customer select n, 'name ' || n from generate_series(1, 2000) n;
     insert into purchase (customer_id, total) select 1 + n % 2000, n from generate_series(1, 60000) n;
     analyze`,
    'shop',
  );
  data = await temporaryFolder();
  host = await startBuiltHost(data);
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

test('an empty Steward says what to do first', async () => {
  await expect(app.page.getByRole('heading', { name: 'No connections yet' })).toBeVisible();
  await app.picture('connections-empty');
});

test('a connection is added by its URL; what is wrong with it is said', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/url/i).first().fill(server.url('shop').replace(server.password, 'wrong'));
  // The fields follow the URL.
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue(server.host);
  await dialog.getByLabel('Name', { exact: true }).fill('Shop');
  await dialog.getByRole('button', { name: /^Test/ }).click();
  await expect(dialog.getByText(`password authentication failed for user "${server.user}"`)).toBeVisible();
  await app.picture('connection-error');
  await dialog.getByLabel('Password', { exact: true }).fill(server.password);
  await dialog.getByRole('button', { name: /^Test/ }).click();
  await expect(dialog.getByText(/PostgreSQL 15/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole('row', { name: /Shop/ });
  await expect(row.getByText('open', { exact: true })).toBeVisible();
});

test('the sample database is created with progress and opens', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Create the sample database' }).click();
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await app.picture('jobs');
  const row = page.getByRole('row', { name: /Sample portfolio/ });
  await expect(row).toBeVisible({ timeout: 120_000 });
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Open Sample portfolio' }).click();
  await expect(row.getByText('open', { exact: true })).toBeVisible();
  await app.picture('connections');
});

test('a query is run, its error marked, its result shown, and it can be cancelled', async () => {
  const { page } = app;
  await app.section('Query');
  await page
    .getByRole('button', { name: /new query/i })
    .first()
    .click();
  await app.writeSql(
    'select symbol, count(*) as trades, sum(amount) as total\nfrom transactions\ngroup by symbol\norder by total desc',
  );
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByRole('gridcell', { name: 'AAPL' })).toBeVisible();
  await expect(page.getByText('40 rows').first()).toBeVisible();
  await app.picture('query');

  await app.writeSql('select symbol\nfrom transactons');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByText('relation "transactons" does not exist').first()).toBeVisible();
  await expect(page.locator('.monaco-editor .squiggly-error').first()).toBeVisible();
  await app.picture('query-error');

  await app.writeSql('select pg_sleep(300)');
  await page.keyboard.press('ControlOrMeta+Enter');
  const toolbar = page.getByRole('toolbar', { name: 'Query' });
  await toolbar.getByRole('button', { name: /cancel/i }).click();
  await expect(toolbar.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await expect(toolbar.getByRole('button', { name: /cancel/i })).toBeHidden();
});

test('tabs survive a reload, and nothing in them runs by itself', async () => {
  const { page } = app;
  await app.writeSql('select 1 as still_here');
  await expect(page.locator('.view-lines')).toContainText('still_here');
  // The text is saved a moment after it was typed.
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.view-lines')).toContainText('still_here', { timeout: 5000 });
  }).toPass();
  await expect(page.getByRole('grid', { name: 'Result' })).toBeHidden();
});

test('the schema is found, looked at as a diagram, and each table has its page', async () => {
  const { page } = app;
  await app.section('Schema');
  const diagram = page.getByRole('application', { name: 'Tables and relations' });
  await expect(diagram.getByRole('group', { name: 'Table public.transactions' })).toBeVisible();
  await app.picture('schema');
  const find = page.getByRole('searchbox', { name: 'Find any object' });
  await find.fill('hold');
  await page
    .getByRole('treeitem', { name: /^holdings in public/ })
    .first()
    .dblclick();
  const object = page.getByRole('article', { name: 'public.holdings' });
  await expect(object.getByRole('grid', { name: 'Columns' }).getByText('average_cost')).toBeVisible();
  await app.picture('object');
  await object.getByRole('tab', { name: /Definition/ }).click();
  await expect(object.getByText(/create table public\.holdings/).first()).toBeVisible();
  await app.picture('object-definition');
  await find.fill('');
});

test('a plan is measured, shown in Monaco, and what changes data is rolled back', async () => {
  const { page } = app;
  await app.section('Query');
  await app.writeSql(
    "select p.name, count(*), sum(t.amount)\nfrom transactions t\njoin portfolios p on p.id = t.portfolio_id\nwhere t.symbol = 'TSLA' and t.quantity > 20\ngroup by p.name\norder by 3 desc",
  );
  await page
    .getByRole('toolbar', { name: 'Query' })
    .getByRole('button', { name: 'Explain analyze', exact: true })
    .click();
  await expect(page.getByRole('treegrid', { name: 'Nodes' }).getByRole('row').nth(2)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Text of the plan' })).toContainText(/Seq\sScan\son\stransactions/);
  await expect(page.getByRole('region', { name: 'What to do' }).getByRole('article').first()).toBeVisible();
  // Node names, relations and numbers have colours of their own.
  await expect(async () => {
    const kinds = await page
      .getByRole('region', { name: 'Text of the plan' })
      .locator('.view-line span span')
      .evaluateAll((spans) => new Set(spans.map(({ className }) => className)).size);
    expect(kinds).toBeGreaterThan(3);
  }).toPass();
  await app.picture('plan');

  await app.section('Query');
  await page.getByRole('tab', { name: 'Query 1', exact: true }).click();
  await app.writeSql('update users set is_active = not is_active where id <= 100');
  await page
    .getByRole('toolbar', { name: 'Query' })
    .getByRole('button', { name: 'Explain analyze', exact: true })
    .click();
  const dialog = page.getByRole('dialog', { name: 'Run this statement and roll it back' });
  await expect(dialog.getByText(/rolled back/).first()).toBeVisible();
  await app.picture('plan-confirm');
  await dialog.getByRole('button', { name: 'Run and roll back' }).click();
  await expect(page.getByText(/rolled back/i).first()).toBeVisible();

  await app.section('Plans');
  await app.picture('plans');
});

test('a health report finds what the sample has, with evidence and fix', async () => {
  const { page } = app;
  await app.section('Health');
  await page.getByRole('button', { name: 'Run health report' }).click();
  const findings = page.getByRole('region', { name: 'Findings' });
  await expect(
    findings.getByRole('button', { name: /Foreign key transactions_portfolio_id_fkey.*has no index/ }),
  ).toBeVisible();
  await app.picture('health');
  await findings.getByRole('button', { name: /Foreign key transactions_portfolio_id_fkey/ }).click();
  await expect(findings.getByText(/create index concurrently/i).first()).toBeVisible();
  await expect(findings.getByText(/SHARE UPDATE EXCLUSIVE/).first()).toBeVisible();
  await app.picture('health-finding');
});

test('a backup is taken with one click and restored into a new database', async () => {
  const { page } = app;
  await page.getByRole('button', { name: /^Connection: / }).click();
  await page
    .getByRole('option', { name: /Shop/ })
    .or(page.getByRole('menuitem', { name: /Shop/ }))
    .or(page.getByRole('menuitemradio', { name: /Shop/ }))
    .first()
    .click();
  await app.section('Backups');
  await expect(page.getByRole('heading', { name: 'No backups yet' })).toBeVisible();
  await app.picture('backups-empty');
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const row = page.getByRole('grid', { name: 'Backups' }).getByRole('row', { name: /shop/ }).last();
  await expect(row).toBeVisible({ timeout: 60_000 });
  await expect(row.getByText(/readable/i).first()).toBeVisible();
  await app.picture('backups');
  await row.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.getByRole('textbox', { name: 'New database' }).fill('shop_again');
  await app.picture('restore');
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(async () => {
    expect(await server.run('select count(*)::int as n from purchase', 'shop_again')).toEqual([{ n: 60_000 }]);
  }).toPass({ timeout: 60_000 });
});

test('a migration is looked at, applied and rolled back', async () => {
  const { page } = app;
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Connection: / }).click();
  await page
    .getByRole('option', { name: /Sample/ })
    .or(page.getByRole('menuitem', { name: /Sample/ }))
    .or(page.getByRole('menuitemradio', { name: /Sample/ }))
    .first()
    .click();
  await app.section('Migrations');
  await page.getByLabel('Path of the folder').fill(path.resolve('assets/sample/migrations'));
  await page.getByRole('button', { name: 'Open folder' }).click();
  await page
    .getByRole('listbox', { name: 'Migrations' })
    .getByRole('option', { name: /005_index_transactions/ })
    .click();
  await expect(page.getByRole('region', { name: 'SQL of up' })).toContainText(
    /create\sindex\sidx_transactions_portfolio/,
  );
  await app.picture('migrations');
  await page
    .getByRole('button', { name: /^Apply/ })
    .first()
    .click();
  const confirm = page.getByRole('dialog').or(page.getByRole('alertdialog')).last();
  await app.picture('migrations-apply');
  await confirm.getByRole('button', { name: /^Apply/ }).click();
  await expect(page.getByText('5 applied on Sample portfolio')).toBeVisible({ timeout: 60_000 });
  await page
    .getByRole('button', { name: /Roll back/ })
    .first()
    .click();
  await page
    .getByRole('dialog')
    .or(page.getByRole('alertdialog'))
    .last()
    .getByRole('button', { name: /Roll back/ })
    .click();
  await expect(page.getByText(/1 pending, 4 applied on Sample portfolio/)).toBeVisible({ timeout: 60_000 });
});

test('the settings tell where everything is', async () => {
  await app.page.keyboard.press('Escape');
  await app.section('Settings');
  await expect(app.page.getByText(/in memory only/)).toBeVisible();
  await app.picture('settings');
});

test('the palette finds commands and objects by a few letters', async () => {
  const { page } = app;
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('backup');
  await expect(page.getByRole('option').first()).toBeVisible();
  await app.picture('palette');
  await page.keyboard.press('Escape');
});

test('a lost service is said', async () => {
  const { page } = app;
  await host.kill();
  await expect(page.getByText(/reconnecting/i).first()).toBeVisible();
  await app.picture('reconnecting');
});

test('a Steward that was started anew says that this page needs its new link', async () => {
  const { page } = app;
  const { port } = new URL(host.url);
  host = await startBuiltHost(data, ['--port', port]);
  await expect(page.locator('[data-modal]')).toContainText('Open Steward’s new link');
  await app.picture('new-link');
  await page.goto(host.url);
  await expect(page.getByText(/connected ·|closed/).first()).toBeVisible();
});

test('nothing went wrong in the page meanwhile', () => {
  // What the browser says of the sockets that found nobody is what the last test was about.
  expect(problems.filter((problem) => !/WebSocket|ERR_CONNECTION_REFUSED|401/.test(problem))).toEqual([]);
});
