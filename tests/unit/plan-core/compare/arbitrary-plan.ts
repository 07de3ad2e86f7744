import fc from 'fast-check';
import type { Plan } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../../electron/plan-core/index.ts';

type JsonNode = { [key: string]: unknown; Plans?: JsonNode[] };

const numbers = fc.record({
  rows: fc.nat(1000),
  planned: fc.nat(1000),
  ms: fc.integer({ min: 0, max: 50 }),
  loops: fc.integer({ min: 0, max: 3 }),
  hit: fc.nat(50),
  read: fc.nat(50),
});

function withNumbers(node: JsonNode, given: typeof numbers extends fc.Arbitrary<infer T> ? T : never): JsonNode {
  return {
    ...node,
    'Startup Cost': 0,
    'Total Cost': given.planned + 1,
    'Plan Rows': given.planned,
    'Plan Width': 4,
    'Actual Startup Time': 0,
    'Actual Total Time': given.loops === 0 ? 0 : given.ms,
    'Actual Rows': given.loops === 0 ? 0 : given.rows,
    'Actual Loops': given.loops,
    'Shared Hit Blocks': given.hit,
    'Shared Read Blocks': given.read,
  };
}

const scan = fc
  .record({
    type: fc.constantFrom('Seq Scan', 'Index Scan', 'Index Only Scan', 'Foreign Scan'),
    relation: fc.constantFrom('a', 'b', 'c', 'p_1', 'p_2'),
    alias: fc.constantFrom('a', 'b', 'x'),
    filter: fc.constantFrom(undefined, '(a = 1)', '(a = 2)', '(b > $1)'),
    numbers,
  })
  .map(({ type, relation, alias, filter, numbers: given }) =>
    withNumbers(
      {
        'Node Type': type,
        'Relation Name': relation,
        Alias: alias,
        ...(type.startsWith('Index') ? { 'Index Name': `${relation}_pkey` } : {}),
        ...(filter === undefined ? {} : { Filter: filter }),
      },
      given,
    ),
  );

const { node } = fc.letrec<{ node: JsonNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scan,
    fc.constant<JsonNode>({ 'Node Type': 'Result', 'Actual Loops': 1, 'Actual Rows': 1, 'Actual Total Time': 0 }),
    fc
      .tuple(
        fc.constantFrom('Sort', 'Hash', 'Materialize', 'Memoize', 'Gather', 'Limit', 'Aggregate', 'Unique'),
        tie('node'),
        numbers,
      )
      .map(([type, child, given]) =>
        withNumbers({ 'Node Type': type, Plans: [{ ...child, 'Parent Relationship': 'Outer' }] }, given),
      ),
    fc
      .tuple(fc.constantFrom('Hash Join', 'Nested Loop', 'Merge Join'), tie('node'), tie('node'), numbers)
      .map(([type, outer, inner, given]) =>
        withNumbers(
          {
            'Node Type': type,
            'Join Type': 'Inner',
            Plans: [
              { ...outer, 'Parent Relationship': 'Outer' },
              { ...inner, 'Parent Relationship': 'Inner' },
            ],
          },
          given,
        ),
      ),
    fc
      .tuple(fc.constantFrom('Append', 'Merge Append'), fc.array(tie('node'), { maxLength: 4 }), numbers)
      .map(([type, members, given]) =>
        withNumbers(
          { 'Node Type': type, Plans: members.map((member) => ({ ...member, 'Parent Relationship': 'Member' })) },
          given,
        ),
      ),
    fc.tuple(tie('node'), tie('node'), fc.constantFrom('InitPlan', 'SubPlan')).map(([owner, inner, kind]) => ({
      ...owner,
      Plans: [{ ...inner, 'Parent Relationship': kind, 'Subplan Name': `${kind} 1` }, ...(owner.Plans ?? [])],
    })),
  ),
}));

/** A tree as PostgreSQL could print it, though not one that it would plan. */
export const arbitraryPlan: fc.Arbitrary<Plan> = fc
  .record({
    node,
    execution: fc.integer({ min: 0, max: 200 }),
    settings: fc.constantFrom({}, { work_mem: '8MB' }),
  })
  .map(({ node: root, execution, settings }) =>
    planOf([{ Plan: root, Settings: settings, 'Planning Time': 1, Triggers: [], 'Execution Time': execution }]),
  );

/** The first plan of a document of FORMAT JSON. */
export function planOf(document: unknown): Plan {
  const [plan] = analyzePlans(JSON.stringify(document));
  if (!plan) throw new Error('no plan');
  return plan;
}
