import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { codePointToUtf16, loadSqlParser, parseSql } from '../../../electron/postgres/sql-parser/index.ts';

beforeAll(loadSqlParser);

const texts = (sql: string) => parseSql(sql).statements.map(({ start, end }) => sql.slice(start, end));

describe('parseSql', () => {
  it.each([
    ['select 1', ['select 1']],
    ['select 1;', ['select 1']],
    [' select 1 ; ; select 2 ', ['select 1', 'select 2']],
    [
      `select ';' ; select $$;$$; select ";" from (values (1)) as v(";")`,
      [`select ';'`, 'select $$;$$', `select ";" from (values (1)) as v(";")`],
    ],
    [`select '€😀';\nselect 'ü'`, [`select '€😀'`, `select 'ü'`]],
    [
      'create function f() returns int language sql begin atomic; select 1; select 2; end; select 3',
      ['create function f() returns int language sql begin atomic; select 1; select 2; end', 'select 3'],
    ],
    ['', []],
    [' -- nothing\n/* at all */ ', []],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('splits text with an error at its semicolons, and tells where the error is', () => {
    const sql = `select '😀'; selec 2; select 3 -- ; not here`;
    expect(texts(sql)).toEqual([`select '😀'`, 'selec 2', 'select 3 -- ; not here']);
    expect(parseSql(sql).error).toEqual({ message: 'syntax error at or near "selec"', offset: sql.indexOf('selec 2') });
  });

  it('gives the whole text to the server where not even words can be told apart', () => {
    expect(texts(`select 1; select 'never closed`)).toEqual([`select 1; select 'never closed`]);
  });

  it.each([
    ['select 1', false],
    ['table t', false],
    ['values (1)', false],
    ['explain analyze delete from t', true],
    ['show all', false],
    ['insert into t values (1)', true],
    ['with d as (delete from t returning *) select * from d', true],
    ['select * into new from t', true],
    ['merge into t using s on true when matched then delete', true],
    ['create table t ()', true],
    ['copy t from stdin', true],
    ['copy t to stdout', false],
    ['do $$ begin end $$', true],
    ['call p()', true],
    ['truncate t', true],
  ])('%s changes data: %s', (sql, changes) => {
    expect(parseSql(sql).statements[0]?.changesData).toBe(changes);
  });

  it('never throws and never goes outside the text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'select',
            ' ',
            "'",
            '"',
            '$$',
            ';',
            '--',
            '\n',
            '/*',
            '*/',
            '1',
            'ü',
            '😀',
            '(',
            ')',
            'begin',
            'end',
          ),
        ),
        (parts) => {
          const sql = parts.join('');
          for (const { start, end } of parseSql(sql).statements) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeLessThanOrEqual(sql.length);
            expect(start).toBeLessThanOrEqual(end);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

it('counts characters as PostgreSQL does', () => {
  expect(codePointToUtf16('a😀b', 2)).toBe(3);
  expect(codePointToUtf16('abc', 10)).toBe(3);
});
