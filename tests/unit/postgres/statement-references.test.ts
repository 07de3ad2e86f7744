import { beforeAll, expect, test } from 'vitest';

import { loadSqlParser } from '../../../electron/postgres/sql-parser/index.ts';
import { statementReferences } from '../../../electron/postgres/sql-parser/statement-references.ts';

beforeAll(loadSqlParser);

test('names what is written to, at every depth', () => {
  const { targets } = statementReferences(
    `with gone as (delete from app.orders returning *), kept as (insert into "Archive" select * from gone returning id)
     update totals set n = n + 1 from kept`,
  );
  expect(targets).toEqual(
    expect.arrayContaining([
      { schema: 'app', name: 'orders', writes: ['delete'] },
      { schema: undefined, name: 'Archive', writes: ['insert'] },
      { schema: undefined, name: 'totals', writes: ['update'] },
    ]),
  );
  expect(targets).toHaveLength(3);
});

test.each([
  ['create table copy as select 1', ['create']],
  ['select 1 as a into copy', ['create']],
  ['insert into copy values (1) on conflict (a) do update set a = 2', ['insert', 'update']],
  ['insert into copy values (1) on conflict do nothing', ['insert']],
  ['merge into copy using (values (1)) v(id) on true when matched then delete', ['insert', 'update', 'delete']],
])('names the target and what is done to it: %s', (sql, writes) => {
  expect(statementReferences(sql).targets).toEqual([{ schema: undefined, name: 'copy', writes }]);
});

test('reading writes to nothing', () => {
  expect(statementReferences('select * from a join b using (id) where exists (select from c)').targets).toEqual([]);
});

test('counts parameters by the highest, and names functions with their schema', () => {
  const { parameters, functions } = statementReferences('select pg_catalog.lower(a), f($3) from t where b = $1');
  expect(parameters).toBe(3);
  expect(functions).toEqual(
    expect.arrayContaining([
      { schema: 'pg_catalog', name: 'lower' },
      { schema: undefined, name: 'f' },
    ]),
  );
});

test('statements that differ in constants, parameters and layout only have one fingerprint', () => {
  const of = (sql: string) => statementReferences(sql).fingerprint;
  const one = of('select * from t where a = 1 and b in (1, 2)');
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(of('SELECT *\n  FROM t -- now\n WHERE a = $1 AND b IN (5, 6, 7)')).toBe(one);
  expect(of('select * from t where c = 1 and b in (1, 2)')).not.toBe(one);
});

test('text that does not parse names nothing', () => {
  expect(statementReferences('selec * form t')).toEqual({
    fingerprint: null,
    parameters: 0,
    targets: [],
    functions: [],
  });
});
