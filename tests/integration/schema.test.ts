import { afterAll, beforeAll, expect, it } from 'vitest';

import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { loadShared } from '../support/databases.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { describeWithShared } from '../support/shared.ts';

describeWithShared('schemas that nobody here wrote', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startApp();
    for (const name of ['pagila', 'northwind', 'chinook'] as const) await loadShared(server, name);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await server.stop();
  });

  const open = async (database: string) =>
    (await app.client.connections.save(draftFor(server, { name: database, database }))).id;

  it.each([
    ['chinook', 11, 11],
    ['northwind', 14, 13],
    // 18 and the three that pagila declares on each partition of payment
    ['pagila', 15, 21],
  ])('%s has its tables and foreign keys', async (database, tables, keys) => {
    const graph = await app.client.schema.graph({ connectionId: await open(database) });
    expect({ tables: graph.tables.length, keys: graph.foreignKeys.length }).toEqual({ tables, keys });
    for (const key of graph.foreignKeys) {
      expect(graph.tables.some(({ oid }) => oid === key.fromOid)).toBe(true);
      expect(graph.tables.some(({ oid }) => oid === key.toOid)).toBe(true);
    }
  });

  it('operators of a user’s own stand in for nobody', async () => {
    await server.run(
      `create function yes(smallint[], smallint[]) returns boolean language sql immutable as 'select true';
       create operator public.<@ (function = yes, leftarg = smallint[], rightarg = smallint[])`,
      'chinook',
    );
    const connectionId = (await app.client.connections.list()).find(({ name }) => name === 'chinook')?.id ?? '';
    const graph = await app.client.schema.graph({ connectionId });
    expect(graph.foreignKeys.filter(({ unique }) => unique)).toEqual([]);
  });

  it('every page of every relation opens, and sizes agree with the server', async () => {
    const connectionId = (await app.client.connections.list()).find(({ name }) => name === 'pagila')?.id ?? '';
    const catalog = await app.client.schema.catalog({ connectionId });
    for (const relation of catalog.relations) {
      const detail = await app.client.schema.relation({ connectionId, oid: relation.oid });
      expect(detail).toMatchObject({ name: relation.name, kind: relation.kind, partitions: relation.partitions });
      if (relation.kind === 'table') expect(detail.sizeBytes).toBe(relation.sizeBytes);
    }
    const payment = catalog.relations.find(({ name }) => name === 'payment');
    const [truth] = await server.run(
      `select sum(pg_total_relation_size(relid))::text as bytes, count(*) filter (where isleaf)::int as parts from pg_partition_tree('payment')`,
      'pagila',
    );
    expect({ bytes: String(payment?.sizeBytes), parts: payment?.partitions }).toEqual(truth);
  });

  it('the DDL of each table makes it again: columns, keys, checks, indexes', async () => {
    const connectionId = (await app.client.connections.list()).find(({ name }) => name === 'northwind')?.id ?? '';
    const catalog = await app.client.schema.catalog({ connectionId });
    const describe = `select string_agg(line, e'\n' order by line) as text from (
      select relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull as line from pg_attribute join pg_class on pg_class.oid = attrelid where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0
      union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
      union all select pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indrelid where relnamespace = 'public'::regnamespace) as lines`;
    await server.createDatabase('again');
    const tables = catalog.relations.filter(({ kind }) => kind === 'table');
    const ddl = await Promise.all(tables.map(({ oid }) => app.client.schema.ddl({ connectionId, oid })));
    // References need their tables first: keys last.
    const statements = ddl.map(({ sql }) => sql);
    const keys: string[] = [];
    for (const sql of statements) {
      const name = /create table (\S+)/.exec(sql)?.[1] ?? '';
      const bare = sql.replaceAll(/,\n {2}(constraint \S+ FOREIGN KEY[^\n]*?)(?=,?\n)/g, (_, key: string) => {
        keys.push(`alter table ${name} add ${key}`);
        return '';
      });
      await server.run(bare, 'again');
    }
    for (const key of keys) await server.run(key, 'again');
    expect(await server.run(describe, 'again')).toEqual(await server.run(describe, 'northwind'));
  });

  it('answers while somebody has a table locked, without its size', async () => {
    const connectionId = (await app.client.connections.list()).find(({ name }) => name === 'pagila')?.id ?? '';
    for await (const _ of await app.client.query.run({
      connectionId,
      tabId: 'holder',
      sql: 'begin; lock table film, payment_p2022_01 in access exclusive mode',
    }));
    const catalog = await app.client.schema.catalog({ connectionId });
    expect(catalog.relations.find(({ name }) => name === 'film')?.sizeBytes).toBeNull();
    expect(catalog.relations.find(({ name }) => name === 'actor')?.sizeBytes).toBeGreaterThan(0);
    await app.client.query.closeTab({ tabId: 'holder' });
  });

  it('a relation that is gone is told as such', async () => {
    const connectionId = (await app.client.connections.list()).find(({ name }) => name === 'chinook')?.id ?? '';
    await expect(app.client.schema.relation({ connectionId, oid: 4_000_000 })).rejects.toMatchObject({
      data: { code: 'not_found', hint: expect.stringContaining('Refresh') },
    });
  });

  it('a role without rights sees names, and null where it may not look', async () => {
    await server.run(
      `create role nobody_special login password 'x'; revoke connect on database pagila from public; grant connect on database pagila to nobody_special`,
    );
    const { id } = await app.client.connections.save(
      draftFor(server, { name: 'plain', database: 'pagila', user: 'nobody_special', password: 'x' }),
    );
    const catalog = await app.client.schema.catalog({ connectionId: id });
    const film = catalog.relations.find(({ name }) => name === 'film');
    const detail = await app.client.schema.relation({ connectionId: id, oid: film?.oid ?? 0 });
    expect(detail.columns.length).toBeGreaterThan(5);
    expect(detail.columns.every(({ nullFraction }) => nullFraction === null)).toBe(true);
  });
});
