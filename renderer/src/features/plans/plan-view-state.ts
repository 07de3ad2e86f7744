import { heaviestNode } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { nothingFolded } from './tree/tree-rows.ts';
import type { Chosen, PlanFolding, TreeSort } from './tree/tree-rows.ts';

export type PlanPage = 'tree' | 'diagram' | 'icicle' | 'statistics' | 'query';

/** Where somebody is in a plan. It stays while other tabs are looked at. */
export interface PlanViewState {
  readonly page: PlanPage;
  readonly chosen: Chosen;
  /** The text is to scroll to what is chosen: it was chosen elsewhere. */
  readonly reveal: boolean;
  readonly folding: PlanFolding;
  readonly sort: TreeSort | null;
}

/** At the beginning, and before there is a plan. */
export const firstView: PlanViewState = {
  page: 'tree',
  chosen: { id: 0, onRun: false },
  reveal: true,
  folding: nothingFolded,
  sort: null,
};

/** The view of another plan: its nodes are others, what one looks at and how it is sorted stay. */
export function viewOfNew(before: PlanViewState, index: PlanIndex): PlanViewState {
  return {
    ...before,
    chosen: { id: index.plan.insights[0]?.nodeId ?? heaviestNode(index), onRun: false },
    reveal: true,
    folding: nothingFolded,
  };
}
