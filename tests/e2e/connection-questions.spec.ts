import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

import { type Locator, expect, test } from '@playwright/test';

import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type StewardPage, openWindow } from '../support/pages.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { type TestSshServer, makeSshKey, startSshServer } from '../support/ssh-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What Steward asks before a connection opens: whose key that is, what the password is, whether a superuser is all right.
test.describe.configure({ mode: 'serial' });

let host: HostProcess;
let server: TestServer;
let gateway: TestSshServer;
let folder: string;
let data: string;
let app: StewardPage;
const problems: string[] = [];

test.beforeAll(async ({ browser }) => {
  server = await startTestServer();
  folder = await mkdtemp('/tmp/steward-questions-');
  await mkdir(path.join(folder, '.ssh'), { mode: 0o700 });
  const key = await makeSshKey(path.join(folder, '.ssh', 'id_ed25519'), { passphrase: 'open sesame' });
  gateway = await startSshServer({ folder, authorizedKeys: [key] });
  data = await temporaryFolder();
  host = await startHostProcess(data, { HOME: folder, SSH_AUTH_SOCK: '' });
  app = await openWindow(browser, host.url, problems);
});

test.afterAll(async () => {
  await host.stop();
  await gateway[Symbol.asyncDispose]();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
});

/** The dialog, and not a toast, which is one to screen readers too. */
function modal(): Locator {
  return app.page.locator('[data-modal]');
}

function row(name: string): Locator {
  return app.page.getByRole('treegrid', { name: 'Connections' }).getByRole('row', { name: new RegExp(`^${name}`) });
}

const open = (name: string) => app.page.getByRole('button', { name: `Open ${name}`, exact: true }).click();

/** Fills in the form for the test server, and saves it, which opens the connection. */
async function add(name: string, more: () => Promise<void> = async () => {}): Promise<void> {
  await app.page.getByRole('button', { name: 'Add connection' }).click();
  await modal().getByLabel('Name', { exact: true }).fill(name);
  await modal().getByLabel('Host', { exact: true }).fill(server.host);
  await modal().getByLabel('Port', { exact: true }).fill(String(server.port));
  await modal().getByLabel('Database', { exact: true }).fill(server.adminDatabase);
  await modal().getByLabel('User', { exact: true }).fill(server.user);
  await more();
  await modal().getByRole('button', { name: 'Save and open' }).click();
}

test('a password that nobody knows is asked for, and a wrong one asked for again', async () => {
  await add('Plain');
  await expect(modal().getByRole('heading', { name: /^Password for/ })).toBeVisible();
  await app.picture('question-password');
  await app.page.keyboard.press('Escape');
  await expect(modal()).toBeHidden();
  await expect(row('Plain').getByText('failed', { exact: true })).toBeVisible();
  await app.picture('connection-asks');

  // From another section it is the gate that asks.
  await app.section('Health');
  await app.page.getByRole('button', { name: 'Answer and open' }).click();
  await modal().getByLabel('Password', { exact: true }).fill('a wrong one');
  await app.page.keyboard.press('Enter');
  await expect(modal().getByText(/^password authentication failed/)).toBeVisible();
  await expect(modal().getByLabel('Password', { exact: true })).toHaveValue('');
  await modal().getByLabel('Password', { exact: true }).fill(server.password);
  await app.page.keyboard.press('Enter');
  await expect(modal()).toBeHidden();
  await app.section('Connections');
  await expect(row('Plain').getByText('open', { exact: true })).toBeVisible();
});

test('a guarded connection of a superuser takes a reason', async () => {
  await add('Guarded', async () => {
    await modal().getByLabel('Password', { exact: true }).fill(server.password);
    await modal().getByRole('switch', { name: 'Read-only' }).click();
  });
  await expect(modal().getByRole('heading', { name: `${server.user} is a superuser` })).toBeVisible();
  await expect(modal().getByLabel('SQL of a read-only role')).toContainText('pg_read_all_data');
  const accept = modal().getByRole('button', { name: 'Open as superuser' });
  await expect(accept).toBeDisabled();
  await app.picture('question-superuser');
  await modal()
    .getByLabel(/Why is it all right/)
    .fill('a test server that nobody else uses');
  await accept.click();
  await expect(row('Guarded').getByText('open', { exact: true })).toBeVisible();
  await row('Guarded').click();
  await app.page.keyboard.press('F2');
  await modal().getByRole('tab', { name: 'Session' }).click();
  await expect(modal().getByText('a test server that nobody else uses')).toBeVisible();
  await app.page.keyboard.press('Escape');
});

test('the key of an SSH server is shown before it is trusted, then the passphrase of one’s own asked for', async () => {
  await add('Tunnelled', async () => {
    await modal().getByLabel('Password', { exact: true }).fill(server.password);
    await modal().getByRole('tab', { name: 'SSH' }).click();
    await modal().getByRole('switch', { name: 'Go through an SSH server' }).click();
    await modal().getByLabel('SSH server', { exact: true }).fill(gateway.host);
    await modal().getByLabel('Port', { exact: true }).fill(String(gateway.port));
  });
  await expect(
    modal().getByRole('heading', { name: `First connection to ${gateway.host}:${gateway.port}` }),
  ).toBeVisible();
  await expect(modal().getByText(/^SHA256:/)).toBeVisible();
  await app.picture('question-host-key');
  await modal().getByRole('button', { name: 'Trust this key' }).click();
  await expect(modal().getByRole('heading', { name: /^Passphrase of the SSH key/ })).toBeVisible();
  await modal().getByLabel('Passphrase', { exact: true }).fill('open sesame');
  await modal().getByRole('button', { name: 'Open', exact: true }).click();
  await expect(row('Tunnelled').getByText('open', { exact: true })).toBeVisible();
});

test('a key that has changed is an alarm, and takes the name of the host', async () => {
  await app.page.getByRole('button', { name: 'Close Tunnelled' }).click();
  await expect(row('Tunnelled').getByText('closed', { exact: true })).toBeVisible();
  await gateway.kill();
  await gateway.replaceHostKey();
  await gateway.start();
  await open('Tunnelled');
  await expect(modal().getByRole('heading', { name: /has changed$/ })).toBeVisible();
  const trust = modal().getByRole('button', { name: 'Trust the new key' });
  await expect(trust).toBeDisabled();
  await app.picture('question-host-key-changed');
  await modal()
    .getByLabel(/to go on$/)
    .fill(gateway.host);
  await trust.click();
  await expect(row('Tunnelled').getByText('open', { exact: true })).toBeVisible();
});

test('nothing went wrong behind the screen', () => {
  expect(problems).toEqual([]);
});
