import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ConnectionDraft } from '#contract/connections.ts';

import { type TestApp, draftFor, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let primary: TestServer;
let standby: TestServer;
let app: TestApp;

beforeAll(async () => {
  [primary, standby] = await Promise.all([startTestServer(), startTestServer()]);
  // A server that only reads, for whatever reason, is what target_session_attrs tells apart.
  await standby.run(`alter system set default_transaction_read_only = on`);
  await standby.run('select pg_reload_conf()');
  await until(
    async () =>
      (await standby.run('show default_transaction_read_only'))[0]?.['default_transaction_read_only'] === 'on',
  );
  for (const server of [primary, standby]) {
    await server.run(`begin read write; create role app login password 'app'; commit`);
  }
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await Promise.all([primary.stop(), standby.stop()]);
});

const draft = (first: { port: number }, others: readonly { port: number }[], changes: Partial<ConnectionDraft> = {}) =>
  draftFor(primary, {
    user: 'app',
    password: 'app',
    port: first.port,
    otherHosts: others.map(({ port }) => ({ host: '127.0.0.1', port })),
    ...changes,
  });
const taken = async (wanted: ConnectionDraft) => (await app.client.connections.test(wanted)).server.port;

it('takes the first host that answers', async () => {
  const nobody = { port: await freePort() };
  expect(await taken(draft(nobody, [standby, primary]))).toBe(standby.port);
});

it.each([
  ['any', 'first'],
  ['read-write', 'primary'],
  ['read-only', 'standby'],
  ['primary', 'first'],
] as const)('target_session_attrs=%s takes the right one, as psql does', async (targetSessionAttrs, expected) => {
  const want = draft(standby, [primary], { targetSessionAttrs });
  const answer = spawnSync(
    'psql',
    [
      '-XAt',
      '-d',
      `host=127.0.0.1,127.0.0.1 port=${standby.port},${primary.port} user=app dbname=postgres target_session_attrs=${targetSessionAttrs}`,
      '-c',
      'show port',
    ],
    { encoding: 'utf8', env: { ...process.env, PGPASSWORD: 'app' } },
  );
  const port = await taken(want);
  expect(port).toBe(Number(answer.stdout.trim()));
  expect(port).toBe(expected === 'primary' ? primary.port : standby.port);
});

it('a guarded session’s own read-only setting says nothing about the server', async () => {
  const guarded = draft(standby, [primary], { targetSessionAttrs: 'read-write', readOnly: true });
  expect(await taken(guarded)).toBe(primary.port);
});

it('prefer-standby falls back to what there is', async () => {
  expect(await taken(draft(primary, [standby], { targetSessionAttrs: 'prefer-standby' }))).toBe(primary.port);
});

it('says of each host why it was not taken', async () => {
  const nobody = { port: await freePort() };
  await expect(taken(draft(nobody, [primary], { targetSessionAttrs: 'standby' }))).rejects.toMatchObject({
    data: { message: expect.stringMatching(/None of 2 hosts.*ECONNREFUSED.*is a primary/s) },
  });
});

it('a wrong password is not tried at the next host', async () => {
  await using second = await startTcpProxy({ target: standby });
  await expect(taken(draft(primary, [second], { password: 'wrong' }))).rejects.toMatchObject({
    data: { code: 'auth_failed' },
  });
  expect(second.accepted).toBe(0);
  // While a host that is not there is passed over.
  expect(await taken(draft({ port: await freePort() }, [second]))).toBe(second.port);
  expect(second.accepted).toBeGreaterThan(0);
});

it('moves to the other host when the first one dies, and says which it is', async () => {
  const first = await startTestServer();
  await first.run(`create role app login password 'app'`);
  const { id } = await app.client.connections.save(draft(first, [primary], { name: 'moves' }));
  expect((await app.client.connections.open({ id })).state).toMatchObject({ server: { port: first.port } });
  await first.crash();
  await until(async () => (await app.client.schema.catalog({ connectionId: id }).catch(() => undefined)) !== undefined);
  expect(app.services.connections.entry(id).state).toMatchObject({ kind: 'open', server: { port: primary.port } });
  await app.client.connections.remove({ id });
  await first.stop();
});

it('passwords come from a password file, by host and port', async () => {
  const file = path.join(await temporaryFolder(), 'passes');
  writeFileSync(file, `# comment\n127.0.0.1:${primary.port}:*:app:app\n*:*:*:*:wrong\n`);
  chmodSync(file, 0o600);
  const fields = { authentication: { kind: 'passfile' as const, file } };
  const { password: _, ...want } = draft(primary, [], fields);
  expect(await taken(want)).toBe(primary.port);
  chmodSync(file, 0o644);
  await expect(taken(want)).rejects.toMatchObject({ data: { code: 'bad_input', hint: `chmod 600 ${file}` } });
});

it('a password command is run anew when its answer has expired, and its answer is told nowhere', async () => {
  const folder = await temporaryFolder();
  const log = path.join(folder, 'runs');
  const secret = 'token-8347-of-the-command';
  await primary.run(`create role tokened login password '${secret}'`);
  writeFileSync(path.join(folder, 'token'), `${secret}\nnoise\n`);
  const command = `echo "$PGUSER@$PGHOST:$PGPORT/$PGDATABASE" >> ${log}; cat ${folder}/token`;
  const { password: _, ...want } = draft(primary, [], {
    user: 'tokened',
    name: 'tokened',
    authentication: { kind: 'command', command, expirySeconds: 600 },
  });
  const { id } = await app.client.connections.save(want);
  await app.client.connections.open({ id });
  await Promise.all(Array.from({ length: 5 }, () => app.client.schema.catalog({ connectionId: id })));
  const runs = () => spawnSync('cat', [log], { encoding: 'utf8' }).stdout.trim().split('\n');
  expect(runs()).toEqual([`tokened@127.0.0.1:${primary.port}/postgres`]);
  // The server takes the token back before its time: asked for anew, once.
  await primary.run(`alter role tokened password 'other'`);
  await app.client.connections.close({ id });
  await expect(app.client.connections.open({ id })).rejects.toMatchObject({ data: { code: 'auth_failed' } });
  expect(runs()).toHaveLength(2);
  await primary.run(`alter role tokened password '${secret}'`);
  await app.client.connections.open({ id });
  expect(JSON.stringify([app.received, app.logged])).not.toContain(secret);
  await app.client.connections.remove({ id });
});

it.each([
  ['exit 3', 'ended with code 3'],
  ['echo not for you >&2; exit 1', 'not for you'],
  ['true', 'printed nothing'],
])('a password command that fails says why: %s', async (command, words) => {
  const { password: _, ...want } = draft(primary, [], {
    authentication: { kind: 'command', command, expirySeconds: 0 },
  });
  await expect(taken(want)).rejects.toMatchObject({
    data: { code: 'auth_failed', message: expect.stringContaining(words) },
  });
});
