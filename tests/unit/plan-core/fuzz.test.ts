import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzePlans, PlanReadError } from '../../../electron/plan-core/index.ts';

/** Time of this process, not of the clock: how busy the machine is says nothing about the reader. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

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
  const start = cpuMs();
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
  expect(cpuMs() - start).toBeLessThan(5000);
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
    ['white space before what is no header', `${' '.repeat(100_000)}QUERY PLAN${' '.repeat(100_000)}x`],
    ['header upon header', `${'QUERY PLAN\n----------\n'.repeat(30_000)}${'x'.repeat(50)}`],
    ['records without end', '-[ RECORD 1 ]---\nQUERY PLAN | x\n'.repeat(30_000)],
    ['open fields of CSV', `QUERY PLAN\n${'"a\n'.repeat(50_000)}`],
    ['plans of a log that hold nothing', 'LOG:  duration: 1.000 ms  plan:\n\t\n'.repeat(20_000)],
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

/** Names that come twice, scans that stand inside of what they scan, results that nobody asks for. */
const cteNames = fc.constantFrom('a', 'b');
const tangle = fc.letrec<{ node: TangledNode }>((tie) => ({
  node: fc.record({
    ms: fc.integer({ min: 0, max: 100 }),
    blocks: fc.nat(50),
    computes: fc.option(cteNames, { freq: 2 }),
    scans: fc.option(cteNames, { freq: 2 }),
    loops: fc.integer({ min: 0, max: 3 }),
    children: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constant<TangledNode[]>([]),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }),
}));
type TangledNode = {
  ms: number;
  blocks: number;
  computes: string | null;
  scans: string | null;
  loops: number;
  children: TangledNode[];
};

function tangledJson({ ms, blocks, computes, scans, loops, children }: TangledNode): object {
  return {
    'Node Type': scans === null ? 'Append' : 'CTE Scan',
    ...(scans === null ? {} : { 'CTE Name': scans }),
    ...(computes === null
      ? { 'Parent Relationship': 'Outer' }
      : { 'Parent Relationship': 'InitPlan', 'Subplan Name': `CTE ${computes}` }),
    'Actual Total Time': ms,
    'Actual Rows': 1,
    'Actual Loops': loops,
    'Shared Hit Blocks': blocks,
    Plans: children.map(tangledJson),
  };
}

/** What clients, editors, and the server's log make of the lines of a plan. */
const DRESSES: Record<string, (lines: readonly string[]) => string> = {
  'quoted in a mail': (lines) => lines.map((line) => `> ${line}`).join('\n'),
  numbered: (lines) => lines.map((line, index) => `${String(index + 1).padStart(4)}  ${line}`).join('\n'),
  'commented out': (lines) => lines.map((line) => `-- ${line}`).join('\n'),
  fenced: (lines) => `\`\`\`\n${lines.join('\n')}\n\`\`\``,
  'of Windows': (lines) => lines.join('\r\n'),
  'CSV of pgAdmin': (lines) => `"QUERY PLAN"\n${lines.map((line) => `"${line.replaceAll('"', '""')}"`).join('\n')}`,
  'a list of strings': (lines) => JSON.stringify(lines, null, 2),
  'rows of JSON': (lines) => JSON.stringify(lines.map((line) => ({ 'QUERY PLAN': line }))),
  'one string of JSON': (lines) => JSON.stringify(lines.join('\n')),
  'in a frame': (lines) => {
    const width = Math.max(...lines.map((line) => line.length));
    const rule = `+${'-'.repeat(width + 2)}+`;
    const rows = ['QUERY PLAN', ...lines].map((line) => `| ${line.padEnd(width)} |`);
    return [rule, rows[0], rule, ...rows.slice(1), rule, `(${lines.length} Zeilen)`].join('\n');
  },
  'expanded by psql': (lines) =>
    lines.map((line, index) => `-[ RECORD ${index + 1} ]${'-'.repeat(20)}\nQUERY PLAN | ${line}`).join('\n'),
  'in the server’s log': (lines) =>
    `2024-05-01 10:00:00 UTC [7] LOG:  duration: 5.000 ms  plan:\n\tQuery Text: select 1\n${lines.map((line) => `\t${line}`).join('\n')}\n2024-05-01 10:00:01 UTC [7] LOG:  checkpoint starting: time`,
  'in a log of CSV': (lines) =>
    `2024-05-01 10:00:00 UTC,"u","d",7,,1,1,"SELECT",,3/2,0,LOG,00000,"duration: 5.000 ms  plan:\nQuery Text: select 1\n${lines.join('\n').replaceAll('"', '""')}",,,,,,,,,"psql"`,
  'of UTF-16': (lines) => `\uFFFD\uFFFD${[...lines.join('\n')].map((character) => `${character}\u0000`).join('')}`,
};

describe.each(Object.keys(DRESSES))('a plan %s', (dress) => {
  it.each(readdirSync(FIXTURES).filter((name) => name.endsWith('.txt')))('is the plan of %s', (name) => {
    const source = readFileSync(join(FIXTURES, name), 'utf8').trimEnd();
    const nodesOf = (text: string): unknown =>
      analyzePlans(text).map(({ nodes }) => nodes.map((node) => ({ ...node, line: 0, endLine: 0 })));
    expect(nodesOf(DRESSES[dress]?.(source.split('\n')) ?? '')).toEqual(nodesOf(source));
  });
});

describe('any plan at all', () => {
  it('has self times that add up to the root’s, whatever asks for whatever', () => {
    fc.assert(
      fc.property(tangle.node, (node) => {
        const root = { ...node, computes: null, loops: 1 };
        const [plan] = analyzePlans(JSON.stringify([{ Plan: tangledJson(root) }]));
        const sum = (plan?.nodes ?? []).reduce((total, { selfMs }) => total + (selfMs ?? 0), 0);
        expect(sum).toBeCloseTo(root.ms, 6);
        expect(plan?.nodes.filter(({ selfMs }) => (selfMs ?? 0) < 0)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

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
  it('of 20,000 nodes and of 10,000 levels are read whole', () => {
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
    const [wide] = analyzePlans(source);
    const [again] = analyzePlans(wide?.text ?? '');
    expect([wide?.nodes.length, again?.nodes.length]).toEqual([20_001, 20_001]);
    const [deep] = analyzePlans(
      `[{"Plan": ${'{"Node Type": "Limit", "Plans": ['.repeat(10_000)}{"Node Type": "Result"}${']}'.repeat(10_000)}}]`,
    );
    expect(deep?.nodes.at(-1)?.depth).toBe(10_000);
  });
});
