import { readFile, rm } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What Steward changed, as a person looks for it: nothing yet, the store away, the store back, one entry, an export.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let data: string;
let app: StewardPage;
const problems: string[] = [];

const table = () => app.page.getByRole('grid', { name: 'Audit' });
const rows = () =>
  table()
    .getByRole('row')
    .filter({ hasNot: app.page.getByRole('columnheader') });
const detail = () => app.page.getByRole('article', { name: 'Entry' });
const away = () => app.page.getByRole('status', { name: 'The store is away' });

test.beforeAll(async ({ browser }) => {
  server = await startTestServer();
  await server.createDatabase('shop');
  await server.createDatabase('store');
  data = await temporaryFolder();
  // A store that nobody answers for.
  const nowhere = server.url('store').replace(`:${server.port}/`, `:${await freePort()}/`);
  host = await startHostProcess(data, { STEWARD_STORE_URL: nowhere });
  app = await openWindow(browser, host.url, problems, /WebSocket|ERR_CONNECTION/);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

async function addConnection(name: string, environment: string): Promise<void> {
  const { page } = app;
  await app.section('Connections');
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/url/i).first().fill(server.url('shop'));
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue(server.host);
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  const chosen = dialog.getByRole('radio', { name: environment, exact: true });
  if (await chosen.isVisible()) await chosen.click();
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
}

async function run(sql: string): Promise<void> {
  const { page } = app;
  await app.section('Query');
  await page
    .getByRole('button', { name: /new query/i })
    .first()
    .click();
  await app.writeSql(sql);
  await page.getByRole('toolbar', { name: 'Query' }).getByRole('button', { name: 'Run all' }).click();
  await expect(page.getByText('duplicate key value').first()).toBeVisible();
}

test('says what will be here before there is anything', async () => {
  await expect(app.page.getByRole('heading', { name: 'No connections yet' })).toBeVisible();
  await app.page.keyboard.press('ControlOrMeta+9');
  await expect(app.page.getByRole('heading', { name: 'Nothing has been changed yet' })).toBeVisible();
  await expect(app.page.getByRole('button', { name: 'Export', exact: true })).toBeDisabled();
  await app.picture('audit-empty');
});

test('shows the journal while the store is away, and says so', async () => {
  await addConnection('Shop', 'Staging');
  await run(`create table item (id int primary key, name text not null);
insert into item
select n, 'item ' || n
  from generate_series(1, 500) n;
insert into item values (1, 'again')`);
  await app.section('Audit');
  await expect(rows()).toHaveCount(3);
  await expect(away()).toContainText('3 entries will be merged');
  await expect(away()).toContainText('ECONNREFUSED');
  await app.picture('audit-away');
});

test('has everything once the store is back', async () => {
  await host.stop();
  host = await startHostProcess(data, { STEWARD_STORE_URL: server.url('store') });
  await app.page.goto(host.url);
  await app.section('Audit');
  await expect(rows()).toHaveCount(3);
  await expect(away()).toBeHidden();
  await expect(rows().filter({ hasText: 'Failed' })).toHaveCount(1);
});

test('follows what is done meanwhile', async () => {
  // As another Steward with the same store leaves its entries.
  await server.run(
    `insert into steward.audit (id, at, duration_ms, actor, role, machine, host, version, connection_name, server, database, environment, action, subject, sql, sql_omitted, outcome, error, rows)
     select gen_random_uuid(), now() - n * interval '37 minutes', n * n * 1.7, (array['ada', 'grace', 'edsger'])[1 + n % 3], (array['app', 'owner'])[1 + n % 2], 'desk-' || n % 4, 'desktop', '0.1.0',
            (array['Shop', 'Billing', 'Warehouse of the very long name'])[1 + n % 3], 'db' || n % 3 || ':5432', (array['shop', 'billing', 'warehouse'])[1 + n % 3],
            (array['production', 'staging', 'development', 'local'])[1 + n % 4],
            (array['query', 'query', 'migration-up', 'query', 'plan-analyze', 'query', 'restore'])[1 + n % 7],
            case 1 + n % 7 when 3 then '00' || n % 9 || '_add_transaction_archive' when 5 then 'rolled back' when 7 then '/home/ada/backups/shop-2026-11-23.dump' end,
            (array[E'update orders\\n   set state = ''shipped'',\\n       shipped_at = now()\\n where id = any (select order_id from shipments where carrier = ''dhl'')', 'create index concurrently orders_state_idx on orders (state) where state <> ''done''', E'alter table transactions add column archived_at timestamptz;\\ncreate table transactions_archive (like transactions including all)', 'delete from sessions where expires_at < now()', 'delete from cart where id = 3', 'truncate staging_items', 'create database "shop_restored" template template0'])[1 + n % 7],
            0, (array['done', 'done', 'done', 'failed', 'done', 'cancelled', 'done', 'done', 'unknown', 'done', 'done'])[1 + n % 11],
            case when n % 11 = 3 then 'canceling statement due to lock timeout' when n % 11 = 8 then 'Connection terminated unexpectedly' end,
            case when n % 7 in (0, 3) then n * 31 end
       from generate_series(1, 240) n`,
    'store',
  );
  await app.section('Connections');
  await app.section('Audit');
  await expect(app.page.getByText('The newest 200 entries')).toBeVisible();
  await app.picture('audit');
  // Entries that arrive in this moment bring the newest ones back: then it is asked for again, as a person does.
  await expect(async () => {
    await app.page.getByRole('button', { name: 'Show older ones' }).click({ timeout: 5000 });
    await expect(app.page.getByText('243 entries')).toBeVisible({ timeout: 8000 });
  }).toPass({ timeout: 60_000 });
});

test('an entry is chosen with the keyboard and shows its whole statement', async () => {
  const { page } = app;
  await page.getByRole('searchbox', { name: /Search SQL/ }).fill('lock timeout');
  await expect(page.getByText('22 entries')).toBeVisible();
  await table().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(detail().getByRole('note', { name: 'Error' })).toHaveText('canceling statement due to lock timeout');
  await expect(detail().getByLabel('SQL of the entry')).toBeVisible();
  await app.picture('audit-entry');
  await detail().getByRole('button', { name: 'Close' }).click();
  await expect(detail()).toBeHidden();
});

test('is narrowed by chips, and the search field is at hand', async () => {
  const { page } = app;
  await page.keyboard.press('ControlOrMeta+f');
  await expect(page.getByRole('searchbox', { name: /Search SQL/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Outcome: any' }).click();
  await app.picture('audit-filter-menu');
  await page.getByRole('menuitem', { name: 'Unknown' }).click();
  await expect(page.getByRole('button', { name: 'Outcome: Unknown' })).toBeVisible();
  await page.getByRole('button', { name: 'Time: any' }).click();
  await page.getByRole('menuitem', { name: 'Last 7 days' }).click();
  await rows().first().click();
  await expect(detail()).toContainText('nobody knows whether it took effect');
  await app.picture('audit-unknown');
  await page.getByRole('searchbox', { name: /Search SQL/ }).fill('%');
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await expect(page.getByText('243 entries')).toBeVisible();
});

test('is exported to a file, all of it', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  const done = page.getByRole('region', { name: 'Exported' });
  await expect(done).toContainText('243 entries in');
  await app.picture('audit-exported');
  const file = (await done.textContent())?.match(/\/.*?\.csv/)?.[0] ?? '';
  expect((await readFile(file, 'utf8')).split('\r\n').length).toBeGreaterThan(243);
  await done.getByRole('button', { name: 'Dismiss' }).click();
  await expect(done).toBeHidden();
});

test('no script was stopped and nothing went wrong unseen', () => {
  expect(problems).toEqual([]);
});
