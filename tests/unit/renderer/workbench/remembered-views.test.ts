import { describe, expect, it } from 'vitest';

import { activityMemory } from '../../../../renderer/src/features/activity/activity-memory.ts';
import { useActivity } from '../../../../renderer/src/features/activity/activity-store.ts';
import { statementsMemory } from '../../../../renderer/src/features/statements/statements-memory.ts';
import { useStatements } from '../../../../renderer/src/features/statements/statements-store.ts';

const nonsense = [null, 7, 'x', [], {}, { tab: 'none', rangeMs: '1', choice: 'between', order: 3, hideIdle: 'no' }];

describe('what views remember across restarts', () => {
  it('is read as it was kept, without what is of the moment', () => {
    const activity = {
      ...useActivity.getState(),
      filter: { search: 'orders', hideIdle: false, hideBackground: true, hideOwn: false },
      tab: 'numbers' as const,
      rangeMs: 300_000,
      chartsHeight: 280,
      detailWidth: 500,
    };
    expect(activityMemory.fromMemory(activityMemory.toMemory(activity))).toEqual({
      filter: { search: '', hideIdle: false, hideBackground: true, hideOwn: false },
      tab: 'numbers',
      rangeMs: 300_000,
      chartsHeight: 280,
      detailWidth: 500,
    });
    const statements = {
      ...useStatements.getState(),
      choice: '1440' as const,
      order: 'io' as const,
      ownDatabase: false,
      search: 'orders',
      detailHeight: 400,
    };
    expect(statementsMemory.fromMemory(statementsMemory.toMemory(statements))).toEqual({
      choice: '1440',
      order: 'io',
      ownDatabase: false,
      detailHeight: 400,
    });
  });

  it.each(nonsense)('leaves the view as it is where %j was kept', (memory) => {
    expect({ ...useActivity.getState(), ...activityMemory.fromMemory(memory) }).toEqual(useActivity.getState());
    expect({ ...useStatements.getState(), ...statementsMemory.fromMemory(memory) }).toEqual(useStatements.getState());
  });

  it('does not keep two chosen snapshots: they belong to one connection', () => {
    const kept = statementsMemory.toMemory({ ...useStatements.getState(), choice: 'between', from: '1', to: '2' });
    expect(statementsMemory.fromMemory(kept)).not.toHaveProperty('choice');
  });
});
