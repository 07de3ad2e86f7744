import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type TestApp, draftFor, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;

beforeAll(async () => {
  server = await startTestServer({ settings: { max_connections: '120' } });
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

describe('what is wrong is said in the server’s or the system’s own words, with what to do', () => {
  it('a wrong password', async () => {
    await expect(app.client.connections.test(draftFor(server, { password: 'wrong' }))).rejects.toMatchObject({
      data: {
        code: 'auth_failed',
        message: `password authentication failed for user "${server.user}"`,
        hint: expect.stringContaining('password'),
      },
    });
  });

  it('no password where one is asked for', async () => {
    await expect(app.client.connections.test(draftFor(server, { password: '' }))).rejects.toMatchObject({
      data: { code: 'auth_failed' },
    });
  });

  it('a misspelt database, which is not created', async () => {
    await expect(app.client.connections.test(draftFor(server, { database: 'postgers' }))).rejects.toMatchObject({
      data: {
        code: 'not_found',
        message: 'database "postgers" does not exist',
        hint: expect.stringContaining('never creates'),
      },
    });
    expect(await server.run(`select datname from pg_database where datname = 'postgers'`)).toEqual([]);
  });

  it('a port where nothing listens', async () => {
    const port = await freePort();
    await expect(app.client.connections.test(draftFor(server, { port }))).rejects.toMatchObject({
      data: {
        code: 'unreachable',
        message: expect.stringContaining('ECONNREFUSED'),
        retryable: true,
        hint: expect.stringContaining('Nothing listens'),
      },
    });
  });

  it('a host that does not exist', async () => {
    await expect(app.client.connections.test(draftFor(server, { host: 'no-such-host.invalid' }))).rejects.toMatchObject(
      { data: { code: 'unreachable', hint: expect.any(String) } },
    );
  });

  it('TLS demanded of a server without it', async () => {
    await expect(app.client.connections.test(draftFor(server, { sslMode: 'require' }))).rejects.toMatchObject({
      data: { code: 'tls_failed' },
    });
  });

  it('a root certificate that cannot be read', async () => {
    await expect(
      app.client.connections.test(draftFor(server, { sslMode: 'verify-full', sslRootCert: '/nowhere/root.crt' })),
    ).rejects.toMatchObject({
      data: { message: expect.stringContaining('/nowhere/root.crt') },
    });
  });

  it('a server that accepts and never answers: within the connect timeout, and nothing else waits', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await app.client.settings.set({ connectTimeoutMs: 1500 });
    const started = Date.now();
    const refused = expect(app.client.connections.test(draftFor(server, { port }))).rejects.toMatchObject({
      data: { code: 'timeout', hint: expect.stringContaining('firewall') },
    });
    const other = await app.client.connections.test(draftFor(server));
    const otherTook = Date.now() - started;
    await refused;
    expect(other.server.versionNum).toBeGreaterThan(150_000);
    expect(otherTook).toBeLessThan(Date.now() - started + 1);
    silent.close();
  });
});

it('opens several connections side by side and closes each by itself', async () => {
  const entries = await Promise.all(
    ['one', 'two', 'three'].map((name) => app.client.connections.save(draftFor(server, { name }))),
  );
  const opened = await Promise.all(entries.map(({ id }) => app.client.connections.open({ id })));
  expect(opened.map(({ state }) => state.kind)).toEqual(['open', 'open', 'open']);
  await app.client.connections.close({ id: entries[0]?.id ?? '' });
  const list = await app.client.connections.list();
  expect(Object.fromEntries(list.map(({ name, state }) => [name, state.kind]))).toMatchObject({
    one: 'closed',
    two: 'open',
    three: 'open',
  });
  for (const { id } of entries) await app.client.connections.remove({ id });
});

it('twenty open side by side, and a slow one slows no other', async () => {
  const entries = await Promise.all(
    Array.from({ length: 20 }, (_, index) => app.client.connections.save(draftFor(server, { name: `many ${index}` }))),
  );
  const slow = entries[0]?.id ?? '';
  await Promise.all(entries.map(({ id }) => app.client.connections.open({ id })));
  const sleeping = new AbortController();
  const running = (async () => {
    const events = await app.client.query.run(
      { connectionId: slow, tabId: 'slow', sql: 'select pg_sleep(600)' },
      { signal: sleeping.signal },
    );
    for await (const _ of events);
  })().catch(() => {});
  await until(async () => (await app.client.query.tabStatus({ tabId: 'slow' })).running);
  // The slow one's own explorer too.
  const catalogs = await Promise.all(entries.map(({ id }) => app.client.schema.catalog({ connectionId: id })));
  expect(catalogs).toHaveLength(20);
  expect((await app.client.query.tabStatus({ tabId: 'slow' })).running).toBe(true);
  sleeping.abort();
  await running;
  for (const { id } of entries) await app.client.connections.remove({ id });
});

it('refuses a second connection of the same name, and keeps the first', async () => {
  const first = await app.client.connections.save(draftFor(server, { name: 'twin' }));
  await expect(app.client.connections.save(draftFor(server, { name: 'twin' }))).rejects.toMatchObject({
    data: { code: 'conflict' },
  });
  await app.client.connections.remove({ id: first.id });
});

it('keeps no password in its files, and keeps the connection', async () => {
  const { id } = await app.client.connections.save(draftFor(server, { name: 'kept', rememberPassword: true }));
  const text = await readFile(path.join(app.dataDirectory, 'connections.json'), 'utf8');
  expect(text).toContain('kept');
  expect(text).not.toContain(server.password);
  await app.client.connections.remove({ id });
});

it('comes back by itself after the server was killed and started again', async () => {
  const own = await startTestServer();
  const { id } = await app.client.connections.save(draftFor(own, { name: 'comes back' }));
  await app.client.schema.catalog({ connectionId: id });
  await own.crash();
  await expect(app.client.schema.catalog({ connectionId: id })).rejects.toMatchObject({ data: { retryable: true } });
  const lost = (await app.client.connections.list()).find((entry) => entry.id === id);
  expect(lost?.state.kind).toBe('lost');
  await own.start();
  await until(async () => (await app.client.schema.catalog({ connectionId: id }).catch(() => undefined)) !== undefined);
  expect((await app.client.connections.list()).find((entry) => entry.id === id)?.state.kind).toBe('open');
  await app.client.connections.remove({ id });
  await own.stop();
});

it('reads a URL into the form’s fields, and touches no server', async () => {
  expect(
    await app.client.connections.parseUrl({
      url: 'postgres://al%40ice:p%3Aw@db.example:6543/My%20Data?sslmode=verify-full&foo=1',
    }),
  ).toEqual({
    user: 'al@ice',
    password: 'p:w',
    host: 'db.example',
    port: 6543,
    database: 'My Data',
    sslMode: 'verify-full',
    warnings: ['libpq does not know the parameter foo. It is not used.'],
  });
  await expect(app.client.connections.parseUrl({ url: 'mysql://x' })).rejects.toMatchObject({
    data: { code: 'bad_input' },
  });
});

it('keeps a settings file that it cannot read aside, says so, and goes on', async () => {
  const dataDirectory = await temporaryFolder();
  await writeFile(path.join(dataDirectory, 'connections.json'), '{ "connections": [ { "id": ');
  await writeFile(path.join(dataDirectory, 'settings.json'), '{"theme": "purple"}');
  await using broken = await startApp({ dataDirectory });
  const { problems } = await broken.client.settings.status();
  expect(problems.map(({ title }) => title).toSorted()).toEqual([
    'connections.json could not be read',
    'settings.json could not be read',
  ]);
  await broken.client.settings.set({ theme: 'dark' });
  const kept = (await readdir(dataDirectory)).filter((name) => name.includes('.unreadable-'));
  expect(kept).toHaveLength(2);
  const texts = await Promise.all(kept.map((name) => readFile(path.join(dataDirectory, name), 'utf8')));
  expect(texts.toSorted()).toEqual(['{ "connections": [ { "id": ', '{"theme": "purple"}']);
});

it('closing while it is being opened leaves it closed, and nothing is kept of it', async () => {
  const { id } = await app.client.connections.save(draftFor(server, { name: 'closed early' }));
  const opening = app.services.connections.database(id);
  const refused = expect(opening).rejects.toMatchObject({ failure: { code: 'cancelled' } });
  await app.services.connections.close(id);
  await refused;
  expect(app.services.connections.entry(id).state.kind).toBe('closed');
});

it('who opens a connection while it is being changed takes what is new', async () => {
  const { id } = await app.client.connections.save(draftFor(server, { name: 'changed' }));
  await app.services.connections.open(id);
  const saving = app.services.connections.save(
    draftFor(server, { id, name: 'changed', readOnly: true, superuserAccepted: 'a test' }),
  );
  const database = await app.services.connections.database(id);
  await saving;
  expect(database.parameters.settings).toMatchObject({ default_transaction_read_only: 'on' });
  expect(app.services.connections.entry(id).state.kind).toBe('open');
});
