import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { afterEach, describe, expect, it } from 'vitest';

import { postmasterPid } from '../../electron/postgres/cluster.ts';
import { LocalServer } from '../../electron/postgres/local-server.ts';
import { type AppClient, openSocket, temporaryFolder } from '../support/app.ts';
import { startHostProcess } from '../support/host-process.ts';
import { until } from '../support/until.ts';

const folders: string[] = [];
const dataFolder = async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  return folder;
};
const clusterOf = (folder: string) => path.join(folder, 'local-server', '18', 'data');

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    const server = new LocalServer(folder);
    if (await postmasterPid(clusterOf(folder))) await server.start().then(() => server.stop());
    await rm(folder, { recursive: true, force: true });
  }
});

describe('the local server', () => {
  it('is made at the first start, starts warm, and stops', async () => {
    const folder = await dataFolder();
    const server = new LocalServer(folder);
    const steps: string[] = [];
    const parameters = await server.start((step) => steps.push(step));
    expect(steps).toEqual(['Preparing the local server (first start)', 'Starting the local server']);
    expect(parameters.host.startsWith('/')).toBe(true);
    await server.stop();
    expect(await postmasterPid(clusterOf(folder))).toBeUndefined();
    const again: string[] = [];
    await server.start((step) => again.push(step));
    expect(again).toEqual(['Starting the local server']);
    await server.stop();
  });

  it('never has two postmasters on one folder', async () => {
    const folder = await dataFolder();
    const [first, second] = [new LocalServer(folder), new LocalServer(folder)];
    await first.start();
    const pid = await postmasterPid(clusterOf(folder));
    await second.start();
    expect(await postmasterPid(clusterOf(folder))).toBe(pid);
    expect(second.parameters).toEqual(first.parameters);
    await second.stop();
  });

  it('begins a half-made cluster anew', async () => {
    const folder = await dataFolder();
    const server = new LocalServer(folder);
    await mkdir(`${clusterOf(folder)}.partial/base`, { recursive: true });
    await writeFile(`${clusterOf(folder)}.partial/junk`, 'cut short');
    await server.start();
    expect(existsSync(`${clusterOf(folder)}.partial`)).toBe(false);
    await server.stop();
  });

  it('says folder, user and what the server said when its files are damaged', async () => {
    const folder = await dataFolder();
    const server = new LocalServer(folder);
    await server.start();
    await server.stop();
    await writeFile(path.join(clusterOf(folder), 'postgresql.conf'), 'shared_buffers = much\n');
    const failure = await new LocalServer(folder).start().then(
      () => undefined,
      (error: { failure: { message: string; hint: string } }) => error.failure,
    );
    expect(failure?.message).toContain(path.join(folder, 'local-server'));
    expect(failure?.message).toMatch(/user \w+/);
    expect(failure?.hint).toContain('server.log');
  });

  it('says so when its folder cannot be used', async () => {
    const folder = await dataFolder();
    await writeFile(path.join(folder, 'local-server'), 'a file where a folder should be');
    await expect(new LocalServer(folder).start()).rejects.toThrow();
  });

  it('runs where its user can reach it when this is root and the data folder is private', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root runs it as another user');
    const folder = await dataFolder();
    await chmod(folder, 0o700);
    const server = new LocalServer(folder);
    const { host } = await server.start();
    expect(host.startsWith('/var/lib/steward/')).toBe(true);
    await server.stop();
    await rm(path.dirname(path.dirname(host)), { recursive: true });
  });
});

describe('a host', () => {
  it('finds its server again after kill -9, and stops it when it quits', async () => {
    const folder = await dataFolder();
    const first = await startHostProcess(folder);
    await storeReady(first.url);
    const pid = await postmasterPid(clusterOf(folder));
    expect(pid).toBeGreaterThan(0);
    await first.kill();
    expect(await postmasterPid(clusterOf(folder))).toBe(pid);
    const second = await startHostProcess(folder);
    await storeReady(second.url);
    expect(await postmasterPid(clusterOf(folder))).toBe(pid);
    expect(await second.stop()).toBe(0);
    await until(async () => (await postmasterPid(clusterOf(folder))) === undefined);
  });

  it('is refused a folder that another one owns, and told which process holds it', async () => {
    const folder = await dataFolder();
    const first = await startHostProcess(folder);
    await expect(startHostProcess(folder)).rejects.toThrow(`process ${first.child.pid}`);
    await first.stop();
    const second = await startHostProcess(folder);
    await second.stop();
  });

  it('works without its store, and says what is missing', async () => {
    const folder = await dataFolder();
    await using host = await startHostProcess(folder, { STEWARD_STORE_URL: 'postgresql://nobody:x@127.0.0.1:1/none' });
    const client = await clientOf(host.url);
    await until(async () => (await client.settings.status()).store.kind === 'failed');
    expect(await client.settings.status()).toMatchObject({ store: { failure: { code: 'unreachable' } } });
    await expect(client.query.history({})).rejects.toMatchObject({
      data: { code: 'store_unavailable', hint: expect.stringContaining('Settings') },
    });
    expect(await client.connections.list()).toEqual([]);
    expect((await client.query.parse({ sql: 'select 1' })).statements).toHaveLength(1);
  });

  it('writes nothing secret into its log', async () => {
    const folder = await dataFolder();
    await using host = await startHostProcess(folder, {
      STEWARD_STORE_URL: 'postgresql://nobody:very-secret-word@127.0.0.1:1/none',
    });
    const client = await clientOf(host.url);
    await until(async () => (await client.settings.status()).store.kind === 'failed');
    const log = await readFile(path.join(folder, 'logs', 'steward.log'), 'utf8').catch(() => '');
    expect(log + host.stderr() + JSON.stringify(await client.settings.status())).not.toContain('very-secret-word');
  });
});

async function clientOf(url: string): Promise<AppClient> {
  const { socket } = await openSocket(url);
  return createORPCClient(new RPCLink({ websocket: socket as never }));
}

async function storeReady(url: string): Promise<void> {
  const client = await clientOf(url);
  await until(async () => (await client.settings.status()).store.kind === 'ready');
}
