import { useEffect, useState } from 'react';

import { loadMonaco } from '../../editor/load-monaco.ts';

import { PasteBox } from './paste-box.tsx';
import styles from './plans-home.module.css';
import { RecentPlans } from './recent-plans.tsx';

/** The plans section without a tab: a place to paste plans, and those that were taken before. Needs no connection. */
export function PlansHomeView() {
  const [dragging, setDragging] = useState(false);
  // What shows a plan takes a moment to load: while somebody looks for one to paste, and not afterwards.
  useEffect(() => {
    void Promise.all([loadMonaco(), import('./plan-tab-view.tsx')]).catch(() => {});
  }, []);
  return (
    <div className={styles['home']} data-dragging={dragging ? '' : undefined}>
      <PasteBox onDragging={setDragging} />
      <RecentPlans />
    </div>
  );
}
