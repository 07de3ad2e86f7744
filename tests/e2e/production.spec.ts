import { rm } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { startHostProcess } from '../support/host-process.ts';
import { StewardPage } from '../support/pages.ts';
import { startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a destructive statement on production shows what it would touch, and wants the database’s name', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const server = await startTestServer();
  await server.createDatabase('shop');
  await server.run(
    `create table orders (id int primary key, state text);
     insert into orders select i, 'new' from generate_series(1, 5000) i; analyze orders`,
    'shop',
  );
  const data = await temporaryFolder();
  const host = await startHostProcess(data);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const app = new StewardPage(page);
  await page.goto(host.url);
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  await page.getByLabel(/URL/).first().fill(server.url('shop'));
  await page.getByLabel('Name', { exact: true }).fill('shop-prod');
  await page.locator('[data-modal]').getByText('Production', { exact: true }).click();
  await app.picture('production-form');
  // Production is held to reading unless a person wants otherwise.
  const guard = page.locator('[data-modal]').getByRole('switch', { name: /read-only/i });
  await expect(guard).toBeChecked();
  await guard.click();
  await page.getByRole('button', { name: 'Save and open' }).click();
  await expect(page.getByText(/connected ·/)).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-production', '');
  await app.section('Query');
  await page.getByRole('button', { name: 'New query' }).first().click();
  await app.writeSql(`delete from orders where state = 'new';\ntruncate orders;`);
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  const dialog = page.locator('[data-modal]');
  await expect(dialog).toContainText('as the planner estimates');
  await expect(dialog).toContainText('ACCESS EXCLUSIVE');
  await expect(dialog.getByRole('button', { name: 'Run on production' })).toBeDisabled();
  await app.picture('production-destructive');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Cancelled before anything ran.')).toBeVisible();
  expect(await server.run('select count(*)::int as n from orders', 'shop')).toEqual([{ n: 5000 }]);
  await app.picture('production-not-run');
  await page.locator('.monaco-editor').first().locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  await dialog.getByLabel(/Type/).fill('shop');
  await dialog.getByRole('button', { name: 'Run on production' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await server.run('select count(*)::int as n from orders', 'shop'))[0]?.['n']).toBe(0);
  expect(problems).toEqual([]);
  await context.close();
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});
