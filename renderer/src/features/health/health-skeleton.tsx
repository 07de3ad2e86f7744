import { Skeleton } from '../../ui/skeleton.tsx';

import styles from './health.module.css';

const widths = ['46%', '58%', '39%', '52%', '44%', '61%'] as const;

/** Cards in the shape of a report that is on its way. */
export function HealthSkeleton({ label }: { readonly label: string }) {
  return (
    <div className={styles['skeleton']} role="status" aria-label={label}>
      <div className={styles['chips']}>
        {[64, 84, 96, 80, 104].map((width) => (
          <Skeleton key={width} width={width} />
        ))}
      </div>
      {widths.map((width) => (
        <div key={width} className={styles['skeletonCard']}>
          <Skeleton width={width} />
          <Skeleton width="28%" />
        </div>
      ))}
    </div>
  );
}
