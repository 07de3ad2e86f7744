import { beforeAll, expect, it } from 'vitest';

import { loadSqlParser } from '../../../electron/postgres/sql-parser/index.ts';
import { statementShape } from '../../../electron/postgres/sql-parser/statement-shape.ts';

beforeAll(loadSqlParser);

const plain = { reads: true, limited: false, skips: false, filters: false };

it.each([
  ['select * from t', plain],
  ['select now()', { ...plain, reads: false }],
  ['select * from t where id = $1', { ...plain, filters: true }],
  ['select * from t where a = b', plain],
  ['select * from t where id in (select id from u where n > 5)', { ...plain, filters: true }],
  ['select * from t limit $1', { ...plain, limited: true }],
  ['select * from t limit all', plain],
  ['select * from t offset 0', plain],
  ['select * from t offset $1', { ...plain, skips: true }],
  ['select * from t offset $1 rows fetch first row only', { ...plain, limited: true, skips: true }],
  ['(select a from t) union (select a from u limit 1) limit 9', { ...plain, limited: true }],
])('%s', (sql, shape) => {
  expect(statementShape(sql)).toEqual(shape);
});

it.each(['update t set a = 1', 'select 1; select 2', 'select from where', '', 'select $1 /* …'])(
  'has none: %s',
  (sql) => {
    expect(statementShape(sql)).toBeUndefined();
  },
);
