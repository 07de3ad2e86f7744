import { FileCode, GitCompareArrows, Table2, Workflow } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { loadable } from './loadable.tsx';
import type { Loadable } from './loadable.tsx';
import type { WorkbenchTab } from './workbench-store.ts';

export interface TabViewProps {
  readonly tab: WorkbenchTab;
}

/** A kind of tab, and the section that it belongs to. */
export interface TabKind {
  readonly kind: string;
  readonly sectionId: string;
  readonly icon: LucideIcon;
  /** Gets another `tab` when another one of its kind is chosen; it is not mounted anew. */
  readonly view: Loadable<TabViewProps>;
  /** Asked before the tab is closed; false keeps it. For what would be lost, such as an open transaction. */
  readonly mayClose?: (tab: WorkbenchTab) => Promise<boolean>;
  /** Lets go of what the tab holds, before it disappears from the bar. */
  readonly onClose?: (tab: WorkbenchTab) => void;
}

/** All kinds of tabs. Adding one is adding its line. */
export const tabKinds: readonly TabKind[] = [
  {
    kind: 'query',
    sectionId: 'query',
    icon: FileCode,
    view: loadable(async () => (await import('../features/query/query-tab-view.tsx')).QueryTabView),
    mayClose: async (tab) => await (await import('../features/query/query-tabs.ts')).mayCloseQueryTab(tab),
    onClose: (tab) => {
      void import('../features/query/query-tabs.ts').then(({ releaseQueryTab }) => releaseQueryTab(tab));
    },
  },
  {
    kind: 'relation',
    sectionId: 'schema',
    icon: Table2,
    view: loadable(async () => (await import('../features/schema/relation/relation-tab-view.tsx')).RelationTabView),
    onClose: (tab) => {
      void import('../features/schema/relation/rows-store.ts').then(({ releaseRows }) => releaseRows(tab.id));
    },
  },
  {
    kind: 'plan',
    sectionId: 'plans',
    icon: Workflow,
    view: loadable(async () => (await import('../features/plans/plan-tab-view.tsx')).PlanTabView),
    onClose: (tab) => {
      void import('../features/plans/plan-tabs.ts').then(({ releasePlanTab }) => releasePlanTab(tab));
    },
  },
  {
    kind: 'plan-comparison',
    sectionId: 'plans',
    icon: GitCompareArrows,
    view: loadable(async () => (await import('../features/plans/compare/comparison-tab-view.tsx')).ComparisonTabView),
    onClose: (tab) => {
      void import('../features/plans/compare/open-comparison.ts').then(({ releaseComparison }) =>
        releaseComparison(tab),
      );
    },
  },
];

/** Loads what shows tabs of a kind, before one is opened. */
export function preloadTabKind(kind: string): void {
  void tabKindOf(kind)?.view.preload();
}

/** The kind of that name, or null where saved state names one that is gone. */
export function tabKindOf(kind: string): TabKind | null {
  return tabKinds.find((candidate) => candidate.kind === kind) ?? null;
}
