import { expect, test } from 'vitest';

import { contains, moveSelection, rangeOf } from '../../../../renderer/src/grid/grid-selection.ts';

const size = { rows: 100, columns: 5, pageRows: 20 };
const at = (row: number, column: number) => ({ anchor: { row, column }, focus: { row, column } });
const key = (name: string, mod = false, shift = false) => ({ key: name, mod, shift });

test('arrows move one cell and stop at the edges', () => {
  expect(moveSelection(at(0, 0), key('ArrowUp'), size)).toEqual(at(0, 0));
  expect(moveSelection(at(3, 2), key('ArrowRight'), size)).toEqual(at(3, 3));
  expect(moveSelection(at(99, 4), key('ArrowDown'), size)).toEqual(at(99, 4));
});

test('with the modifier they go to the end', () => {
  expect(moveSelection(at(3, 2), key('ArrowDown', true), size)).toEqual(at(99, 2));
  expect(moveSelection(at(3, 2), key('End', true), size)).toEqual(at(99, 4));
  expect(moveSelection(at(3, 2), key('Home', true), size)).toEqual(at(0, 0));
});

test('Shift keeps the anchor', () => {
  const drawn = moveSelection(at(3, 2), key('PageDown', false, true), size);
  expect(drawn).toEqual({ anchor: { row: 3, column: 2 }, focus: { row: 23, column: 2 } });
  expect(drawn === null ? null : contains(rangeOf(drawn), 10, 2)).toBe(true);
});

test('everything is selected from the first cell to the last', () => {
  expect(moveSelection(at(3, 2), key('a', true), size)).toEqual({
    anchor: { row: 0, column: 0 },
    focus: { row: 99, column: 4 },
  });
});

test('other keys move nothing', () => expect(moveSelection(at(3, 2), key('x'), size)).toBeNull());
