import { beforeAll, describe, expect, it } from 'vitest';

import { loadSqlParser, parseSql, statementImpact } from '../../../electron/postgres/sql-parser/index.ts';

beforeAll(() => loadSqlParser());

describe('what destroys nothing has no impact', () => {
  it.each([
    'select 1',
    'select * into other from t',
    'insert into t values (1)',
    'insert into t select * from s on conflict do nothing',
    'create table t (i int)',
    'create index concurrently i on t (i)',
    'grant all on t to public',
    'explain delete from t',
    'explain (analyze off) delete from t',
    'explain (analyze false, verbose) delete from t',
    'vacuum t',
    'vacuum (full off) t',
    'reindex (concurrently) table t',
    'reindex table concurrently t',
    'refresh materialized view concurrently m',
    'comment on table t is null',
    'begin',
    'this is no sql',
    '',
  ])('%s', (sql) => expect(statementImpact(sql)).toBeUndefined());
});

describe('what destroys something', () => {
  it.each([
    ['delete from t', { command: 'DELETE', lock: 'ROW EXCLUSIVE', loss: 'rows', everyRow: true }],
    ['delete from s.t where i = 1', { command: 'DELETE', everyRow: false, relations: [{ schema: 's', name: 't' }] }],
    ['update "T x" set i = 1', { command: 'UPDATE', everyRow: true, relations: [{ schema: undefined, name: 'T x' }] }],
    ['merge into t using s on true when matched then delete', { command: 'MERGE' }],
    ['insert into t values (1) on conflict (i) do update set i = 2', { loss: 'rows' }],
    ['with d as (delete from t returning 1) select * from d', { command: 'DELETE' }],
    ['insert into log with d as (delete from t returning *) select * from d', { command: 'DELETE' }],
    ['create table kept as with d as (update t set i = 1 returning *) select * from d', { command: 'UPDATE' }],
    ['explain analyze delete from t', { command: 'DELETE' }],
    ['explain (analyze, buffers) update t set i = 1', { command: 'UPDATE' }],
    ['truncate a, b cascade', { loss: 'all rows', lock: 'ACCESS EXCLUSIVE', cascade: true }],
    ['drop table if exists a, s.b cascade', { command: 'DROP TABLE', cascade: true, loss: 'definition' }],
    ['drop index concurrently i', { lock: 'SHARE UPDATE EXCLUSIVE', outsideTransaction: true }],
    ['drop materialized view m', { command: 'DROP MATERIALIZED VIEW', lock: 'ACCESS EXCLUSIVE' }],
    ['drop function f(int)', { command: 'DROP FUNCTION', lock: null, relations: [] }],
    ['drop schema s cascade', { command: 'DROP SCHEMA', cascade: true }],
    ['drop database d', { command: 'DROP DATABASE', outsideTransaction: true }],
    ['drop role r', { command: 'DROP ROLE' }],
    ['drop owned by r', { command: 'DROP OWNED' }],
    ['alter table t drop column c', { command: 'ALTER TABLE', lock: 'ACCESS EXCLUSIVE' }],
    ['alter table t alter c type bigint', { lock: 'ACCESS EXCLUSIVE' }],
    ['alter table t validate constraint c', { lock: 'SHARE UPDATE EXCLUSIVE' }],
    ['alter table t add foreign key (a) references b', { lock: 'SHARE ROW EXCLUSIVE' }],
    ['alter table t add primary key (a)', { lock: 'ACCESS EXCLUSIVE' }],
    ['alter table t validate constraint c, drop column d cascade', { lock: 'ACCESS EXCLUSIVE', cascade: true }],
    ['alter table t rename to u', { command: 'RENAME', lock: 'ACCESS EXCLUSIVE' }],
    ['alter role r superuser', { command: 'ALTER ROLE' }],
    ['alter role r set work_mem = 1', { command: 'ALTER ROLE' }],
    ["alter system set work_mem = '1MB'", { command: 'ALTER SYSTEM', outsideTransaction: true }],
    ['vacuum full t', { command: 'VACUUM FULL', lock: 'ACCESS EXCLUSIVE', relations: [{ name: 't' }] }],
    ['vacuum (full) t', { command: 'VACUUM FULL' }],
    ['cluster t using i', { command: 'CLUSTER', lock: 'ACCESS EXCLUSIVE' }],
    ['reindex table t', { command: 'REINDEX', lock: 'ACCESS EXCLUSIVE' }],
    ['refresh materialized view m', { lock: 'ACCESS EXCLUSIVE' }],
    ['revoke all on t from public', { command: 'REVOKE' }],
    ['revoke a from b', { command: 'REVOKE' }],
    ['do $$ begin null; end $$', { command: 'DO', loss: 'unknown' }],
    ['call p()', { command: 'CALL', loss: 'unknown' }],
    ['execute p', { command: 'EXECUTE', loss: 'unknown' }],
    ['lock table t', { command: 'LOCK TABLE' }],
  ])('%s', (sql, expected) => {
    const impact = statementImpact(sql);
    expect({ ...impact, relations: impact?.relations.map((relation) => ({ ...relation })) }).toMatchObject(expected);
  });
});

it.each([
  ['explain analyze delete from t', true],
  ['explain (analyze true) insert into t values (1)', true],
  ['explain (analyze 0) delete from t', false],
  ['explain delete from t', false],
  ['explain analyze select 1', false],
  [`copy t to program 'cat'`, true],
  [`copy t to '/tmp/x'`, false],
  [`copy t from '/tmp/x'`, true],
])('%s changes data: %s', (sql, changes) => {
  expect(parseSql(sql).statements[0]?.changesData).toBe(changes);
});
