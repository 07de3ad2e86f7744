import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect, test } from '@playwright/test';

import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A server's log, from a path, a drop and a paste, to its slow statements, plans, errors, locks and what is not logged.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let data: string;
let folder: string;
let app: StewardPage;
const problems: string[] = [];

const statements = () => app.page.getByRole('grid', { name: 'Statements of the log' });

test.beforeAll(async ({ browser }) => {
  server = await startTestServer();
  await server.createDatabase('store');
  await server.createDatabase('shop');
  await server.run('create table orders (id int primary key, state text, user_id int)', 'shop');
  data = await temporaryFolder();
  folder = path.join(data, 'logs of a server');
  await mkdir(folder);
  await writeFile(path.join(folder, 'postgresql-1.log'), busyLog());
  host = await startHostProcess(data, { STEWARD_STORE_URL: server.url('store') });
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

async function command(words: string): Promise<void> {
  const { page } = app;
  await page.keyboard.press('ControlOrMeta+k');
  await page
    .getByPlaceholder(/search/i)
    .last()
    .fill(words);
  await page
    .getByRole('option', { name: new RegExp(words) })
    .first()
    .click();
}

test('teaches how to get a log while there is none', async () => {
  await expect(app.page.getByRole('heading', { name: 'No connections yet' })).toBeVisible();
  await command('Import a server log');
  await expect(app.page.getByRole('heading', { name: 'No logs yet: how to get one' })).toBeVisible();
  await expect(app.page.getByLabel('Where the log is', { exact: true })).toContainText('pg_current_logfile()');
  await app.picture('logs-empty');
});

test('says why a path is no log', async () => {
  const { page } = app;
  await page.getByLabel(/File or folder/).fill('/nowhere/at/all.log');
  await page.getByRole('button', { name: 'Read log' }).click();
  await expect(page.getByRole('alert')).toContainText('/nowhere/at/all.log cannot be read');
  await app.picture('logs-refused');
  await page.getByRole('button', { name: 'Dismiss' }).click();
});

test('reads a folder and opens what it found', async () => {
  const { page } = app;
  await page.getByLabel(/File or folder/).fill(folder);
  await page.getByRole('button', { name: 'Read log' }).click();
  await expect(statements()).toBeVisible();
  await expect(page.getByText(/2026-11-29 08:00:00 to 1\d:/)).toBeVisible();
  await expect(page.getByRole('button', { name: /lines? unreadable/ })).toBeVisible();
  await expect(page.getByRole('tab', { name: /^Statements/ })).toContainText('11');
  await app.picture('logs-statements');
});

test('the timeline answers to the keyboard', async () => {
  const { page } = app;
  const chart = page.getByRole('slider', { name: /Time of statements and errors/ });
  await chart.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('status').filter({ hasText: ' in ' }).first()).toContainText(/2026-11-29 1\d:\d\d:00/);
  await expect(chart).toHaveAttribute('aria-valuetext', /call/);
  await app.picture('logs-timeline');
});

test('tells the lines that could not be read', async () => {
  const { page } = app;
  await page.getByRole('button', { name: /lines? unreadable/ }).click();
  await expect(page.getByText('No message of PostgreSQL begins here').first()).toBeVisible();
  await app.picture('logs-unreadable');
  await page.keyboard.press('Escape');
});

test('a statement shows its runs with their values, and hostile text is text', async () => {
  const { page } = app;
  await page.getByRole('searchbox', { name: 'Filter' }).fill('user_id');
  await statements().getByRole('row').filter({ hasText: 'user_id = $1' }).first().click();
  const detail = page.getByRole('article', { name: 'Statement' });
  await expect(detail.getByLabel('Statement of the log')).toContainText('o.user_id = $1');
  await expect(detail.getByRole('list', { name: 'Runs' }).getByText('NULL').first()).toBeVisible();
  await expect(detail.getByText('<img src=x onerror=alert(1)>').first()).toBeVisible();
  await expect(detail.getByRole('button', { name: 'Explain with these parameters' }).first()).toBeDisabled();
  await app.picture('logs-statement');
});

test('explains a run with its values', async () => {
  const { page } = app;
  await app.section('Connections');
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add connection' });
  await dialog.getByLabel(/url/i).first().fill(server.url('shop'));
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue(server.host);
  await dialog.getByLabel('Name', { exact: true }).fill('Shop');
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
  await command('Go to Server logs');
  await page.getByRole('button', { name: 'Explain with these parameters' }).first().click();
  await expect(
    page
      .getByRole('tab', { name: /Plan of the log/ })
      .or(page.getByText('Plan of the log'))
      .first(),
  ).toBeVisible();
  await expect(page.getByText(/Seq Scan/).first()).toBeVisible();
  await command('Go to Server logs');
});

test('shows plans, errors, locks, temporary files and maintenance', async () => {
  const { page } = app;
  await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  await page.getByRole('tab', { name: /^Errors/ }).click();
  await page.getByRole('grid', { name: 'Errors of the log' }).getByText('duplicate key value').click();
  await expect(page.getByRole('article', { name: 'Error' })).toContainText('already exists');
  await app.picture('logs-errors');
  await page.getByRole('tab', { name: /^Locks/ }).click();
  await page.getByRole('grid', { name: 'Lock waits of the log' }).getByText('got it').first().click();
  await expect(page.getByRole('article', { name: 'Lock wait' })).toContainText('transaction');
  await app.picture('logs-locks');
  await page.getByRole('tab', { name: /^Temp files/ }).click();
  await expect(page.getByRole('grid', { name: 'Temporary files of the log' })).toContainText('order by total');
  await app.picture('logs-temp');
  await page.getByRole('tab', { name: /^Maintenance/ }).click();
  await expect(page.getByRole('grid', { name: 'Work of autovacuum' })).toContainText('shop.public.orders');
  await app.picture('logs-maintenance');
  await page.getByRole('tab', { name: /^Not logged/ }).click();
  await expect(page.getByRole('list', { name: 'Not logged' })).toContainText('log_connections');
  await app.picture('logs-missing');
  await page.getByRole('tab', { name: /^Plans/ }).click();
  await app.picture('logs-plans');
  await page.getByRole('grid', { name: 'Plans of the log' }).getByRole('row').nth(1).dblclick();
  await expect(page.getByText(/Hash Join/).first()).toBeVisible();
});

test('takes a file that is dropped, packed or not', async () => {
  const { page } = app;
  await command('Import a server log');
  await expect(page.getByRole('grid', { name: 'Imported logs' })).toBeVisible();
  await app.picture('logs-list');
  const packed = path.join(data, 'dropped.log.gz');
  await writeFile(packed, gzipSync(busyLog()));
  await page.getByLabel('Log file', { exact: true }).setInputFiles(packed);
  await expect(page.getByRole('heading', { name: 'dropped.log.gz' })).toBeVisible();
  await expect(statements()).toBeVisible();
});

test('exports statements, and forgets an import', async () => {
  const { page } = app;
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Statements as CSV' }).click();
  expect((await waiting).suggestedFilename()).toBe('statements-dropped.log.gz.csv');
  await page.getByRole('button', { name: 'Remove this import' }).click();
  await expect(page.getByRole('grid', { name: 'Imported logs' }).getByText('dropped.log.gz')).toBeHidden();
});

test('a paste that is no log is refused in words', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Paste' }).click();
  await page.getByLabel('Log to read').fill('hello\nworld');
  await page.getByRole('button', { name: 'Read pasted log' }).click();
  await expect(
    page.getByRole('main').getByRole('alert').filter({ hasText: 'Nothing in Pasted log is a log of PostgreSQL' }),
  ).toBeVisible();
});

test('nothing went wrong behind the screen', () => {
  expect(problems).toEqual([]);
});

/** Some hours of a server that is busy, then busier. */
function busyLog(): string {
  const lines: string[] = [];
  const start = Date.UTC(2026, 10, 29, 8);
  const say = (at: number, pid: number, text: string) =>
    lines.push(
      `${new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')} [${pid}] app@shop app=${pid % 2 ? 'web' : 'worker'} ${text}`,
    );
  const tables = ['orders', 'customers', 'stock', 'invoices', 'sessions', 'events', 'carts'];
  for (let n = 0; n < 6000; n += 1) {
    const at = start + n * 2400 + (n % 7) * 100;
    const pid = 4000 + (n % 23);
    const load = 1 + 6 * Math.exp(-(((n - 3900) / 500) ** 2)) + Math.sin(n / 300) * 0.4;
    if (n % 5 === 0) {
      say(
        at,
        pid,
        `LOG:  duration: ${(load * ((n % 37) + 3)).toFixed(3)} ms  execute <unnamed>: select o.id, o.state\n\t  from orders o\n\t where o.user_id = $1\n\t   and o.state is distinct from $2`,
      );
      say(
        at,
        pid,
        `DETAIL:  Parameters: $1 = '${n}', $2 = ${n % 10 === 0 ? 'NULL' : "'<img src=x onerror=alert(1)>'"}`,
      );
    } else if (n % 211 === 3) {
      say(at, pid, `LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp${pid}.${n}", size ${n * 9000}`);
      say(at, pid, 'STATEMENT:  select customer_id, sum(total) as total from invoices group by 1 order by total desc');
      say(
        at,
        pid,
        `LOG:  duration: ${(load * 900).toFixed(3)} ms  statement: select customer_id, sum(total) as total from invoices group by 1 order by total desc`,
      );
    } else if (n % 67 === 1) {
      say(at, pid, 'ERROR:  duplicate key value violates unique constraint "orders_pkey"');
      say(at, pid, `DETAIL:  Key (id)=(${n}) already exists.`);
      say(at, pid, `STATEMENT:  insert into orders (id, state) values (${n}, 'new')`);
    } else if (n % 389 === 2) {
      say(at, pid, `LOG:  process ${pid} still waiting for ShareLock on transaction ${n + 70_000} after 1000.112 ms`);
      say(at, pid, `DETAIL:  Process holding the lock: ${pid + 1}. Wait queue: ${pid}.`);
      say(at, pid, 'CONTEXT:  while updating tuple (0,1) in relation "stock"');
      say(at, pid, 'STATEMENT:  update stock set amount = amount - 1 where product_id = 7');
      say(
        at + 900,
        pid,
        `LOG:  process ${pid} acquired ShareLock on transaction ${n + 70_000} after ${(1000 + n / 2).toFixed(3)} ms`,
      );
      say(
        at + 900,
        pid,
        `LOG:  duration: ${(1010 + n / 2).toFixed(3)} ms  statement: update stock set amount = amount - 1 where product_id = 7`,
      );
    } else if (n % 500 === 7) {
      say(
        at,
        pid,
        `LOG:  duration: ${(load * 400).toFixed(3)} ms  plan:\n\tQuery Text: select * from orders join customers using (customer_id) where customers.country = 'NO'\n\tHash Join  (cost=12.00..812.50 rows=300 width=64) (actual time=1.5..${(load * 399).toFixed(3)} rows=280 loops=1)\n\t  Hash Cond: (orders.customer_id = customers.customer_id)\n\t  ->  Seq Scan on orders  (cost=0.00..700.00 rows=30000 width=32) (actual time=0.01..${(load * 200).toFixed(3)} rows=30000 loops=1)\n\t  ->  Hash  (cost=10.00..10.00 rows=160 width=32) (actual time=0.4..0.4 rows=160 loops=1)\n\t        ->  Seq Scan on customers  (cost=0.00..10.00 rows=160 width=32) (actual time=0.01..0.3 rows=160 loops=1)\n\t              Filter: (country = 'NO'::text)`,
      );
    } else if (n % 700 === 9) {
      say(at, 90, 'LOG:  checkpoint starting: time');
      say(
        at,
        90,
        `LOG:  checkpoint complete: wrote ${n} buffers (25.4%); 0 WAL file(s) added, 0 removed, 1 recycled; write=${(load * 9).toFixed(3)} s, sync=0.041 s, total=${(load * 9.2).toFixed(3)} s; sync files=12, longest=0.020 s, average=0.003 s; distance=${n * 9} kB, estimate=12000 kB`,
      );
      say(
        at,
        91,
        `LOG:  automatic vacuum of table "shop.public.${tables[Math.floor(n / 700) % tables.length]}": index scans: 1\n\tpages: 0 removed, 812 remain, 812 scanned (100.00% of total)\n\ttuples: ${n} removed, 60210 remain, ${n % 90} are dead but not yet removable\n\tWAL usage: 2103 records, 12 full page images, ${n * 300} bytes\n\tsystem usage: CPU: user: 0.40 s, system: 0.10 s, elapsed: ${(load * 2).toFixed(2)} s`,
      );
    } else if (n === 1234)
      lines.push('Killed process 4711 (postgres) total-vm:912312kB', 'and a line of another program');
    else
      say(
        at,
        pid,
        `LOG:  duration: ${(load * ((n % 53) + 0.7)).toFixed(3)} ms  statement: select * from ${tables[n % tables.length]} where id = ${n}`,
      );
  }
  return `${lines.join('\n')}\n`;
}
