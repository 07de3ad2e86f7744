import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ActivityEvent, ActivitySession, LockWait } from '#contract/activity.ts';

import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { type ServerMajor, type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

/** Everything that a watch has told, the newest of each kind at hand. */
class Watching {
  readonly samples: Extract<ActivityEvent, { kind: 'sample' }>['sample'][] = [];
  memory = 0;
  sessions: readonly ActivitySession[] = [];
  unlockSql: string | null = null;
  waits: readonly LockWait[] = [];
  progress: Extract<ActivityEvent, { kind: 'progress' }>['rows'] = [];
  gaps = 0;
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;

  constructor(app: TestApp, connectionId: string) {
    this.ended = (async () => {
      const events = await app.client.activity.watch({ connectionId }, { signal: this.#stop.signal });
      for await (const event of events) this.#take(event);
    })().catch(() => {});
  }

  #take(event: ActivityEvent): void {
    switch (event.kind) {
      case 'memory':
        this.memory = event.samples.length;
        break;
      case 'sample':
        this.samples.push(event.sample);
        break;
      case 'sessions':
        this.sessions = event.sessions;
        this.unlockSql = event.unlockSql;
        break;
      case 'locks':
        this.waits = event.waits;
        break;
      case 'progress':
        this.progress = event.rows;
        break;
      case 'gap':
        this.gaps += 1;
        break;
    }
  }

  session(application: string): ActivitySession | undefined {
    return this.sessions.find((one) => one.application === application);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}

describe.each([13, 15, 18] as const satisfies readonly ServerMajor[])('activity of PostgreSQL %i', (major) => {
  let server: TestServer;
  let app: TestApp;
  let connectionId: string;
  let watching: Watching;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { max_locks_per_transaction: '400', wal_level: 'logical' } });
    await server.run(
      `create table orders (id int primary key, state text);
       insert into orders select n, 'new' from generate_series(1, 1000) n;
       create role clerk login password 'clerk' ; grant select, update on orders to clerk;
       create role watcher login password 'see-no-secret'; create role boss login superuser password 'boss'`,
    );
    app = await startApp();
    connectionId = (await app.client.connections.save(draftFor(server))).id;
    watching = new Watching(app, connectionId);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})));
  });
  afterAll(async () => {
    await watching.stop();
    await app[Symbol.asyncDispose]();
    await server.stop();
  });

  async function session(name: string, user = server.user, password = server.password): Promise<pg.Client> {
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      database: server.adminDatabase,
      user,
      password,
      application_name: name,
    });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  }

  it('beats once a second, with rates from the second look on', async () => {
    await until(() => watching.samples.length >= 3);
    const [first, second, third] = watching.samples;
    expect(first).toMatchObject({ spanMs: null, commits: null, cacheHit: null });
    for (const sample of [second, third]) {
      expect(sample?.spanMs).toBeGreaterThan(900);
      expect(sample?.commits).toBeGreaterThanOrEqual(0);
      expect(sample?.sessions.total).toBeGreaterThanOrEqual(1);
      expect(sample?.sessions.limit).toBe(57);
    }
    expect(third?.ioReadMs).toBeNull();
  });

  it('counts what happens', async () => {
    const writer = await session('writer');
    const before = watching.samples.length;
    await writer.query(`insert into orders select n, 'more' from generate_series(10000, 60000) n`);
    // Before 15 an idle session may keep what it has counted until it ends.
    await writer.end();
    const seen = (test: (sample: Watching['samples'][number]) => boolean) => watching.samples.slice(before).some(test);
    await until(() => seen(({ tuplesInserted }) => (tuplesInserted ?? 0) > 10_000));
    await until(() => seen(({ walBytes }) => (walBytes ?? 0) > 100_000));
    expect(watching.samples.slice(before).some(({ commits }) => (commits ?? 0) > 0)).toBe(true);
  });

  it('shows sessions with what they wait for, and the tree of who blocks whom', async () => {
    const root = await session('root');
    const middle = await session('middle');
    const leaf = await session('leaf');
    await root.query('begin; update orders set state = 1 where id = 1');
    const waiting = middle.query('alter table orders add column more int').catch(() => {});
    await until(() => watching.waits.length === 1);
    const behind = leaf.query('select count(*) from orders').catch(() => {});
    await until(() => watching.waits.length === 2 && watching.session('leaf')?.waitEventType === 'Lock');
    const pid = (name: string) => watching.session(name)?.pid ?? 0;
    const waitOf = (name: string) => watching.waits.find((wait) => wait.pid === pid(name));
    expect(waitOf('middle')).toMatchObject({
      blockedBy: [pid('root')],
      mode: 'AccessExclusiveLock',
      target: 'public.orders',
      ...(major >= 14 ? { waitMs: expect.any(Number) } : { waitMs: null }),
    });
    expect(waitOf('leaf')?.blockedBy).toContain(pid('middle'));
    await until(() => (watching.samples.at(-1)?.sessions.waiting ?? 0) === 2);
    expect(watching.session('root')).toMatchObject({ state: 'idle in transaction', user: server.user, own: false });
    expect(watching.session('steward activity')?.own).toBe(true);
    const { query, locks } = await app.client.activity.session({
      connectionId,
      pid: pid('middle'),
      backendStart: watching.session('middle')?.backendStart ?? '',
    });
    expect(query).toBe('alter table orders add column more int');
    expect(locks).toContainEqual({ target: 'public.orders', mode: 'AccessExclusiveLock', granted: false, count: 1 });

    // The waiter is cancelled, then the root is ended: both tell so, and both are in the audit.
    const name = (one: string) => ({
      connectionId,
      pid: pid(one),
      backendStart: watching.session(one)?.backendStart ?? '',
    });
    expect(await app.client.activity.cancel(name('middle'))).toEqual({ ended: true });
    await waiting;
    await behind;
    await until(() => watching.waits.length === 0);
    expect(await app.client.activity.terminate(name('root'))).toEqual({ ended: true });
    await until(() => watching.session('root') === undefined);
    const { entries } = await app.client.audit.list({ limit: 5 });
    expect(entries.map(({ action }) => action)).toEqual(['session-terminate', 'session-cancel']);
    // What has ended is not somebody else's.
    expect(await app.client.activity.terminate({ ...name('middle'), backendStart: '2001-01-01 00:00:00+00' })).toEqual({
      ended: false,
    });
    expect((await leaf.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('shows no password that a statement sets', async () => {
    const client = await session('sets-password');
    await client.query('begin');
    await client.query(`create role with_secret login password 'TopSecret'`);
    await until(() => watching.session('sets-password')?.query?.includes('with_secret') === true);
    const seen = watching.session('sets-password');
    expect(seen?.query).toBe(`create role with_secret login password '********'`);
    const details = await app.client.activity.session({
      connectionId,
      pid: seen?.pid ?? 0,
      backendStart: seen?.backendStart ?? null,
    });
    expect(details.query).toBe(`create role with_secret login password '********'`);
    await client.query('rollback');
  });

  it('tells the progress of what runs for long', async () => {
    const builder = await session('builder');
    const blocker = await session('blocker');
    await blocker.query(`begin; update orders set state = 'x' where id = 2`);
    const building = builder.query('create index concurrently orders_state on orders (state)').catch(() => {});
    await until(() => watching.progress.some(({ command }) => command === 'create index concurrently'));
    expect(watching.progress[0]).toMatchObject({
      relation: 'public.orders',
      phase: expect.stringContaining('waiting'),
    });
    await blocker.query('rollback');
    await building;
    await until(() => watching.progress.length === 0);
  });

  it('who may not see what others do is told that they do it', async () => {
    await server.run(`create role onlooker login password 'onlooker'`);
    const plain = await app.client.connections.save(
      draftFor(server, { name: 'onlooker', user: 'onlooker', password: 'onlooker' }),
    );
    const blocker = await session('blocker');
    await blocker.query(`begin; update orders set state = 'x' where id = 2`);
    const building = (await session('builder'))
      .query('create index concurrently orders_state_again on orders (state)')
      .catch(() => {});
    const seen = new Watching(app, plain.id);
    try {
      await until(() => seen.progress.length > 0 && seen.samples.length > 1);
      expect(seen.progress[0]).toMatchObject({ command: 'create index', phase: 'hidden', relation: null });
      // Who came later is told the same, and nothing has ended the first.
      const later = new Watching(app, plain.id);
      await until(() => later.progress.length > 0);
      await later.stop();
      const from = seen.samples.length;
      await until(() => seen.samples.length > from);
      const [clients] = await server.run(
        `select count(*)::int - 1 as others from pg_stat_activity where backend_type = 'client backend'`,
      );
      await until(() => seen.samples.at(-1)?.sessions.total === clients?.['others']);
    } finally {
      await seen.stop();
      await blocker.query('rollback');
      await building;
    }
  });

  it('shows a process that replicates and waits for a transaction', async () => {
    const holder = await session('holds');
    await holder.query(`begin; update orders set state = 'x' where id = 3`);
    const sender = new pg.Client({
      connectionString: server.url(),
      application_name: 'makes slot',
      // @ts-expect-error The types lack what libpq calls the replication mode.
      replication: 'database',
    });
    sender.on('error', () => {});
    await sender.connect();
    const making = sender.query('CREATE_REPLICATION_SLOT waiting TEMPORARY LOGICAL pgoutput').catch(() => {});
    await until(() => watching.waits.some(({ blockedBy }) => blockedBy.includes(watching.session('holds')?.pid ?? 0)));
    await holder.query('rollback');
    await making;
    await sender.end();
    await until(() => watching.waits.length === 0);
  });

  it('another user sees what it may, and is told what would show and allow more', async () => {
    const clerk = await session('clerk at work', 'clerk', 'clerk');
    await clerk.query('begin; select * from orders limit 1');
    const boss = await session('boss at work', 'boss', 'boss');
    await boss.query('begin');
    const plain = await app.client.connections.save(
      draftFor(server, { name: 'plain', user: 'watcher', password: 'see-no-secret' }),
    );
    const seen = new Watching(app, plain.id);
    try {
      await until(() => seen.sessions.length > 2);
      expect(seen.unlockSql).toBe('grant pg_monitor to watcher;');
      expect(seen.sessions.some(({ query }) => query?.includes('orders') === true)).toBe(false);
      await until(() => (seen.samples.at(-1)?.sessions.hidden ?? 0) > 0);
      const other = watching.session('clerk at work');
      await until(
        () => watching.session('clerk at work') !== undefined && watching.session('boss at work') !== undefined,
      );
      const of = (name: string) => {
        const found = watching.session(name) ?? other;
        return { connectionId: plain.id, pid: found?.pid ?? 0, backendStart: found?.backendStart ?? '' };
      };
      // All that this user sees of it is its process id.
      const hidden = { ...of('clerk at work'), backendStart: null };
      await expect(app.client.activity.cancel(hidden)).rejects.toMatchObject({ data: { code: 'not_permitted' } });
      await server.run('grant pg_monitor to watcher');
      await until(() => seen.unlockSql === null && seen.session('clerk at work')?.query?.includes('orders') === true);
      await expect(app.client.activity.cancel(of('clerk at work'))).rejects.toMatchObject({
        data: { code: 'not_permitted', hint: expect.stringContaining('grant pg_signal_backend to watcher;') },
      });
      await server.run('grant pg_signal_backend to watcher');
      expect(await app.client.activity.terminate(of('clerk at work'))).toEqual({ ended: true });
      await expect(app.client.activity.terminate(of('boss at work'))).rejects.toMatchObject({
        data: { code: 'not_permitted', hint: expect.stringContaining('Only a superuser') },
      });
    } finally {
      await seen.stop();
    }
  });

  it('keeps its beat with ten thousand locks and a queue', async () => {
    await server.run(
      `do $$ begin for n in 1..2500 loop execute format('create table many_%s (id int primary key, a int)', n); end loop; end $$`,
    );
    const holder = await session('holder');
    await holder.query(
      `begin; do $$ begin for n in 1..2500 loop
         execute format('lock table many_%s in access share mode; lock table many_%s in row share mode; lock table many_%s in row exclusive mode', n, n, n);
         execute format('select count(id) from many_%s where id = 1', n);
       end loop; end $$`,
    );
    const [locks] = await server.run('select count(*)::int as n from pg_locks');
    expect(locks?.['n']).toBeGreaterThan(10_000);
    const queue = await Promise.all(['q1', 'q2', 'q3'].map((name) => session(name)));
    const waiting = queue.map((client) =>
      client.query('begin; lock table many_1 in access exclusive mode').catch(() => {}),
    );
    await until(() => watching.waits.length === 3);
    const from = watching.samples.length;
    await until(() => watching.samples.length >= from + 5);
    await holder.query('rollback');
    await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ '^q[123]$'`);
    await Promise.all(waiting);
  });

  it('does not tell who comes back of waits that ended meanwhile', async () => {
    await watching.stop();
    const first = new Watching(app, connectionId);
    const holder = await session('holder');
    await holder.query('begin; lock table orders');
    const waiting = await session('waiting');
    const ended = waiting.query('select count(*) from orders').catch(() => {});
    await until(() => first.waits.length === 1);
    await first.stop();
    await holder.query('rollback');
    await ended;
    watching = new Watching(app, connectionId);
    await until(() => watching.samples.length >= 2);
    expect(watching.waits).toEqual([]);
  });

  it('remembers for who comes later, and goes on after the server was away', async () => {
    const later = new Watching(app, connectionId);
    await until(() => later.memory > 3 && later.sessions.length > 0);
    await later.stop();
    const before = watching.samples.length;
    await server.crash();
    await until(() => watching.gaps > 0);
    await server.start();
    await until(() => watching.samples.length > before + 1);
    // What was counted before the crash is no rate.
    expect(watching.samples.every(({ commits }) => commits === null || commits >= 0)).toBe(true);
  });
});
