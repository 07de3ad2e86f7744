import { expect, test } from 'vitest';

import { planLineTokens } from '../../../../../renderer/src/editor/plan-line-tokens.ts';
import { optionsIn } from '../../../../../renderer/src/features/plans/explain-options.ts';
import { headlineFacts } from '../../../../../renderer/src/features/plans/headline-facts.ts';
import { hoverWords } from '../../../../../renderer/src/features/plans/hover-words.ts';
import { lineOffsets, placeIn } from '../../../../../renderer/src/features/plans/paste-place.ts';
import { lensText, planMarks, rowsWarning } from '../../../../../renderer/src/features/plans/plan-marks.ts';
import { planTabState, readPlanTabState } from '../../../../../renderer/src/features/plans/plan-tab-state.ts';

import { estimatedText, indexOf, joinText } from './plan-fixture.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('a hover explains a node from its own numbers', () => {
  expect(hoverWords(indexOf(joinText), 2).map(plain)).toEqual([
    'Seq Scan on public.holdings h',
    'Reads the whole table, row after row.',
    'It took 542 ms of its own, 88 % of the whole.',
    'It gave 18 204 rows, 18× more than the 1 000 that the planner expected. A plan built on such an estimate may be the wrong one.',
    'It threw away 281 796 rows, 94 % of those it read.',
    'It touched 7 020 blocks (54.8 MB); 6 208 were not cached and had to be read.',
  ]);
});

test('a hover names what went to disk, and what was never executed', () => {
  const index = indexOf(joinText);
  expect(hoverWords(index, 0)).toContain('It did not fit into work_mem: sorted 2.9 MB on disk.');
  expect(hoverWords(index, 4)).toContain('It was never executed: what is above it needed nothing from it.');
});

test('without times the words speak of costs', () => {
  const index = indexOf(estimatedText);
  expect(lensText(index, 1)).toBe('cost 90 · 100 %');
  expect(hoverWords(index, 1)).toContain(
    'The planner expects a cost of 90 of its own, 100 % of the whole. Costs are the planner’s own unit, not time.',
  );
  expect(headlineFacts(index)).toEqual({
    main: { value: '10', unit: 'estimated cost' },
    others: [{ value: '10', unit: 'rows expected' }],
  });
});

test('a warning stands only where rows were far off', () => {
  const index = indexOf(joinText);
  expect(index.plan.nodes.map((node) => rowsWarning(index, node.id))).toEqual([
    null,
    null,
    '18× more rows',
    null,
    null,
  ]);
});

test('the headline has time, planning, blocks and rows', () => {
  const { main, others } = headlineFacts(indexOf(joinText));
  expect(main).toEqual({ value: '615', unit: 'ms execution' });
  expect(others.map(({ value, unit }) => plain(`${value} ${unit}`))).toContain('18 204 rows');
});

test('lines of a plan are cut into names, relations, numbers and strings', () => {
  const cut = (line: string) =>
    planLineTokens(line).map(({ startIndex, scopes }, at, all) => [
      line.slice(startIndex, all[at + 1]?.startIndex),
      scopes,
    ]);
  expect(cut('  ->  Index Scan using t_pkey on public.t a  (cost=0.00..1.00 rows=1 width=4)')).toEqual([
    ['->  ', 'keyword'],
    ['Index Scan', 'keyword'],
    [' using ', ''],
    ['t_pkey', 'predefined'],
    [' on ', ''],
    ['public.t a', 'predefined'],
    ['  (cost=0.00..1.00 rows=1 width=4)', 'comment'],
  ]);
  expect(cut("    Filter: ((a)::text = 'x -> 1'::text)").filter(([, scopes]) => scopes !== '')).toEqual([
    ['Filter:', 'comment'],
    ["'x -> 1'", 'string'],
  ]);
  expect(cut('Execution Time: 614.800 ms').filter(([, scopes]) => scopes === 'number')).toEqual([
    ['614.800', 'number'],
  ]);
});

test('a place is found in the reader’s words and in the text', () => {
  expect(placeIn('The plan is cut off (line 12, column 3)')).toEqual({ line: 12, column: 3 });
  expect(placeIn('No plan')).toBeNull();
  expect([lineOffsets('a\nbc\nd', 2), lineOffsets('a\nbc', 9)]).toEqual([
    { start: 2, end: 4 },
    { start: 4, end: 4 },
  ]);
});

test('what a tab remembers is read again, and what does not fit is left', () => {
  const source = { kind: 'explain', sql: 'select 1', analyze: true, savedId: null, rolledBack: true } as const;
  expect(readPlanTabState(planTabState(source))).toEqual(source);
  expect([readPlanTabState(null), readPlanTabState({ kind: 'saved' }), readPlanTabState({ kind: 'other' })]).toEqual([
    null,
    null,
    null,
  ]);
});

test('remembered options keep their defaults where they do not fit', () => {
  expect(optionsIn({ verbose: true, wal: 'yes', timeoutMs: -1, buffers: false, serialize: 'zip' })).toEqual({
    ...optionsIn(null),
    verbose: true,
    buffers: false,
  });
});

test('names that lead to an object are found where they stand, relation and index', () => {
  const index = indexOf(`Nested Loop  (cost=0.00..1.00 rows=1 width=4)
  ->  Index Scan using "a on b" on public.t x  (cost=0.00..1.00 rows=1 width=4)
  ->  Bitmap Heap Scan on u  (cost=1.00..2.00 rows=1 width=4)
        ->  Bitmap Index Scan on u_a  (cost=0.00..1.00 rows=1 width=0)
  ->  Function Scan on generate_series g  (cost=0.00..1.00 rows=1 width=4)
`);
  const lines = index.plan.text.split('\n');
  const { namesAt } = planMarks(index);
  expect(lines.map((text, at) => namesAt(at + 1, text).map(({ start, end }) => text.slice(start, end)))).toEqual([
    [],
    ['public.t x', '"a on b"'],
    ['u'],
    ['u_a'],
    [],
  ]);
});

test('a line of blanks is cut in linear time', () => {
  const timeOf = (length: number) => {
    const line = `  Filter: (note = '${' '.repeat(length)}')`;
    const started = process.cpuUsage().user;
    planLineTokens(line);
    return process.cpuUsage().user - started;
  };
  timeOf(1000);
  // Quadratic, it was two seconds.
  expect(timeOf(48_000)).toBeLessThan(400_000);
});
