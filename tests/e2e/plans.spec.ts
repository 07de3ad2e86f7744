import { readFile, rm } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { type HostProcess, startBuiltHost } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A person who knows other plan readers: pastes a plan, takes one, looks at it from every side, compares, and shows it to others.
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
    `create table customer (id int primary key, city text not null, born date not null);
     create table orders (id int generated always as identity primary key, customer_id int not null references customer (id), state text not null, total numeric not null);
     insert into customer select n, 'city ' || n % 500, date '1950-01-01' + n % 20000 from generate_series(1, 20000) n;
     insert into orders (customer_id, state, total) select 1 + n * 7 % 20000, (array['open', 'paid', 'sent'])[1 + n % 3], n % 9973 from generate_series(1, 300000) n;
     create table event (at date not null, kind int not null, note text) partition by range (at)`,
    'shop',
  );
  const partitions = await server.run(
    `select format('create table event_%s partition of event for values from (%L) to (%L)', to_char(d, 'YYYYMM'), d::date, (d + interval '1 month')::date) as sql
       from generate_series(timestamp '2024-01-01', timestamp '2025-12-01', interval '1 month') d`,
    'shop',
  );
  await server.run(
    `${partitions.map((row) => String(row['sql'])).join(';')};
     insert into event select date '2024-01-01' + n % 730, n % 17, md5(n::text) from generate_series(1, 60000) n;
     analyze`,
    'shop',
  );
  data = await temporaryFolder();
  host = await startBuiltHost(data);
  app = await openWindow(browser, host.url, problems);
  await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});

test.afterAll(async () => {
  await host.stop();
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

const report = `select c.city, count(*), sum(o.total) from orders o join customer c on c.id = o.customer_id
where o.state = 'open' and c.born < '1951-06-01' group by c.city order by 3 desc`;

async function explain(sql: string, button: 'Explain' | 'Explain analyze'): Promise<void> {
  const { page } = app;
  await app.section('Query');
  await page.getByRole('tab', { name: /^Query 1/ }).click();
  await app.writeSql(sql);
  await page.getByRole('toolbar', { name: 'Query' }).getByRole('button', { name: button, exact: true }).click();
}

const tree = () => app.page.getByRole('treegrid', { name: 'Nodes' });
const view = (name: string) => app.page.getByRole('tablist', { name: 'Views of the plan' }).getByRole('tab', { name });

test('a plan is read without any connection, and what is no plan says where', async () => {
  const { page } = app;
  await app.section('Plans');
  await app.picture('plans-empty');
  const box = page.getByRole('textbox', { name: 'Plan to read' });
  await box.fill('Sort  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 w');
  await page.getByRole('button', { name: /^Read plan/ }).click();
  await expect(page.getByText(/line \d+, column \d+/)).toBeVisible();
  await app.picture('plans-unreadable');
  await box.fill(
    JSON.stringify([
      {
        Plan: {
          'Node Type': 'Seq Scan',
          'Relation Name': '<img src=x onerror=alert(1)>',
          Alias: '<img src=x onerror=alert(1)>',
          'Startup Cost': 0,
          'Total Cost': 1,
          'Plan Rows': 1,
          'Plan Width': 4,
        },
      },
    ]),
  );
  await page.getByRole('button', { name: /^Read plan/ }).click();
  await expect(tree().getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await view('Diagram').click();
  await expect(page.getByRole('listbox', { name: 'Diagram' }).getByRole('option')).toHaveText(/Seq Scan/);
  await page.getByRole('button', { name: /^Close Plan: Seq Scan/ }).click();
});

test('several plans in one paste are listed, and each opens', async () => {
  const { page } = app;
  const plan = (table: string) => `Seq Scan on ${table}  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = 1)`;
  await page.getByRole('textbox', { name: 'Plan to read' }).fill(`${plan('one')}\n\n${plan('two')}`);
  await page.getByRole('button', { name: /^Read plan/ }).click();
  await expect(page.getByRole('heading', { name: '2 plans found' })).toBeVisible();
  await app.picture('plans-found');
  await page.getByRole('grid', { name: 'Plans found' }).getByRole('button', { name: /two/ }).click();
  await expect(tree().getByRole('row', { name: /two/ })).toBeVisible();
  await page.getByRole('button', { name: /^Close Plan: Seq Scan/ }).click();
  // The list is still there, and opens all of them.
  await page.getByRole('button', { name: 'Open all' }).click();
  for (const table of ['one', 'two']) {
    await page.getByRole('tab', { name: new RegExp(`Seq Scan on ${table}$`) }).click();
    await expect(tree().getByRole('row', { name: new RegExp(table) })).toBeVisible();
    await page.getByRole('button', { name: new RegExp(`^Close Plan: Seq Scan on ${table}`) }).click();
  }
  await page.getByRole('button', { name: 'Close list' }).click();
  await expect(page.getByRole('heading', { name: '2 plans found' })).toBeHidden();
});

test('a plan that was measured is seen as text, tree, diagram, icicle and statistics', async () => {
  const { page } = app;
  await app.section('Connections');
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/url/i).first().fill(server.url('shop'));
  // The fields follow the URL.
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue(server.host);
  await dialog.getByLabel('Name', { exact: true }).fill('Shop');
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expect(dialog).toBeHidden();
  await app.section('Query');
  await page.getByRole('button', { name: 'New query' }).first().click();
  await explain(report, 'Explain analyze');
  await expect(tree().getByRole('row').nth(3)).toBeVisible();
  await expect(page.getByRole('region', { name: 'What to do' })).toBeVisible();
  await app.picture('plan-tree');
  for (const name of ['Diagram', 'Icicle', 'Statistics', 'Query']) {
    await view(name).click();
    await expect(page.getByRole('tabpanel', { name })).toBeVisible();
    await app.picture(`plan-${name.toLowerCase()}`);
  }
});

test('the tree is sorted by a column and back, and its columns are chosen and remembered', async () => {
  const { page } = app;
  await view('Tree').click();
  const first = tree().getByRole('row').nth(1);
  const root = await first.textContent();
  await tree().getByRole('button', { name: 'Self time' }).click();
  await expect(tree().getByRole('columnheader', { name: 'Self time' })).toHaveAttribute('aria-sort', 'descending');
  await expect(first).not.toHaveText(root ?? '');
  await tree().getByRole('button', { name: 'Self time' }).click();
  await tree().getByRole('button', { name: 'Self time' }).click();
  await expect(first).toHaveText(root ?? '');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('switch', { name: 'Total time' }).click();
  await page.getByRole('switch', { name: 'Loops' }).click();
  await app.picture('plan-columns');
  await page.keyboard.press('Escape');
  await expect(tree().getByRole('columnheader', { name: 'Loops' })).toBeVisible();
});

test('the keys walk through the tree and the diagram, and choose the same node everywhere', async () => {
  const { page } = app;
  await tree().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const chosen = await tree().locator('[aria-selected=true]').getByRole('gridcell').first().textContent();
  await view('Diagram').click();
  const diagram = page.getByRole('listbox', { name: 'Diagram' });
  const kind = /[A-Z][A-Za-z]+( [A-Z][A-Za-z]+)*/.exec(chosen ?? '')?.[0] ?? '';
  await expect(diagram.getByRole('option')).toContainText(kind);
  await diagram.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(diagram.getByRole('option')).toHaveAttribute('aria-posinset', '1');
  await view('Tree').click();
  await expect(tree().getByRole('row', { selected: true })).toHaveAttribute('aria-rowindex', '2');
});

test('a relation in the plan leads to its page', async () => {
  const { page } = app;
  await tree()
    .getByRole('row', { name: /orders/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Open orders' }).click();
  await expect(page.getByRole('article', { name: 'public.orders' })).toBeVisible();
  await app.section('Plans');
});

test('partitions that are alike are one line, which opens', async () => {
  await explain('select kind, count(*) from event group by kind', 'Explain analyze');
  const run = tree().getByRole('row', { name: /24 × Seq Scan/ });
  await expect(run).toBeVisible();
  await expect(run).toContainText(/min .* median .* max/);
  // In the text they are folded too.
  await expect(app.page.getByRole('region', { name: 'Text of the plan' })).toContainText('24 alike');
  await app.picture('plan-partitions');
  await view('Diagram').click();
  await app.picture('plan-partitions-diagram');
  await view('Tree').click();
  await run.getByRole('button', { name: /Expand/ }).click();
  await expect(
    tree()
      .getByRole('row', { name: /Seq Scan\s*event_20/ })
      .first(),
  ).toBeVisible();
  // The keys lead from a sibling to the run, which folds, and to the node above it.
  await tree().focus();
  const chosen = tree().locator('[aria-selected=true]');
  await app.page.keyboard.press('End');
  for (let presses = 0; presses < 3 && !/24 × Seq Scan/.test((await chosen.textContent()) ?? ''); presses += 1)
    await app.page.keyboard.press('ArrowLeft');
  await expect(chosen).toContainText('24 × Seq Scan');
  await app.page.keyboard.press('ArrowLeft');
  await expect(tree().getByRole('row')).toHaveCount(4);
  await app.page.keyboard.press('ArrowLeft');
  await expect(chosen).toContainText('Append');
});

test('a right-click copies a line, and opens what it reads', async () => {
  const { page } = app;
  await tree()
    .getByRole('row', { name: /24 × Seq Scan/ })
    .click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Unfold everything' }).click();
  await tree()
    .getByRole('row', { name: /event_2024/ })
    .first()
    .click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: /^Open event_2024/ })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Copy row' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/Seq Scan on event_2024/);
});

test('where somebody was in a plan stays while other tabs are looked at', async () => {
  const { page } = app;
  await view('Statistics').click();
  await page.getByRole('tab', { name: 'orders', exact: true }).click();
  await page
    .getByRole('tab', { name: /^Plan of Query 1/ })
    .last()
    .click();
  await expect(view('Statistics')).toHaveAttribute('aria-selected', 'true');
  await view('Tree').click();
});

test('values are asked for, or the generic plan is taken', async () => {
  const { page } = app;
  await explain('select * from orders where customer_id = $1 and state = $2', 'Explain analyze');
  const dialog = page.getByRole('dialog', { name: 'Values to run the statement with' });
  await dialog.getByLabel('$1', { exact: true }).fill('17');
  await dialog.getByLabel('$2', { exact: true }).fill('open');
  await app.picture('plan-parameters');
  await dialog.getByRole('button', { name: 'Explain analyze' }).click();
  await expect(page.getByRole('region', { name: 'Text of the plan' })).toContainText(/customer_id\s=\s17/);
  await explain('select * from orders where customer_id = $1', 'Explain');
  const planned = page.getByRole('dialog', { name: 'Values to plan the statement for' });
  await expect(planned.getByRole('switch', { name: 'Generic plan' })).toBeChecked();
  await planned.getByRole('button', { name: 'Explain', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Text of the plan' })).toContainText(/customer_id\s=\s\$1/);
});

test('before a change is measured, what a rollback leaves is told; options are remembered', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Options' }).click();
  await page.getByRole('switch', { name: 'Warm run' }).click();
  await app.picture('plan-options');
  await page.keyboard.press('Escape');
  await explain(
    `insert into orders (customer_id, state, total) select 1, 'open', n from generate_series(1, 2000) n`,
    'Explain analyze',
  );
  const dialog = page.getByRole('dialog', { name: 'Run this statement and roll it back' });
  await expect(dialog.getByText(/orders_id_seq are not given back/)).toBeVisible();
  await app.picture('plan-confirm');
  await dialog.getByRole('button', { name: 'Run and roll back' }).click();
  await expect(page.getByText('first run')).toBeVisible();
  await expect(page.getByText('rolled back', { exact: true })).toBeVisible();
  const [count] = await server.run('select count(*)::int as n from orders', 'shop');
  expect(count?.['n']).toBe(300_000);
  await page.getByRole('button', { name: 'Options' }).click();
  await page.getByRole('switch', { name: 'Warm run' }).click();
  await page.keyboard.press('Escape');
});

test('a plan is compared with an earlier one of its statement: where it was won, and why', async () => {
  const { page } = app;
  await server.run(
    'create index orders_customer on orders (customer_id); create index customer_born on customer (born); analyze',
    'shop',
  );
  await explain(report.replace('1951-06-01', '1950-02-01'), 'Explain analyze');
  await expect(tree().getByRole('row').nth(3)).toBeVisible();
  await page.getByRole('button', { name: /^Compare · / }).click();
  await page.getByRole('menuitem').first().click();
  const nodes = page.getByRole('treegrid', { name: 'Nodes of both plans' });
  await expect(nodes.getByRole('row').nth(3)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Why' }).getByRole('article').first()).toBeVisible();
  await app.picture('plan-comparison');
  await page.getByRole('button', { name: 'Swap' }).click();
  await expect(page.getByRole('banner', { name: 'Verdict' }).or(page.getByLabel('Verdict'))).toContainText(
    /slower|faster/,
  );
});

test('a file that is dropped anywhere is read as a plan', async () => {
  const { page } = app;
  await app.section('Connections');
  const transfer = await page.evaluateHandle(() => {
    const made = new DataTransfer();
    made.items.add(new File(['Seq Scan on dropped  (cost=0.00..1.00 rows=1 width=4)\n'], 'plan.txt'));
    return made;
  });
  await page.locator('main').dispatchEvent('drop', { dataTransfer: transfer });
  await expect(tree().getByRole('row', { name: /dropped/ })).toBeVisible();
  await page.getByRole('button', { name: /^Close Plan: Seq Scan/ }).click();
});

test('a plan goes to others as text without names, as SVG and as PNG', async () => {
  const { page } = app;
  await page
    .getByRole('tab', { name: /^Plan of Query 1/ })
    .last()
    .click();
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name, exact: true }).click();
  };
  await choose('Copy anonymised text');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/Scan/);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).not.toMatch(/orders|customer|city|open/);
  for (const [name, start] of [
    ['Save diagram as SVG', '<svg'],
    ['Save diagram as PNG', '\u0089PNG'],
  ] as const) {
    const download = page.waitForEvent('download');
    await choose(name);
    const file = await (await download).path();
    expect((await readFile(file, 'latin1')).startsWith(start)).toBe(true);
  }
});

test('after all of it the page has reported nothing wrong', () => {
  expect(problems).toEqual([]);
});
