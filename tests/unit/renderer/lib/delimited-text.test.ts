import { expect, test } from 'vitest';

import { toCsv, toJson, toTsv } from '../../../../renderer/src/lib/delimited-text.ts';

test('TSV quotes only what would break it', () => {
  expect(
    toTsv(
      ['a', 'b'],
      [
        ['plain', 'with\ttab'],
        ['line\nbreak', null],
        ['say "hi"', 3],
      ],
    ),
  ).toBe('a\tb\nplain\t"with\ttab"\n"line\nbreak"\t\n"say ""hi"""\t3');
});

test('CSV quotes commas and leaves tabs alone', () => {
  expect(toCsv(null, [['a,b', 'c\td', true]])).toBe('"a,b",c\td,true');
});

test('JSON keeps columns of the same name apart', () => {
  expect(JSON.parse(toJson(['id', 'id'], [['1', '2']]))).toEqual([{ id: '1', 'id (2)': '2' }]);
});
