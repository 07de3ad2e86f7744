import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzePlans, PlanReadError } from '../../../electron/services/plans/index.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const SOURCES = readdirSync(FIXTURES).map((name) => readFileSync(join(FIXTURES, name), 'utf8'));
const PIECES = [
  '->',
  '(cost=0.00..1.00 rows=1 width=4)',
  "'",
  '"',
  '(',
  ')',
  '\n',
  '\t',
  '+',
  '|',
  '{',
  '}',
  '[',
  ']',
  ':',
  'Buffers: ',
  'InitPlan 1 (returns $0)',
  'CTE x',
  'SubPlan 1',
  '<',
  '</Plan>',
  '- ',
  '__proto__',
  '\u0000',
  '9'.repeat(30),
  'Workers',
  'QUERY PLAN',
];

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(40),
  insert: fc.constantFrom('', ...PIECES),
});
const mutated = fc
  .tuple(fc.constantFrom(...SOURCES), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([source, mutations]) =>
    mutations.reduce(
      (text, { at, remove, insert }) =>
        text.slice(0, Math.floor(at * text.length)) + insert + text.slice(Math.floor(at * text.length) + remove),
      source,
    ),
  );

function expectPlansOrReadError(source: string): void {
  const start = performance.now();
  try {
    for (const plan of analyzePlans(source)) {
      expect(plan.nodes.length).toBeGreaterThan(0);
      const rootMs = plan.nodes[0]?.totalMs;
      const sum = plan.nodes.reduce((total, node) => total + (node.selfMs ?? 0), 0);
      if (rootMs !== undefined) expect(Math.abs(sum - rootMs)).toBeLessThanOrEqual(0.001 + rootMs * 1e-6);
      plan.nodes.forEach((node, id) => {
        expect([
          node.id,
          node.parentId === null || (node.parentId >= 0 && node.parentId < id),
          (node.selfMs ?? 0) >= 0,
        ]).toEqual([id, true, true]);
      });
    }
  } catch (error) {
    if (!(error instanceof PlanReadError)) throw error;
    expect(error.line).toBeGreaterThan(0);
    expect(error.column).toBeGreaterThan(0);
  }
  expect(performance.now() - start).toBeLessThan(5000);
}

describe('whatever is pasted', () => {
  it('a plan with pieces taken out and put in gives plans or a PlanReadError', () => {
    fc.assert(fc.property(mutated, expectPlansOrReadError), { numRuns: 600 });
  });

  it('noise of the same alphabet gives plans or a PlanReadError', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom(...PIECES, ' ', 'Seq Scan on t ', 'Filter: ', 'a'), { maxLength: 60 })
          .map((pieces) => pieces.join('')),
        expectPlansOrReadError,
      ),
      { numRuns: 600 },
    );
  });

  it.each([
    ['a mile of spaces', `Seq Scan on t${' '.repeat(300_000)}(cost=0.00..1.00 rows=1 width=1)x`],
    ['frames without end', '|  |'.repeat(50_000)],
    ['plus signs', `${'+ '.repeat(100_000)}x`],
    [
      'open quotes',
      [
        'Seq Scan on t  (cost=0.00..1.00 rows=1 width=1)',
        ...Array.from({ length: 5000 }, () => "  Filter: (a = 'x"),
      ].join('\n'),
    ],
    ['brackets that look like JSON', Array.from({ length: 50_000 }, () => '[{"a": {').join('\n')],
    ['white space around a header', `${' '.repeat(100_000)}QUERY PLAN${' '.repeat(100_000)}`],
    ['letters before an equals sign', `Seq Scan on t  (cost=0.00..1.00 rows=1 width=1)\n  WAL: ${'a'.repeat(200_000)}`],
    ['a long list of settings', `Seq Scan on t  (cost=0.00..1.00 rows=1 width=1)\nSettings: ${'a'.repeat(200_000)}`],
  ])('%s do not hang the reader', (_, source) => expectPlansOrReadError(source));
});

/** A plan whose numbers are possible: children take less than their parent, blocks are inclusive. */
const tree = fc.letrec<{ node: PlannedNode }>((tie) => ({
  node: fc.record({
    ownMs: fc.integer({ min: 0, max: 1000 }),
    blocks: fc.nat(1000),
    loops: fc.integer({ min: 1, max: 4 }),
    role: fc.constantFrom('Outer', 'Outer', 'SubPlan', 'InitPlan'),
    children: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constant<PlannedNode[]>([]),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }),
}));
type PlannedNode = { ownMs: number; blocks: number; loops: number; role: string; children: PlannedNode[] };

function toJson(node: PlannedNode): { json: Record<string, unknown>; totalMs: number; blocks: number } {
  const children = node.children.map(toJson);
  const totalMs = node.ownMs + children.reduce((sum, child) => sum + child.totalMs, 0);
  const blocks = node.blocks + children.reduce((sum, child) => sum + child.blocks, 0);
  return {
    totalMs,
    blocks,
    json: {
      'Node Type': 'Append',
      'Parent Relationship': node.role,
      ...(node.role === 'Outer' ? {} : { 'Subplan Name': `${node.role} 1` }),
      'Actual Startup Time': 0,
      'Actual Total Time': totalMs / node.loops,
      'Actual Rows': 1,
      'Actual Loops': node.loops,
      'Shared Hit Blocks': blocks,
      Plans: children.map(({ json }) => json),
    },
  };
}

describe('any possible plan', () => {
  it('has self times and self buffers that add up to the root’s', () => {
    fc.assert(
      fc.property(tree.node, (node) => {
        const { json, totalMs, blocks } = toJson({ ...node, role: 'Outer', loops: 1 });
        const [plan] = analyzePlans(JSON.stringify([{ Plan: json }]));
        const sum = (value: (index: number) => number): number =>
          (plan?.nodes ?? []).reduce((total, _, index) => total + value(index), 0);
        expect(sum((id) => plan?.nodes[id]?.selfMs ?? 0)).toBeCloseTo(totalMs, 6);
        expect(sum((id) => plan?.nodes[id]?.selfBuffers?.sharedHit ?? 0)).toBe(blocks);
      }),
      { numRuns: 300 },
    );
  });
});

describe('large plans', () => {
  it('of 20,000 nodes are read in less than two seconds, of 10,000 levels without overflow', () => {
    const children = Array.from({ length: 20_000 }, (_, id) => ({
      'Node Type': 'Seq Scan',
      'Relation Name': `p_${id}`,
      Alias: `p_${id}`,
      'Total Cost': 1,
      'Actual Total Time': 0.01,
      'Actual Rows': 1,
      'Actual Loops': 1,
      Filter: '(a = 1)',
    }));
    const source = JSON.stringify([
      {
        Plan: { 'Node Type': 'Append', 'Actual Total Time': 300, 'Actual Rows': 1, 'Actual Loops': 1, Plans: children },
      },
    ]);
    const start = performance.now();
    const [wide] = analyzePlans(source);
    const [again] = analyzePlans(wide?.text ?? '');
    expect([wide?.nodes.length, again?.nodes.length]).toEqual([20_001, 20_001]);
    expect(performance.now() - start).toBeLessThan(4000);
    const [deep] = analyzePlans(
      `[{"Plan": ${'{"Node Type": "Limit", "Plans": ['.repeat(10_000)}{"Node Type": "Result"}${']}'.repeat(10_000)}}]`,
    );
    expect(deep?.nodes.at(-1)?.depth).toBe(10_000);
  });
});
