import { describe, expect, it } from 'vitest';

import type { ActivitySample } from '#contract/activity.ts';

import { SampleMemory, nearestMoment } from '../../../../../renderer/src/features/activity/sample-memory.ts';

const began = Date.parse('2026-11-29T18:00:00Z');

function look(second: number, spanMs: number | null = 1000): ActivitySample {
  return {
    at: new Date(began + second * 1000).toISOString(),
    spanMs,
    commits: spanMs === null ? null : second,
    rollbacks: null,
    sessions: { active: 0, idle: 0, idleInTransaction: 0, waiting: 0, hidden: 0, total: 0, limit: 97 },
    cacheHit: null,
    blocksHit: null,
    blocksRead: null,
    tuplesReturned: null,
    tuplesFetched: null,
    tuplesInserted: null,
    tuplesUpdated: null,
    tuplesDeleted: null,
    tempBytes: null,
    walBytes: null,
    ioReadMs: null,
    ioWriteMs: null,
    deadlocks: null,
  };
}

function remembered(...samples: readonly ActivitySample[]): SampleMemory {
  const memory = new SampleMemory();
  memory.replace(samples);
  return memory;
}

const seconds = ({ moments }: SampleMemory): number[] => moments.map(({ atMs }) => (atMs - began) / 1000);

describe('the memory of looks', () => {
  it('begins lines anew after what was missed, and not after a slow look', () => {
    const memory = remembered(look(0, null), look(1), look(2), look(40, null), look(41), look(44, 3000), look(60));
    expect(memory.moments.map(({ afterGap }) => afterGap)).toEqual([true, false, false, true, false, false, true]);
  });

  it('keeps ten minutes', () => {
    const memory = new SampleMemory();
    for (let second = 0; second < 700; second += 1) memory.add(look(second));
    expect(memory.moments).toHaveLength(600);
    expect(memory.newest?.sample.commits).toBe(699);
  });

  it('takes the same look once, and forgets what a clock that was set back told', () => {
    const memory = remembered(look(0), look(1), look(2));
    memory.add(look(2));
    expect(seconds(memory)).toEqual([0, 1, 2]);
    memory.add(look(1));
    expect(seconds(memory)).toEqual([0, 1]);
  });

  it('finds the nearest look, and none in a gap', () => {
    const { moments } = remembered(look(0, null), look(1), look(2), look(40, null), look(44, 4000));
    const at = (second: number): number => nearestMoment(moments, began + second * 1000);
    expect([-5, 0.2, 1.4, 1.6, 3, 20, 39, 41, 43, 45, 60].map(at)).toEqual([-1, 0, 1, 2, 2, -1, 3, 3, 4, 4, -1]);
    expect(nearestMoment([], began)).toBe(-1);
  });
});
