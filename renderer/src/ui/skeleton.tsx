import styles from './skeleton.module.css';

/** A bar in the place of a text that is on its way. */
export function Skeleton({ width }: { readonly width: number | string }) {
  return <span className={styles['bar']} style={{ width }} aria-hidden />;
}

const widths = ['62%', '48%', '71%', '55%', '66%', '43%'] as const;

/** Rows in the shape of a list that is on its way. `label` is what screen readers hear. */
export function SkeletonRows({ rows, label }: { readonly rows: number; readonly label: string }) {
  return (
    <div className={styles['rows']} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles['row']}>
          <Skeleton width={widths[index % widths.length] ?? '50%'} />
        </div>
      ))}
    </div>
  );
}
