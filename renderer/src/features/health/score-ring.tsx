import styles from './health.module.css';
import tones from './tones.module.css';

const radius = 5.5;
const around = 2 * Math.PI * radius;

/** The score of a report as a number, with a ring that shows how much of 100 it is. */
export function ScoreRing({ score }: { readonly score: number }) {
  const tone = score >= 90 ? 'ok' : score >= 60 ? 'warning' : 'critical';
  return (
    <span className={styles['score']} title="100, less what the worst finding of each check takes off">
      <svg width="15" height="15" viewBox="0 0 15 15" className={tones[tone]} aria-hidden>
        <circle cx="7.5" cy="7.5" r={radius} fill="none" stroke="var(--line-strong)" strokeWidth="3" />
        <circle
          cx="7.5"
          cy="7.5"
          r={radius}
          fill="none"
          stroke="currentColor"
          strokeWidth="3"
          strokeDasharray={`${(score / 100) * around} ${around}`}
          transform="rotate(-90 7.5 7.5)"
        />
      </svg>
      Score <strong>{score}</strong> of 100
    </span>
  );
}
