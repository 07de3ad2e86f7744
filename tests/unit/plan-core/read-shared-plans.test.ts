import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';
import { describeWithShared } from '../../support/shared.ts';

function filesOf(folder: string, pattern: RegExp): string[] {
  return folder === ''
    ? []
    : readdirSync(folder)
        .filter((name) => pattern.test(name))
        .toSorted();
}

function readOne(folder: string, name: string): Plan {
  const [plan] = analyzePlans(readFileSync(join(folder, name), 'utf8'));
  if (!plan) throw new Error(`no plan in ${name}`);
  return plan;
}

type Expected = { [key: string]: unknown; Plans?: Expected[] };

/** pev2's own keys (`*…`), and where it is wrong: labels instead of node types, worker lines on the node, zeros it adds. */
const NOT_COMPARED =
  /^(?:\*|Plans$|nodeId|Node Type|Workers|Output|Sort Key|Group Key|Presorted Key|Buckets|Batches|Hits|Heap Blocks|Sort Space|Full-sort|Pre-sorted|Planned Partitions|Original|Index Name|Schema|Alias|Relation Name|I\/O|Shared|Local|Temp|WAL)/;

function compareWithPev2(node: PlanNode, expected: Expected, nodes: readonly PlanNode[]): void {
  for (const [key, value] of Object.entries(expected)) {
    if (NOT_COMPARED.test(key) || typeof value !== 'number') continue;
    const own = node.properties[key];
    if (own !== undefined) expect(own, `${key} of ${node.nodeType} ${node.id}`).toBe(value);
  }
  // Some of the expectations stop half-way down.
  if (!expected.Plans) return;
  const children = nodes.filter((other) => other.parentId === node.id);
  const expectedChildren = expected.Plans;
  expect(children.length, `children of ${node.nodeType} ${node.id}`).toBe(expectedChildren.length);
  expectedChildren.forEach((child, index) => {
    const own = children[index];
    if (own) compareWithPev2(own, child, nodes);
  });
}

describeWithShared('text plans as pev2 reads them', (shared) => {
  const folder = join(shared, 'plans', 'pev2', 'from-text');
  it.each(shared === '' ? [] : filesOf(folder, /-plan$/))('%s: the same tree and the same numbers', (name) => {
    const plan = readOne(folder, name);
    const parsed: unknown = JSON.parse(readFileSync(join(folder, name.replace(/plan$/, 'expect')), 'utf8'));
    const expected = parsed as { Plan: Expected; 'Execution Time'?: number; 'Planning Time'?: number };
    const [root] = plan.nodes;
    if (root) compareWithPev2(root, expected.Plan, plan.nodes);
    if (expected['Planning Time'] !== undefined) expect(plan.planningMs).toBe(expected['Planning Time']);
  });
});

describeWithShared('psql frames', (shared) => {
  const folder = join(shared, 'plans', 'pev2', '11-psql-frames');
  it.each(shared === '' ? [] : filesOf(folder, /^(?:text|json)-[012].*\.plan$/))(
    '%s is the plan without its frame',
    (name) => {
      const plan = readOne(folder, name);
      expect(
        plan.nodes.map((node) => [node.nodeType, node.parentId, node.relation, node.alias, node.rowsRemovedByFilter]),
      ).toEqual([
        ['Nested Loop', null, undefined, undefined, undefined],
        ['Seq Scan', 0, 'users', 'u', 1231],
        ['Seq Scan', 0, 'part_0', 'p', 13205],
      ]);
      expect(plan.text.split('\n')[1]).toMatch(
        /^ {2}->  Seq Scan on users u {2}\(cost=0\.00\.\.41\.40 rows=1 width=129\) \(actual time=.* rows=1 loops=1\)$/,
      );
      expect(plan.executionMs).toBeGreaterThan(1.9);
    },
  );

  it('DBeaver’s open frame is taken off', () => {
    const plan = readOne(folder, 'text-3-dbeaver.plan');
    expect(plan.nodes[0]?.properties).toMatchObject({
      Operation: 'Delete',
      'Relation Name': 'toto123456789',
      Schema: 'public',
      'WAL Records': 5_000_000,
      'WAL FPI': 7015,
      'WAL Bytes': 327_276_611,
    });
    expect(plan.executionMs).toBe(4024.335);
  });
});

describeWithShared('wrapped lines', (shared) => {
  const folder = join(shared, 'plans', 'pev2', '12-line-wrapped-plans');
  it.each(shared === '' ? [] : filesOf(folder, /-plan$/))(
    '%s: every node has its numbers, as pev2 has them',
    (name) => {
      const plan = readOne(folder, name);
      const parsed: unknown = JSON.parse(readFileSync(join(folder, name.replace(/plan$/, 'expect')), 'utf8'));
      const [root] = plan.nodes;
      if (root) compareWithPev2(root, (parsed as { Plan: Expected }).Plan, plan.nodes);
      expect(plan.nodes.filter((node) => node.totalCost === undefined)).toEqual([]);
    },
  );
});

describeWithShared('every plan of the collection', (shared) => {
  const root = join(shared, 'plans');
  const files =
    shared === ''
      ? []
      : readdirSync(root, { recursive: true, encoding: 'utf8' })
          .filter((name) => /(?:plan|\.txt|\.json|\.xml|\.yaml)$/.test(name) && !/LICENSE|expect/.test(name))
          .toSorted();
  it.each(files)('%s: self times add up to the root, none is negative', (name) => {
    // The one that was cut on purpose, to see whether a reader hangs.
    if (name.includes('25-cleanup-source-backtracking')) return;
    for (const plan of analyzePlans(readFileSync(join(root, name), 'utf8'))) {
      const rootMs = plan.nodes[0]?.totalMs;
      if (rootMs === undefined) continue;
      const sum = plan.nodes.reduce((total, node) => total + (node.selfMs ?? 0), 0);
      expect(Math.abs(sum - rootMs)).toBeLessThan(0.001 + rootMs * 1e-6);
      expect(Math.min(...plan.nodes.map((node) => node.selfMs ?? 0))).toBeGreaterThanOrEqual(0);
      expect(Math.min(0, ...plan.nodes.flatMap((node) => Object.values(node.selfBuffers ?? {})))).toBe(0);
    }
  });

  it.each(files)('%s: every node’s lines hold its label', (name) => {
    if (name.includes('25-cleanup-source-backtracking')) return;
    for (const plan of analyzePlans(readFileSync(join(root, name), 'utf8'))) {
      const lines = plan.text.split('\n');
      const wrong = plan.nodes.filter((node) => {
        const line = lines[node.line - 1] ?? '';
        return (
          node.endLine < node.line ||
          !(node.relation === undefined ? line.trim() !== '' : line.includes(node.relation.replaceAll('"', '""')))
        );
      });
      expect(wrong.map((node) => [node.line, lines[node.line - 1], node.relation])).toEqual([]);
    }
  });
});
