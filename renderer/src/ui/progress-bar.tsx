import { classNames } from '../lib/class-names.ts';

import styles from './progress-bar.module.css';

export interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; null where no honest fraction is known. */
  readonly fraction: number | null;
  readonly state?: 'running' | 'done' | 'failed';
}

/** A thin bar of progress. Say beside it in words what is being done. */
export function ProgressBar({ label, fraction, state = 'running' }: ProgressBarProps) {
  return (
    <span
      className={styles['track']}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
    >
      <span
        className={classNames(
          styles['fill'],
          fraction === null && state === 'running' && styles['unknown'],
          state !== 'running' && styles[state],
        )}
        style={fraction === null && state === 'running' ? undefined : { width: `${(fraction ?? 1) * 100}%` }}
      />
    </span>
  );
}
