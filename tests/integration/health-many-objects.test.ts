import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runHealthReport } from '../../electron/services/health/index.ts';
import { answers, ask } from '../support/health-questions.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';

/** More objects than the server has room for locks, in catalogs that were never analysed. */
describe('many objects on a server with a small lock table', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      settings: { autovacuum: 'off', max_connections: '20', max_locks_per_transaction: '10' },
    });
    await server.createDatabase('many');
    for (let at = 0; at < 1500; at += 50) {
      await server.run(
        `do $$ begin
           for n in ${String(at)} .. ${String(at + 49)} loop
             execute format('create table public.t%s (id serial primary key)', n);
           end loop;
         end $$`,
        'many',
      );
    }
    await server.run(
      `select setval('public.t1499_id_seq', 2000000000);
       insert into public.t7 select generate_series(1, 500);
       analyze public.t7`,
      'many',
    );
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  it('all sequences are looked at, and the locks of other sessions have room', async () => {
    const cannotLockAll = server.run(
      'select count(pg_catalog.pg_sequence_last_value(seqrelid)) from pg_catalog.pg_sequence',
      'many',
    );
    await expect(cannotLockAll).rejects.toThrow('out of shared memory');
    expect(answers(await ask(server.url('many'), ['SEQ01', 'SEQ02', 'SEQ05', 'SEQ06']))).toEqual({
      SEQ01: ['critical: public.t1499_id_seq'],
      SEQ02: 'ok',
      SEQ05: ['warning: public.t7_id_seq'],
      SEQ06: 'ok',
    });
  });

  it('no other check needs that many locks', async () => {
    await using reader = await PgCatalogReader.open(server.url('many'));
    const { checks } = await runHealthReport([reader]);
    expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
  });
});

/** What VACUUM FULL and ALTER TABLE hold. */
describe('a table that somebody has locked against readers', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ settings: { autovacuum: 'off' } });
    await server.createDatabase('busy');
    await server.run(
      `create table public.busy (id serial primary key, a int, b int, doc jsonb, t text);
       create index on public.busy (a); create index on public.busy (a, b); create index on public.busy (b);
       create table public.child (id serial primary key, busy_id int references public.busy);
       insert into public.busy (a, b, t) select n, n % 10, repeat('x', 500) from generate_series(1, 20000) as n;
       insert into public.child (busy_id) select n from generate_series(1, 20000) as n;
       analyze`,
      'busy',
    );
  });
  afterAll(async () => {
    await server.stop();
  });

  // Definitions of indexes are printed with the table open.
  it.each([
    ['public.busy', ['IDX03', 'IDX04', 'IDX14', 'IDX15']],
    ['public.child', []],
  ])('%s holds up no checks but %j, and those say why', async (table, heldUp) => {
    await using holder = await PgCatalogReader.open(server.url('busy'));
    await holder.rows('begin');
    await holder.rows(`lock table ${table} in access exclusive mode`);
    await using reader = await PgCatalogReader.open(server.url('busy'));
    const { checks } = await runHealthReport([reader]);
    const failed = checks.filter(({ status }) => status === 'error');
    expect(failed.map(({ id }) => id)).toEqual(heldUp);
    for (const { reason } of failed) expect(reason).toContain('Somebody has locked a table');
    expect(checks.find(({ id }) => id === 'IDX07')?.findings.map(({ object }) => object)).toEqual(['public.child']);
  });
});
