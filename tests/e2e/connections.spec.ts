import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Locator, expect, test } from '@playwright/test';

import { temporaryFolder } from '../support/temporary-folder.ts';
import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

// Many connections: taken over from files, put in order, found again, and opened.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let home: string;
let data: string;
let app: StewardPage;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  server = await startTestServer();
  await server.createDatabase('orders');
  home = await temporaryFolder();
  data = await temporaryFolder();
  const { host: address, port, user, password } = server;
  const passfile = path.join(home, 'elsewhere', 'pgpass');
  await mkdir(path.dirname(passfile));
  await writeFile(
    passfile,
    [
      '# the databases of work',
      `${address}:${port}:orders:${user}:${password.replaceAll(/[\\:]/g, String.raw`\$&`)}`,
      `${address}:${port}:*:${user}:${password.replaceAll(/[\\:]/g, String.raw`\$&`)}`,
      '*:*:*:monitor:secret-that-stays',
      'analytics.prod.example:5432:events:ada:secret-that-stays',
    ].join('\n'),
  );
  await chmod(passfile, 0o600);
  host = await startHostProcess(data, { HOME: home, PGPASSFILE: passfile }, 'out/main/headless.js');
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(home, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
});

/** The dialog, and not a toast, which is one to screen readers too. */
function modal(): Locator {
  return app.page.locator('[data-modal]');
}

function list(): Locator {
  return app.page.getByRole('treegrid', { name: 'Connections' });
}

function row(name: string | RegExp): Locator {
  return list().getByRole('row', { name });
}

/** The names of the rows in their order, folders with a slash behind them. */
async function order(): Promise<string[]> {
  const rows = await list().getByRole('row').all();
  const names = await Promise.all(rows.slice(1).map(async (one) => one.getByRole('gridcell').first().innerText()));
  return names.map((name) => name.trim().split('\n')[0] ?? '');
}

test('a password file becomes connections that open without a word', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = modal();
  const tile = dialog.getByRole('button', { name: /Password file/ });
  await expect(tile).toContainText('3 connections');
  await expect(dialog.getByRole('button', { name: /Service file/ })).toBeDisabled();
  await app.picture('import-sources');
  await tile.click();
  await expect(dialog.getByText('3 of 3 picked')).toBeVisible();
  await expect(dialog.getByText(/is for any host/)).toBeVisible();
  await expect(dialog.getByText(/stay in .*elsewhere.pgpass; Steward reads them from there/)).toBeVisible();
  await expect(dialog).not.toContainText('secret-that-stays');
  await app.picture('import-candidates');
  await dialog.getByRole('button', { name: 'Import 3' }).click();
  await expect(dialog).toBeHidden();
  await expect(row(/events on analytics/)).toBeVisible();

  await page.getByRole('button', { name: /^Open orders on/ }).click();
  await expect(row(/orders on/).getByText('open', { exact: true })).toBeVisible();
  const saved = await readFile(path.join(data, 'connections.json'), 'utf8');
  expect(saved).not.toContain(server.password);

  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await modal()
    .getByRole('button', { name: /Password file/ })
    .click();
  await expect(modal().getByText('0 of 3 picked')).toBeVisible();
  await expect(modal().getByText('already there')).toHaveCount(3);
  await page.keyboard.press('Escape');
});

test('a file of pgAdmin is recognised by what is in it', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = modal();
  await dialog.getByLabel('File to import').setInputFiles({
    name: 'servers.json',
    mimeType: 'application/json',
    buffer: Buffer.from(
      JSON.stringify({
        Servers: {
          1: {
            Name: 'Ledger',
            Group: 'Acme',
            Host: 'ledger.staging.example',
            Port: 5432,
            Username: 'ada',
            SSLMode: 'require',
          },
          2: { Name: 'Broken', Group: 'Acme', Host: 'x', Port: 0, Username: 'ada' },
        },
      }),
    ),
  });
  await expect(dialog.getByRole('heading', { name: 'Import from pgAdmin' })).toBeVisible();
  await expect(dialog.getByText(/“Broken” in pgAdmin is left out/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 1' }).click();
  await expect(row(/^Acme/)).toBeVisible();
  await expect(row(/Ledger/)).toHaveAttribute('aria-level', '2');
});

test('connections are arranged by keyboard alone', async () => {
  const { page } = app;
  await row(/events on analytics/).click();
  await list().focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await expect
    .poll(order)
    .toEqual(['events on analytics', `orders on ${server.host}`, `postgres on ${server.host}`, 'Acme', 'Ledger']);

  await page.keyboard.press('ControlOrMeta+d');
  await expect(row(/events on analytics 2/)).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('F6');
  const dialog = modal();
  await dialog.getByRole('combobox', { name: 'Folder' }).fill('Acme/Copies');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect
    .poll(order)
    .toEqual([
      'events on analytics',
      `orders on ${server.host}`,
      `postgres on ${server.host}`,
      'Acme',
      'Ledger',
      'Copies',
      'events on analytics 2',
    ]);

  // To the folder around it, and to the one around that, and both closed.
  await list().focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(row(/Copies/)).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(row(/Ledger/)).toBeHidden();
  await page.waitForTimeout(600);
  await page.reload();
  await expect(row(/^Acme/)).toHaveAttribute('aria-expanded', 'false');
  await expect(row(/Ledger/)).toBeHidden();
});

test('a connection is dragged into a folder', async () => {
  await row(/events on analytics/).dragTo(row(/^Acme/));
  await expect(row(/^Acme/)).toContainText('3');
  await expect(row(/events on analytics/)).toBeHidden();
});

test('a search opens folders and says what it found', async () => {
  const { page } = app;
  const search = page.getByRole('searchbox', { name: 'Search connections' });
  await search.fill('staging ledger');
  await expect(page.getByText('1 found')).toBeVisible();
  await expect.poll(order).toEqual(['Acme', 'Ledger']);
  await search.fill('nowhere at all');
  await expect(page.getByText('Nothing matches “nowhere at all”')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(row(/orders on/)).toBeVisible();
});

test('several connections are opened, closed, exported and removed at once', async () => {
  const { page } = app;
  await list().focus();
  await row(/orders on/).click();
  await row(/postgres on/).click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: 'Selected connections' });
  await expect(bar.getByText('2 selected')).toBeVisible();
  await bar.getByRole('button', { name: 'Open all' }).click();
  await expect(list().getByText('open', { exact: true })).toHaveCount(2);
  await bar.getByRole('button', { name: 'Close all' }).click();
  await expect(list().getByText('open', { exact: true })).toHaveCount(0);

  const download = page.waitForEvent('download');
  await bar.getByRole('button', { name: 'Export' }).click();
  const file = await (await download).path();
  const exported = await readFile(file, 'utf8');
  expect(exported).toContain('"format": "steward-connections"');
  expect(exported).not.toContain(server.password);

  await page.keyboard.press('Escape');
  await list().focus();
  await page.keyboard.press('Delete');
  const dialog = modal();
  await expect(dialog.getByRole('heading', { name: 'Remove 2 connections' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Remove 2' }).click();
  await expect.poll(order).toEqual(['Acme']);
});

test('sixty connections in folders stay readable, and three hundred stay quick', async () => {
  const { page } = app;
  const environments = ['production', 'staging', 'development'] as const;
  const connections = Array.from({ length: 300 }, (_, index) => ({
    name: `${['orders', 'billing', 'auth', 'search', 'ledger'][index % 5]}-${index + 1}`,
    environment: environments[index % 3],
    color: (['red', 'amber', 'green'] as const)[index % 3],
    host: index % 7 === 0 ? '127.0.0.1' : `db-${index}.eu-central.internal.example`,
    port: index % 7 === 0 ? 1 + index : 5432,
    database: ['orders', 'billing', 'auth', 'search', 'ledger'][index % 5],
    user: 'steward_reader',
    sslMode: 'prefer',
    readOnly: index % 3 === 0,
    folder: `Customers/${['Acme', 'Globex', 'Initech', 'Umbrella', 'Wayne Enterprises'][Math.floor(index / 12) % 5]}`,
  }));
  for (const [count, name] of [
    [60, 'connections-60'],
    [300, 'connections-300'],
  ] as const) {
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const dialog = modal();
    await dialog.getByLabel('File to import').setInputFiles({
      name: 'steward-connections.json',
      mimeType: 'application/json',
      buffer: Buffer.from(
        JSON.stringify({
          format: 'steward-connections',
          version: 1,
          connections: connections.slice(count === 60 ? 0 : 60, count),
        }),
      ),
    });
    await dialog.getByRole('button', { name: /^Import \d+$/ }).click();
    await expect(dialog).toBeHidden();
    if (count === 60) {
      const search = page.getByRole('searchbox', { name: 'Search connections' });
      await search.fill('127.0.0.1');
      await expect(row(/orders-1/).first()).toBeVisible();
      await list().focus();
      await page.keyboard.press('ControlOrMeta+a');
      await page.getByRole('button', { name: 'Open all' }).click();
      await expect(list().getByText('failed', { exact: true }).first()).toBeVisible();
      await search.fill('');
      await row(/orders-1\b/)
        .first()
        .click();
    }
    await app.picture(name);
  }
  const began = Date.now();
  await page.getByRole('searchbox', { name: 'Search connections' }).fill('billing-297');
  await expect(page.getByText('1 found')).toBeVisible();
  expect(Date.now() - began).toBeLessThan(1500);
  await page.getByRole('searchbox', { name: 'Search connections' }).fill('');
});

test('the form holds everything, and the common case in one screen', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Add connection' }).click();
  const dialog = modal();
  await dialog
    .getByLabel(/URL/)
    .fill(
      `postgresql://${server.user}:${encodeURIComponent(server.password)}@${server.host}:1,${server.host}:${server.port}/orders?target_session_attrs=read-write`,
    );
  await expect(dialog.getByLabel('Port of host 2')).toHaveValue(String(server.port));
  await app.picture('connection-form-hosts');
  await dialog.getByRole('button', { name: /^Test/ }).click();
  await expect(dialog.getByText(`on ${server.host}:${server.port}`, { exact: false })).toBeVisible();
  await app.picture('connection-form-tested');
  for (const tab of ['Security', 'SSH', 'Session']) {
    await dialog.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
    if (tab === 'SSH') await dialog.getByRole('switch', { name: 'Go through an SSH server' }).click();
    await app.picture(`connection-form-${tab.toLowerCase()}`);
  }
  await dialog.getByRole('tab', { name: /^General/ }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('');
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog.getByText('Give the connection a name')).toBeVisible();
  await dialog.getByLabel('Name', { exact: true }).fill('Orders');
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  // SSH is on and names no server: the form goes there.
  await expect(dialog.getByText('The SSH server is empty')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Add connection' }).click();
  await app.picture('connection-form');
  const body = modal().locator('[class*="body"]').first();
  expect(await body.evaluate((element) => element.scrollHeight <= element.clientHeight)).toBe(true);
  await page.keyboard.press('Escape');
});

test('nothing went wrong behind the screen', () => {
  expect(problems).toEqual([]);
});
