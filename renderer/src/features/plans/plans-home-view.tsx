import { useEffect, useState } from 'react';

import { loadMonaco } from '../../editor/load-monaco.ts';
import { preloadTabKind } from '../../workbench/tab-kinds.ts';

import { PasteBox } from './paste-box.tsx';
import styles from './plans-home.module.css';
import { warmReader } from './reader/plan-reader.ts';
import { RecentPlans } from './recent-plans.tsx';

/** The plans section without a tab: a place to paste plans, and those that were taken before. Needs no connection. */
export function PlansHomeView() {
  const [dragging, setDragging] = useState(false);
  // What shows a plan takes a moment to load: while somebody looks for one to paste, and not afterwards.
  useEffect(() => {
    warmReader();
    preloadTabKind('plan');
    void loadMonaco().catch(() => {});
  }, []);
  return (
    <div className={styles['home']} data-dragging={dragging ? '' : undefined}>
      <PasteBox onDragging={setDragging} />
      <RecentPlans />
    </div>
  );
}
