import { Loader, X } from 'lucide-react';

import { formatElapsed } from '../../lib/format-duration.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';

import { cancelInPlanTab } from './plan-store.ts';
import styles from './plans.module.css';

export interface BusyStripProps {
  readonly tabId: string;
  readonly words: string;
  readonly startedAt: number;
}

/** What a tab is doing, for how long, and the way to stop it. */
export function BusyStrip({ tabId, words, startedAt }: BusyStripProps) {
  const now = useNow(250);
  return (
    <div className={styles['busy']} role="status" aria-label={words}>
      <Loader size={15} className={styles['turning']} aria-hidden />
      <span className={styles['busyWords']}>{words}</span>
      <span className={styles['elapsed']} aria-hidden>
        {formatElapsed(now - startedAt)}
      </span>
      <Button size="small" icon={X} onClick={() => cancelInPlanTab(tabId)}>
        Cancel
      </Button>
    </div>
  );
}
