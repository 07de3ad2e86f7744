import { describe, expect, test } from 'vitest';

import {
  lexicalStatements,
  lineAndColumn,
  statementAt,
  wordEnd,
} from '../../../../renderer/src/editor/statement-at.ts';
import { sqlTokens } from '../../../../renderer/src/editor/sql-tokens.ts';

const cut = (sql: string) => lexicalStatements(sql).map(({ start, end }) => sql.slice(start, end));

describe('statements without a parser', () => {
  test('semicolons in strings, comments, names and dollar quotes do not end one', () => {
    const sql = `select ';' as a; -- one; two\nselect "x;y" /* ; */ from t;\ndo $f$ begin null; end $f$; select 3`;
    expect(cut(sql)).toEqual([
      `select ';' as a`,
      `-- one; two\nselect "x;y" /* ; */ from t`,
      'do $f$ begin null; end $f$',
      'select 3',
    ]);
  });

  test('empty ones are left out', () => expect(cut(' ;; select 1;\n ; ')).toEqual(['select 1']));

  test('the cursor belongs to the statement before it', () => {
    const sql = 'select 1;\nselect 2;\n';
    const statements = lexicalStatements(sql);
    expect([0, 9, 10, sql.length].map((offset) => statementAt(statements, offset)?.start)).toEqual([0, 0, 10, 10]);
    expect(statementAt(lexicalStatements('\n\nselect 1'), 0)?.start).toBe(2);
    expect(statementAt([], 0)).toBeNull();
  });
});

test('tokens put together are the text', () => {
  const sql = `select 'it''s', $$a;b$$, "Q""x", 1.5e3 -- end\n from tést where a>=b /* open`;
  expect(
    sqlTokens(sql)
      .map((token) => token.text)
      .join(''),
  ).toBe(sql);
});

test('an error marks a word', () => {
  expect([wordEnd('select holdigs h', 7), wordEnd('select "a b" x', 7), wordEnd('a + b', 2)]).toEqual([14, 12, 3]);
});

test('lines and columns count from one', () => {
  expect([lineAndColumn('ab\ncd', 0), lineAndColumn('ab\ncd', 4)]).toEqual([
    { line: 1, column: 1 },
    { line: 2, column: 2 },
  ]);
});
