import { formatElapsed } from '../../lib/format-duration.ts';
import { useNow } from '../../lib/use-now.ts';
import { ProgressBar } from '../../ui/progress-bar.tsx';

import type { HealthRun } from './health-store.ts';
import styles from './health.module.css';
import tones from './tones.module.css';

/** How far a run is: checks done of all, the one that ended last, and the time. */
export function HealthProgress({ run }: { readonly run: Extract<HealthRun, { readonly kind: 'running' }> }) {
  const now = useNow(1000);
  const known = run.total > 0;
  return (
    <div className={styles['progress']} role="status">
      <ProgressBar label="Health checks" fraction={known ? run.done / run.total : null} />
      <span className={styles['progressWords']}>
        <span>{known ? `${run.done} of ${run.total} checks` : 'Reading what the server can tell'}</span>
        {run.check !== '' && <span className={tones['checkId']}>{run.check}</span>}
        <span className={styles['elapsed']}>{formatElapsed(now - run.startedAt)}</span>
      </span>
    </div>
  );
}
