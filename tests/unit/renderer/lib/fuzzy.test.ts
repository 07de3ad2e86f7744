import { expect, test } from 'vitest';

import { fuzzySearch, highlightRuns } from '../../../../renderer/src/lib/fuzzy.ts';

const names = ['portfolios', 'portfolio_id_idx', 'transactions', 'transaction_archive', 'users'];
const search = (needle: string) => fuzzySearch(names, names, needle, 10).map((match) => match.item);

test('an empty needle answers everything in its order, up to the limit', () => {
  expect(fuzzySearch(names, names, ' ', 2).map((match) => match.item)).toEqual(['portfolios', 'portfolio_id_idx']);
});

test('finds by parts of a name', () => expect(search('port id')).toEqual(['portfolio_id_idx']));
test('finds words in any order', () => expect(search('archive trans')).toEqual(['transaction_archive']));
test('finds nothing where nothing fits', () => expect(search('zzz')).toEqual([]));

test('cuts a text into matched runs', () => {
  expect(highlightRuns('portfolio_id', [0, 4, 10, 12])).toEqual([
    { text: 'port', matched: true },
    { text: 'folio_', matched: false },
    { text: 'id', matched: true },
  ]);
});

test('ranges beyond the text are ignored, as those of the detail behind a title', () => {
  expect(highlightRuns('ab', [0, 1, 5, 9])).toEqual([
    { text: 'a', matched: true },
    { text: 'b', matched: false },
  ]);
});
