import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { LockWait } from '#contract/activity.ts';

import {
  type BlockingRow,
  blockingTree,
  withoutCollapsed,
} from '../../../../../renderer/src/features/activity/blocking/blocking-tree.ts';

function waits(
  ...pairs: readonly (readonly [pid: number, blockedBy: readonly number[], waitMs?: number])[]
): LockWait[] {
  return pairs.map(([pid, blockedBy, waitMs]) => ({
    pid,
    blockedBy: [...blockedBy],
    mode: 'ShareLock',
    target: 'transaction 7',
    waitMs: waitMs ?? 0,
  }));
}

/** `1(2) > 2 > 3*`: indented by depth, `*` shown above already, `!` in a circle. */
function drawn(rows: readonly BlockingRow[]): string[] {
  return rows.map(
    ({ pid, depth, blocks, isRepeated, isInCircle }) =>
      `${'  '.repeat(depth)}${pid}${depth === 0 ? `(${blocks})` : ''}${isRepeated ? '*' : ''}${isInCircle ? '!' : ''}`,
  );
}

describe('the tree of who blocks whom', () => {
  it('is empty while nobody waits', () => {
    expect(blockingTree([], [])).toEqual([]);
  });

  it('has who blocks first, and below who waits, the longest wait first', () => {
    const rows = blockingTree(waits([2, [1], 500], [3, [1], 3400], [4, [3], 900]), []);
    expect(drawn(rows)).toEqual(['1(3)', '  3', '    4', '  2']);
    expect(rows[0]).toMatchObject({ blocks: 3, longestMs: 3400, wait: null });
    expect(rows.map(({ guides }) => guides)).toEqual([[], [true], [true, false], [false]]);
  });

  it('shows a waiter under each of its blockers, once with those that wait for it', () => {
    const rows = blockingTree(waits([3, [1, 2]], [4, [3]]), []);
    expect(drawn(rows)).toEqual(['1(2)', '  3', '    4', '2(2)', '  3*']);
    expect(rows.map(({ blockers }) => blockers)).toEqual([[], [1, 2], [3], [], [1, 2]]);
  });

  it('does not make a staircase of a queue', () => {
    const rows = blockingTree(waits([2, [1]], [3, [1, 2]], [4, [1, 2, 3]]), []);
    expect(drawn(rows)).toEqual(['1(3)', '  2', '  3', '  4']);
    expect(rows.at(-1)).toMatchObject({ blockers: [1], queuedBehind: [2, 3] });
  });

  it('keeps those that are held up by somebody else as well', () => {
    // 3 waits for 1 and stands behind 2, which waits for 9 too.
    const rows = blockingTree(waits([2, [1, 9]], [3, [1, 2]]), []);
    expect(rows.find(({ pid, depth }) => pid === 9 && depth === 0)?.blocks).toBe(2);
  });

  it('shows a deadlock, and who waits behind it', () => {
    const rows = blockingTree(waits([1, [2]], [2, [1]], [3, [1], 9000]), []);
    expect(drawn(rows)).toEqual(['1(2)!', '  3', '  2', '    1*!']);
  });

  it('shows a circle of three that each wait for both others', () => {
    const rows = blockingTree(waits([1, [2, 3]], [2, [1, 3]], [3, [1, 2]]), []);
    expect(new Set(rows.map(({ pid }) => pid))).toEqual(new Set([1, 2, 3]));
    expect(rows[0]?.isInCircle).toBe(true);
  });

  it('shows one whose blocker is not known', () => {
    expect(drawn(blockingTree(waits([5, []]), []))).toEqual(['5(0)']);
  });

  it('hides what lies below a collapsed row', () => {
    const rows = blockingTree(waits([2, [1], 2], [3, [2]], [4, [1], 1]), []);
    const collapsed = new Set(rows.filter(({ pid }) => pid === 2).map(({ key }) => key));
    expect(drawn(withoutCollapsed(rows, collapsed))).toEqual(['1(3)', '  2', '  4']);
  });

  const graphs = fc.array(
    fc.record({
      pid: fc.integer({ min: 1, max: 40 }),
      blockedBy: fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 12 }),
      waitMs: fc.option(fc.integer({ min: 0, max: 100_000 })),
    }),
    { maxLength: 60 },
  );

  it('shows everybody who waits and who blocks, once with its own, for any graph', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const all = graph.map((wait): LockWait => ({ ...wait, mode: null, target: null }));
        const rows = blockingTree(all, []);
        const shown = new Set(rows.map(({ pid }) => pid));
        const named = new Set(all.flatMap(({ pid, blockedBy }) => [pid, ...blockedBy]));
        for (const pid of all.map((wait) => wait.pid)) expect(shown).toContain(pid);
        const edges = all.reduce((sum, { blockedBy }) => sum + blockedBy.length, 0);
        expect(rows.length).toBeLessThanOrEqual(edges + named.size);
        const own = rows.filter(({ isRepeated }) => !isRepeated).map(({ pid }) => pid);
        expect(own).toHaveLength(new Set(own).size);
        expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        for (const [index, { depth, guides }] of rows.entries()) {
          expect(guides).toHaveLength(depth);
          expect(depth).toBeLessThanOrEqual((rows[index - 1]?.depth ?? -1) + 1);
        }
      }),
    );
  });

  it('counts at a root everybody whom it reaches', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const all = graph.map((wait): LockWait => ({ ...wait, mode: null, target: null }));
        const waiting = new Set(all.map(({ pid }) => pid));
        for (const { pid, depth, blocks } of blockingTree(all, [])) {
          if (depth > 0 || waiting.has(pid)) continue;
          const reached = new Set([pid]);
          for (let before = -1; before !== reached.size;) {
            before = reached.size;
            for (const wait of all)
              if (wait.blockedBy.some((blocker) => blocker !== wait.pid && reached.has(blocker))) reached.add(wait.pid);
          }
          expect(blocks).toBe(reached.size - 1);
        }
      }),
    );
  });

  it.each([
    ['a queue', (pid: number) => Array.from({ length: pid }, (_, other) => other)],
    ['a chain', (pid: number) => [pid - 1]],
    ['many holders', () => Array.from({ length: 60 }, (_, other) => 1000 + other)],
  ])('is quick for %s of three hundred', (_name, blockedBy) => {
    const all = waits(...Array.from({ length: 300 }, (_, index) => [index + 1, blockedBy(index + 1)] as const));
    blockingTree(all, []);
    const rows = blockingTree(all, []);
    expect(rows.length).toBeGreaterThan(300);
  });
});
