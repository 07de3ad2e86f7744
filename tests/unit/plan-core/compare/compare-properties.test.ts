import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlanChange, PlanComparison } from '#contract/plan-comparison.ts';
import { planComparisonSchema } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';
import { comparePlans } from '../../../../electron/plan-core/compare/index.ts';
import { analyzePlans } from '../../../../electron/plan-core/index.ts';
import { arbitraryPlan, planOf } from './arbitrary-plan.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const REAL = readdirSync(FIXTURES).flatMap((name) => analyzePlans(readFileSync(join(FIXTURES, name), 'utf8')));

/** Real plans with each other, and plans that were thought up. */
const twoPlans = fc.oneof(
  fc.tuple(fc.constantFrom(...REAL), fc.constantFrom(...REAL)),
  fc.tuple(arbitraryPlan, arbitraryPlan),
);
const onePlan = fc.oneof(fc.constantFrom(...REAL), arbitraryPlan);

function idsOf(plan: Plan): number[] {
  return plan.nodes.map(({ id }) => id);
}

function present(ids: readonly (number | null)[]): number[] {
  return ids.filter((id) => id !== null).toSorted((a, b) => a - b);
}

function inverse(change: PlanChange): unknown {
  const { before, after, ...rest } = change;
  if (!('factor' in rest)) return { ...rest, before: after, after: before };
  const { factor, shareBefore, shareAfter, ...others } = rest;
  return {
    ...others,
    before: after,
    after: before,
    factor: factor === null ? null : expect.closeTo(1 / factor, 9),
    ...(shareBefore === undefined ? {} : { shareBefore: shareAfter, shareAfter: shareBefore }),
  };
}

function byIds(comparison: PlanComparison, swapped: boolean): unknown[] {
  return comparison.pairs
    .map(({ beforeId, afterId, changes }) => ({
      beforeId: swapped ? afterId : beforeId,
      afterId: swapped ? beforeId : afterId,
      changes: swapped ? changes.map(inverse) : changes,
    }))
    .toSorted((a, b) => (a.beforeId ?? -1) - (b.beforeId ?? -1) || (a.afterId ?? -1) - (b.afterId ?? -1));
}

const OPPOSITE = { faster: 'slower', slower: 'faster', same: 'same', unknown: 'unknown' } as const;

describe('comparing', () => {
  it('a plan with itself finds every node, and no change', () => {
    fc.assert(
      fc.property(onePlan, (plan) => {
        const comparison = comparePlans(plan, plan);
        expect(comparison.pairs).toEqual(idsOf(plan).map((id) => ({ beforeId: id, afterId: id, changes: [] })));
        expect([comparison.verdict, comparison.differences, comparison.causes]).toEqual([
          comparison.basis === 'none' ? 'unknown' : 'same',
          [],
          [],
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('two plans names every node of both exactly once', () => {
    fc.assert(
      fc.property(twoPlans, ([before, after]) => {
        const { pairs } = comparePlans(before, after);
        expect(present(pairs.map(({ beforeId }) => beforeId))).toEqual(idsOf(before));
        expect(present(pairs.map(({ afterId }) => afterId))).toEqual(idsOf(after));
      }),
      { numRuns: 300 },
    );
  });

  it('the other way round gives the inverse', () => {
    fc.assert(
      fc.property(twoPlans, ([before, after]) => {
        const forth = comparePlans(before, after);
        const back = comparePlans(after, before);
        expect(byIds(back, false)).toEqual(byIds(forth, true));
        expect([back.verdict, back.basis, back.rankedBy]).toEqual([
          OPPOSITE[forth.verdict],
          forth.basis,
          forth.rankedBy,
        ]);
        if (forth.factor !== null) expect((back.factor ?? 0) * forth.factor).toBeCloseTo(1, 9);
        expect(back.totals).toEqual(
          forth.totals.map(({ before: one, after: other, ...rest }) => ({ ...rest, before: other, after: one })),
        );
        expect(back.differences.length).toBe(forth.differences.length);
        const sum = ({ differences }: PlanComparison): number => differences.reduce((all, { delta }) => all + delta, 0);
        expect(sum(back)).toBeCloseTo(-sum(forth), 6);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same each time, and as its schema says', () => {
    fc.assert(
      fc.property(twoPlans, ([before, after]) => {
        const comparison = comparePlans(before, after);
        expect(comparePlans(structuredClone(before), structuredClone(after))).toEqual(comparison);
        expect(planComparisonSchema.parse(comparison)).toEqual(comparison);
      }),
      { numRuns: 100 },
    );
  });
});

describe('large plans', () => {
  const wide = (members: number, ms: number): Plan =>
    planOf([
      {
        Plan: {
          'Node Type': 'Append',
          'Actual Total Time': members * ms,
          'Actual Rows': members,
          'Actual Loops': 1,
          Plans: Array.from({ length: members }, (_, id) => ({
            'Node Type': 'Index Scan',
            'Parent Relationship': 'Member',
            'Relation Name': `part_${id}`,
            'Index Name': `part_${id}_pkey`,
            Alias: `p_${id}`,
            'Actual Total Time': ms,
            'Actual Rows': 1,
            'Actual Loops': 1,
            'Index Cond': '(id = 1)',
          })),
        },
      },
    ]);

  it('of 20,000 nodes are compared in less than two seconds', () => {
    const [before, after] = [wide(20_000, 0.01), wide(19_000, 0.02)];
    const start = performance.now();
    const { pairs } = comparePlans(before, after);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(pairs.filter(({ afterId }) => afterId === null).length).toBe(1000);
    expect(pairs.filter(({ beforeId }) => beforeId === null).length).toBe(0);
  });

  it('of 20,000 nodes that have nothing in common, or nothing to tell them apart, too', () => {
    const renamed = structuredClone(wide(20_000, 0.01));
    for (const node of renamed.nodes) if (node.relation !== undefined) node.relation = `other_${node.id}`;
    const alike = structuredClone(wide(20_000, 0.01));
    for (const node of alike.nodes) {
      if (node.relation === undefined) continue;
      node.relation = 'same';
      node.alias = 'same';
    }
    const plan = wide(20_000, 0.01);
    for (const other of [renamed, alike]) {
      const start = performance.now();
      comparePlans(plan, other);
      comparePlans(other, other);
      expect(performance.now() - start).toBeLessThan(4000);
    }
  });

  it('of 10,000 levels do not overflow', () => {
    const deep = (type: string): Plan =>
      analyzePlans(
        `[{"Plan": ${`{"Node Type": "${type}", "Plans": [`.repeat(10_000)}{"Node Type": "Result"}${']}'.repeat(10_000)}}]`,
      )[0] ?? planOf([]);
    const start = performance.now();
    const { pairs } = comparePlans(deep('Limit'), deep('Sort'));
    expect(pairs.length).toBe(20_001);
    expect(performance.now() - start).toBeLessThan(4000);
  });
});
