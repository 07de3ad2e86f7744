import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Page, expect, test } from '@playwright/test';

import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Where secrets are kept, as a person meets it: no passphrase, one, locked, forgotten, a damaged file.
test.describe.configure({ mode: 'serial' });

const passphrase = 'four words and more';
const another = 'another five words, and more';

let host: HostProcess;
let data: string;
let app: StewardPage;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  data = await temporaryFolder();
  host = await startHostProcess(data);
  app = await openWindow(browser, null, problems);
  await openSettings();
});

test.afterAll(async () => {
  await host.stop();
  await rm(data, { recursive: true, force: true });
});

async function openSettings(): Promise<void> {
  await app.page.goto(host.url);
  await app.section('Settings');
  await expect(section().getByRole('table')).toBeVisible();
}

/** As after a restart of the machine: a new process and a new page. */
async function restart(): Promise<void> {
  await host.stop();
  host = await startHostProcess(data);
  await openSettings();
}

const section = () => app.page.getByRole('region', { name: 'Secrets' });
// Toasts have the role of dialogs too.
const dialog = () => app.page.locator('[data-modal]');
const inUse = () => section().getByRole('row', { name: /in use/ });
const status = () => app.page.getByRole('contentinfo', { name: 'Status' });

async function runFromPalette(page: Page, title: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type(title);
  await page.getByRole('option', { name: title }).first().waitFor();
  await page.keyboard.press('Enter');
}

test('without a keychain and a file, secrets are in memory, and the settings say what that means', async () => {
  await expect(section().getByText('Passwords are kept in memory only, until Steward quits')).toBeVisible();
  await expect(inUse()).toHaveAccessibleName(/Memory, for this session/);
  await expect(status().getByRole('button', { name: /secrets/ })).toBeHidden();
  await app.picture('secrets-session');
});

test('a passphrase is chosen with the keyboard alone, long enough and twice the same', async () => {
  const { page } = app;
  await section().getByRole('button', { name: 'Create a passphrase…' }).focus();
  await page.keyboard.press('Enter');
  const field = dialog().getByLabel('New passphrase', { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('type', 'password');
  await expect(field).toHaveAttribute('autocomplete', 'new-password');
  await page.keyboard.type('short');
  await expect(dialog().getByText('5 characters of at least 8')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(dialog().getByText('At least 8 characters; this has 5')).toBeVisible();
  await field.fill(passphrase);
  await expect(dialog().getByText('19 characters')).toBeVisible();
  await dialog().getByLabel('The same again', { exact: true }).fill('four words or');
  await expect(dialog().getByText('The two are not the same')).toBeVisible();
  await dialog().getByRole('button', { name: 'Show: new passphrase' }).click();
  await expect(field).toHaveAttribute('type', 'text');
  await app.picture('secrets-create');
  await dialog().getByRole('button', { name: 'Hide: new passphrase' }).click();
  await dialog().getByLabel('The same again', { exact: true }).fill(passphrase);
  await page.keyboard.press('Enter');
  await expect(dialog()).toBeHidden();
  await expect(inUse()).toHaveAccessibleName(/File with a passphrase/);
  await expect(section().getByText('Unlocked', { exact: true })).toBeVisible();
  await app.picture('secrets-unlocked');
});

test('it is locked and unlocked from the status bar; a wrong passphrase is said where it was typed', async () => {
  const { page } = app;
  await status().getByRole('button', { name: 'secrets unlocked' }).click();
  await expect(section().getByText('Locked', { exact: true })).toBeVisible();
  await app.picture('secrets-locked');
  await status().getByRole('button', { name: 'secrets locked' }).click();
  const field = dialog().getByLabel('Passphrase', { exact: true });
  await expect(field).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog()).toBeHidden();
  await runFromPalette(page, 'Unlock secrets');
  await field.fill('not the passphrase');
  await page.keyboard.press('Enter');
  await expect(dialog().getByRole('alert')).toContainText('The passphrase is wrong');
  await expect(field).toBeFocused();
  await app.picture('secrets-unlock');
  await page.keyboard.type(passphrase);
  await page.keyboard.press('Enter');
  await expect(dialog()).toBeHidden();
  await expect(section().getByText('Unlocked', { exact: true })).toBeVisible();
});

test('the passphrase is changed by who knows the one before', async () => {
  const { page } = app;
  await runFromPalette(page, 'Change passphrase');
  await dialog().getByLabel('Passphrase until now', { exact: true }).fill('not the passphrase');
  await dialog().getByLabel('New passphrase', { exact: true }).fill(another);
  await dialog().getByLabel('The same again', { exact: true }).fill(another);
  await page.keyboard.press('Enter');
  await expect(dialog().getByRole('alert')).toContainText('The passphrase is wrong');
  await app.picture('secrets-change');
  await dialog().getByLabel('Passphrase until now', { exact: true }).fill(passphrase);
  await page.keyboard.press('Enter');
  await expect(dialog()).toBeHidden();
  await expect(page.getByText('The passphrase is changed')).toBeVisible();
});

test('after a restart it is locked; one can go on without it', async () => {
  await restart();
  const { page } = app;
  await section().getByRole('button', { name: 'Unlock…' }).click();
  await dialog().getByRole('button', { name: 'Go on without them' }).click();
  await expect(dialog()).toBeHidden();
  await expect(section().getByText('You went on without the secrets file.', { exact: false })).toBeVisible();
  await section().getByRole('button', { name: 'Unlock…' }).click();
  await page.keyboard.type(another);
  await page.keyboard.press('Enter');
  await expect(section().getByText('Unlocked', { exact: true })).toBeVisible();
});

test('a damaged file is said, left alone, and kept aside on command', async () => {
  const { page } = app;
  const file = path.join(data, 'secrets.sealed');
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
  await writeFile(file, bytes);
  await restart();
  await expect(section().getByText('The secrets file cannot be opened')).toBeVisible();
  await expect(status().getByRole('button', { name: 'secrets file damaged' })).toBeVisible();
  await app.picture('secrets-damaged');
  await section().getByRole('button', { name: 'Keep the file aside…' }).click();
  await app.picture('secrets-aside');
  await dialog().getByRole('button', { name: 'Keep it aside' }).click();
  await expect(dialog().getByLabel('New passphrase', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(section().getByText('in memory only', { exact: false })).toBeVisible();
  await expect(page.getByText(/secrets\.damaged-/)).toBeVisible();
});

test('nothing went wrong in the page meanwhile', () => {
  expect(problems.filter((problem) => !/WebSocket|ERR_CONNECTION_REFUSED|401/.test(problem))).toEqual([]);
});
