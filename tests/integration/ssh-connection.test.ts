// A connection through SSH as a person has it: the questions, the answers, a backup through it, and a network that breaks.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ConnectionDraft } from '#contract/connections.ts';
import { type Failure, failureSchema } from '#contract/failure.ts';

import { type TestApp, collect, draftFor, jobEnd, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { type TestSshKey, type TestSshServer, makeSshKey, startSshServer } from '../support/ssh-server.ts';
import { type TcpProxy, startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let key: TestSshKey;
let lockedKey: TestSshKey;
let bastion: TestSshServer;
let inner: TestSshServer;
let proxy: TcpProxy;
let names = 0;
const home = process.env['HOME'];

beforeAll(async () => {
  const folder = await temporaryFolder();
  mkdirSync(path.join(folder, '.ssh'), { mode: 0o700 });
  process.env['HOME'] = folder;
  delete process.env['SSH_AUTH_SOCK'];
  key = await makeSshKey(path.join(folder, '.ssh', 'plain'));
  lockedKey = await makeSshKey(path.join(folder, '.ssh', 'locked'), { passphrase: 'open the key' });
  bastion = await startSshServer({ folder, authorizedKeys: [key, lockedKey] });
  inner = await startSshServer({ folder, authorizedKeys: [key, lockedKey] });
  proxy = await startTcpProxy({ target: bastion });
  writeFileSync(
    path.join(folder, '.ssh', 'config'),
    `Host bastion\n  HostName 127.0.0.1\n  Port ${proxy.port}\n  User ${bastion.user}\n  IdentityFile ${key.file}\n`,
  );
  server = await startTestServer();
  await server.run('create table t (i int)');
  app = await startApp();
});
afterAll(async () => {
  process.env['HOME'] = home;
  await app[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await bastion[Symbol.asyncDispose]();
  await inner[Symbol.asyncDispose]();
  await server.stop();
});

const throughSsh = (ssh: ConnectionDraft['ssh'], changes: Partial<ConnectionDraft> = {}) =>
  draftFor(server, { name: `through ${ssh?.host} ${(names += 1)}`, ssh, ...changes });

async function failure(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => undefined,
    (thrown: { data?: unknown }) => thrown,
  );
  return failureSchema.parse(error?.data);
}

/** Opens, accepting the keys of hosts as they are asked for. */
async function openTrusting(id: string): Promise<void> {
  for (;;) {
    try {
      await app.client.connections.open({ id });
      return;
    } catch (error) {
      const { question } = failureSchema.parse((error as { data: unknown }).data);
      if (question?.kind !== 'host-key') throw error;
      await app.client.connections.trustHostKey(question);
    }
  }
}

it('asks for the host’s key, then opens, reads and backs up through the tunnel', async () => {
  const { id } = await app.client.connections.save(throughSsh({ host: 'bastion', method: 'auto', jumpHosts: [] }));
  const asked = await failure(app.client.connections.open({ id }));
  expect(asked).toMatchObject({ code: 'needs_answer', question: { kind: 'host-key', known: [] } });
  expect(app.services.connections.entry(id).state.kind).toBe('failed');
  await openTrusting(id);
  expect(JSON.stringify(await app.client.schema.catalog({ connectionId: id }))).toContain('"t"');
  const { jobId } = await app.client.backups.start({ connectionId: id });
  expect(await jobEnd(app.client, jobId)).toMatchObject({ state: 'done' });
  const events = await collect(
    await app.client.query.run({ connectionId: id, tabId: 's', sql: 'select inet_client_addr()' }),
  );
  expect(events.find((event) => event.kind === 'done')).toMatchObject({ rows: 1 });
  await app.client.connections.remove({ id });
  // Nothing is left of the tunnel.
  await until(() => proxy.open === 0);
});

it('asks for the passphrase of a key, says when it was wrong, and keeps the right one with the connection', async () => {
  const ssh = { host: '127.0.0.1', port: proxy.port, user: bastion.user, method: 'key' as const, jumpHosts: [] };
  const { id } = await app.client.connections.save(throughSsh({ ...ssh, keyFile: lockedKey.file }));
  const question = { kind: 'secret', purpose: 'ssh-key-passphrase', subject: lockedKey.file };
  const first = await failure(openTrusting(id));
  expect(first).toMatchObject({ code: 'needs_answer', question });
  const answer = { id, purpose: 'ssh-key-passphrase' as const, subject: lockedKey.file, remember: false };
  await app.client.connections.provideSecret({ ...answer, value: 'not this one' });
  const second = await failure(openTrusting(id));
  expect(second).toMatchObject({ code: 'needs_answer', question });
  expect(JSON.stringify([second, app.received])).not.toContain('not this one');
  await app.client.connections.provideSecret({ ...answer, value: 'open the key' });
  await openTrusting(id);
  expect(JSON.stringify([app.received, app.logged])).not.toContain('open the key');
  await app.client.connections.remove({ id });
});

it('a wrong password of the database is asked for as that, and not as one of SSH', async () => {
  const ssh = { host: 'bastion', method: 'auto' as const, jumpHosts: [] };
  const { id } = await app.client.connections.save(throughSsh(ssh, { password: 'wrong' }));
  expect(await failure(openTrusting(id))).toMatchObject({
    code: 'auth_failed',
    question: { kind: 'secret', purpose: 'password' },
  });
  await app.client.connections.remove({ id });
});

it('goes through a jump host, each with its own key on file', async () => {
  const ssh = {
    host: '127.0.0.1',
    port: inner.port,
    user: inner.user,
    method: 'key' as const,
    keyFile: key.file,
    jumpHosts: ['bastion'],
  };
  const { id } = await app.client.connections.save(throughSsh(ssh));
  await openTrusting(id);
  const { jobId } = await app.client.backups.start({ connectionId: id, schemaOnly: true });
  expect(await jobEnd(app.client, jobId)).toMatchObject({ state: 'done' });
  await app.client.connections.remove({ id });
});

it('cut, and gone for a while: comes back by itself through the same tunnel', async () => {
  const { id } = await app.client.connections.save(throughSsh({ host: 'bastion', method: 'auto', jumpHosts: [] }));
  await openTrusting(id);
  const kind = () => app.services.connections.entry(id).state.kind;
  await proxy.setMode('refuse');
  proxy.cut();
  await until(() => kind() === 'lost');
  const failed = await failure(app.client.schema.catalog({ connectionId: id }));
  expect(failed).toMatchObject({ code: 'unreachable', retryable: true });
  await proxy.setMode('pass');
  await until(() => kind() === 'open');
  expect(JSON.stringify(await app.client.schema.catalog({ connectionId: id }))).toContain('"t"');
  await app.client.connections.remove({ id });
});

it('a server that the SSH server cannot reach is told in its words', async () => {
  const { id } = await app.client.connections.save(
    throughSsh({ host: 'bastion', method: 'auto', jumpHosts: [] }, { port: 1, name: 'nobody there' }),
  );
  const failed = await failure(openTrusting(id));
  expect(failed.message).toMatch(/127\.0\.0\.1:1/);
  expect(failed.code).toBe('unreachable');
  await app.client.connections.remove({ id });
});
