import { readFile, rm } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { type HostProcess, startBuiltHost } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A careful DBA: asks, reads the proof, fixes one thing, accepts another, compares with before, shows it to others.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let data: string;
let app: StewardPage;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  server = await startTestServer({ major: 18 });
  await server.createDatabase('shop');
  await server.run(
    `create table customers (id int primary key, name text not null);
     insert into customers select n, 'customer ' || n from generate_series(1, 50000) n;
     create table orders (id int generated always as identity primary key, customer_id int not null references customers, placed_at timestamptz not null, state text not null);
     insert into orders (customer_id, placed_at, state) select 1 + n % 50000, timestamptz '2025-01-01' + n * interval '1 minute', 'new' from generate_series(1, 200000) n;
     create index orders_placed_at on orders (placed_at);
     create index orders_placed_at_again on orders (placed_at);
     create table notes (note text);
     create unlogged table "<img src=x onerror=alert(1)>" (id int primary key)`,
    'shop',
  );
  await server.run('vacuum analyze', 'shop');
  data = await temporaryFolder();
  host = await startBuiltHost(data);
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

/** A dialog; toasts are dialogs as well, of their kind. */
const modal = () => app.page.locator('[data-modal]');
const findings = () => app.page.getByRole('region', { name: 'Findings' });
const card = (text: string | RegExp) => findings().getByRole('article').filter({ hasText: text });
const duplicate = 'orders_placed_at_again';

async function run(): Promise<void> {
  await app.page.getByRole('button', { name: /^Run (?:health report|again)/ }).click();
  await expect(app.page.getByText(/\d+ checks in/)).toBeVisible();
  await expect(app.page.getByRole('progressbar', { name: 'Health checks' })).toBeHidden();
}

async function search(text: string): Promise<void> {
  await app.page.getByRole('searchbox', { name: 'Filter findings' }).fill(text);
}

test('a report says what is wrong, how one knows, and what to do', async () => {
  const { page } = app;
  await app.section('Connections');
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = modal();
  await dialog.getByLabel(/url/i).first().fill(server.url('shop'));
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue(server.host);
  await dialog.getByLabel('Name', { exact: true }).fill('Shop');
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
  await app.section('Health');
  await app.picture('health-empty');
  await run();
  await expect(page.getByText(/Score \d+ of 100/)).toBeVisible();
  await app.picture('health-full');
  await search(duplicate);
  await card(duplicate).first().getByRole('button', { expanded: false }).first().click();
  await expect(card(duplicate).first().getByRole('table', { name: 'Evidence' })).toBeVisible();
  await expect(card(duplicate).first().getByText('What a change reaches')).toBeVisible();
  await app.picture('health-finding-open');
});

test('a hostile name is text', async () => {
  await search('<img');
  await expect(card('<img src=x onerror=alert(1)>').first()).toBeVisible();
});

test('a fix is shown before it is applied, applied, checked again and taken back', async () => {
  await search(duplicate);
  const finding = card(duplicate).filter({ hasText: 'IDX03' });
  if ((await finding.getByRole('button', { name: 'Apply…' }).count()) === 0)
    await finding.getByRole('button', { expanded: false }).first().click();
  await finding.getByRole('button', { name: 'Apply…' }).click();
  const dialog = modal();
  await expect(dialog.getByText('Nobody holds a lock on it.')).toBeVisible();
  await expect(dialog.getByText(/About .* to /)).toBeVisible();
  await app.picture('health-fix');
  await dialog.getByRole('button', { name: 'Apply fix' }).click();
  await expect(dialog).toBeHidden();
  await expect(finding.getByText('Fixed', { exact: true })).toBeVisible();
  await expect(finding.getByText(/does not find it any more/)).toBeVisible();
  await app.picture('health-fixed');
  const indexes = () => server.run(`select 1 from pg_indexes where tablename = 'orders'`, 'shop');
  expect(await indexes()).toHaveLength(2);
  await finding.getByRole('button', { name: 'Take back…' }).click();
  await modal().getByRole('button', { name: 'Take back', exact: true }).click();
  await expect.poll(async () => (await indexes()).length).toBe(3);
});

test('a finding is suppressed with a reason, listed as such, and reported again', async () => {
  const { page } = app;
  await search('public.notes');
  const finding = card('public.notes').filter({ hasText: 'SCH01' });
  await finding.getByRole('button', { expanded: false }).first().click();
  await finding.getByRole('button', { name: 'Suppress…' }).click();
  const dialog = modal();
  await expect(dialog.getByRole('button', { name: 'Suppress', exact: true })).toBeDisabled();
  await dialog.getByLabel('Why it is accepted').fill('A scratch pad');
  await app.picture('health-suppress');
  await dialog.getByRole('button', { name: 'Suppress', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(finding).toBeHidden();
  await search('');
  await page
    .getByRole('group', { name: 'Filter' })
    .getByRole('button', { name: /^Suppressed/ })
    .click();
  await expect(finding).toBeVisible();
  await page.getByRole('button', { name: 'Thresholds and suppressions…' }).click();
  await modal().getByRole('radio', { name: 'Suppressed' }).click();
  await expect(modal().getByText('A scratch pad')).toBeVisible();
  await app.picture('health-suppressions');
  await modal().getByRole('button', { name: 'Report again' }).click();
  await expect(modal().getByText(/Nothing is suppressed/)).toBeVisible();
  await modal().getByRole('button', { name: 'Close' }).first().click();
});

test('a threshold is changed and brought back', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Thresholds and suppressions…' }).click();
  const dialog = modal();
  await expect(dialog.getByRole('region').first()).toBeVisible();
  await app.picture('health-thresholds');
  const first = dialog.getByRole('region').first().getByRole('textbox').first();
  const usual = await first.inputValue();
  await first.fill('41');
  await first.press('Enter');
  const back = dialog
    .getByRole('region')
    .first()
    .getByRole('button', { name: /^Back to/ });
  await expect(back).toBeVisible();
  await first.fill('nonsense');
  await expect(dialog.getByText('A number that is not negative')).toBeVisible();
  await first.fill('41');
  await back.click();
  await expect(first).toHaveValue(usual);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
});

test('two reports are compared: what is new and what is gone', async () => {
  const { page } = app;
  await page.getByRole('group', { name: 'Filter' }).getByRole('button', { name: /^All/ }).click();
  await server.run(
    'alter table notes add column id int generated always as identity primary key; create table more_notes (note text)',
    'shop',
  );
  await run();
  await expect(page.getByRole('button', { name: /^Since .*: \d+ new/ })).toBeVisible();
  await app.picture('health-since');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('menuitem', { name: /^With/ }).first().click();
  const changes = page.getByRole('list', { name: 'Changes' });
  await expect(
    changes.getByRole('listitem').filter({ hasText: 'New' }).filter({ hasText: 'public.more_notes' }).first(),
  ).toBeVisible();
  await expect(
    changes.getByRole('listitem').filter({ hasText: 'Gone' }).filter({ hasText: 'public.notes' }).first(),
  ).toBeVisible();
  await app.picture('health-compare');
  await page.getByRole('button', { name: 'Close comparison' }).click();
  await expect(findings()).toBeVisible();
});

test('a report is saved as one HTML file that opens by itself', async ({ browser }) => {
  const { page } = app;
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as HTML' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^health-Shop-.*\.html$/);
  const html = await readFile(await download.path(), 'utf8');
  const reader = await openWindow(browser, null, problems);
  await reader.page.setContent(html);
  await expect(reader.page.getByRole('heading', { name: 'Health of Shop' })).toBeVisible();
  await expect(reader.page.getByText('public.more_notes').first()).toBeVisible();
  for (const colorScheme of ['dark', 'light'] as const) {
    await reader.page.emulateMedia({ colorScheme });
    await reader.page.screenshot({ path: `test-results/pictures/health-html-${colorScheme}.png` });
  }
  await reader.page.pdf({ path: 'test-results/pictures/health-report.pdf', format: 'A4' });
  await reader.page.context().close();
});

test('a report is printed by the browser, as it is styled', async () => {
  const { page } = app;
  await page.evaluate(() => {
    // What the print dialog would be given; a browser without a screen has none.
    Object.assign(window, { printed: null });
    const { set } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, 'srcdoc') ?? {};
    Object.defineProperty(HTMLIFrameElement.prototype, 'srcdoc', {
      set(this: HTMLIFrameElement, html: string) {
        this.addEventListener(
          'load',
          () => {
            const inside = this.contentWindow;
            if (inside === null) return;
            inside.print = () => {
              const heading = inside.document.querySelector('h1');
              Object.assign(window, {
                printed: heading && [heading.textContent, inside.getComputedStyle(heading).fontSize],
              });
            };
          },
          { capture: true },
        );
        set?.call(this, html);
      },
    });
  });
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'Print or save as PDF…' }).click();
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { printed: unknown }).printed))
    .toEqual(['Health of Shop', '22px']);
});

test('nothing went wrong behind the screen', () => {
  expect(problems).toEqual([]);
});
