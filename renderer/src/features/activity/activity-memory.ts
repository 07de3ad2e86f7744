import type { Remembered } from '../../workbench/remember-state.ts';
import { fieldsOf, oneOf } from '../../workbench/remembered-fields.ts';
import { activityTabs, ranges, type ActivityState } from './activity-store.ts';

/** How the section is looked at. What is searched for is of the moment, and not kept. */
export const activityMemory: Remembered<ActivityState> = {
  toMemory: ({ filter, tab, rangeMs, chartsHeight, detailWidth }) => ({
    hideIdle: filter.hideIdle,
    hideBackground: filter.hideBackground,
    hideOwn: filter.hideOwn,
    tab,
    rangeMs,
    chartsHeight,
    detailWidth,
  }),
  fromMemory(memory) {
    const { hideIdle, hideBackground, hideOwn, tab, rangeMs, chartsHeight, detailWidth } = fieldsOf(memory);
    return {
      filter: {
        search: '',
        hideIdle: hideIdle !== false,
        hideBackground: hideBackground !== false,
        hideOwn: hideOwn !== false,
      },
      tab: oneOf(tab, activityTabs) ?? 'sessions',
      rangeMs: oneOf(rangeMs, ranges) ?? null,
      chartsHeight: typeof chartsHeight === 'number' ? chartsHeight : null,
      ...(typeof detailWidth === 'number' ? { detailWidth } : {}),
    };
  },
};
