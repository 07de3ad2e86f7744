import type { HealthReport } from '#contract/health-model.ts';

import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';

import { countTones } from './health-cards.ts';
import styles from './health.module.css';
import { ScoreRing } from './score-ring.tsx';
import tones from './tones.module.css';

/** One line: when, how many checks in how long, what came of them, and why the report is not kept if it is not. */
export function HealthSummary({ report, notKept }: { readonly report: HealthReport; readonly notKept: string | null }) {
  const counts = countTones(report, 'all');
  const parts: (readonly [string, string | undefined])[] = [];
  if (counts.critical > 0) parts.push([`${counts.critical} critical`, 'critical']);
  if (counts.warning > 0) parts.push([countOf(counts.warning, 'warning'), 'warning']);
  if (counts.info > 0) parts.push([countOf(counts.info, 'note'), undefined]);
  parts.push([`${counts.ok} ok`, undefined]);
  if (counts.error > 0) parts.push([`${counts.error} failed`, 'error']);
  if (counts.unknown > 0) parts.push([`${counts.unknown} cannot tell`, undefined]);
  if (counts.suppressed > 0) parts.push([`${counts.suppressed} suppressed`, undefined]);
  return (
    <span className={styles['summary']}>
      {report.score !== undefined && (
        <>
          <ScoreRing score={report.score} /> ·{' '}
        </>
      )}
      <RelativeTime at={report.startedAt} /> · {countOf(report.checks.length, 'check')} in{' '}
      {formatDuration(report.durationMs)} ·{' '}
      {parts.map(([words, tone], place) => (
        <span key={words}>
          {place > 0 && ', '}
          <span className={tone === undefined ? undefined : tones[tone]}>{words}</span>
        </span>
      ))}
      {notKept !== null && <span className={tones['warning']}> · Not kept: {notKept}</span>}
    </span>
  );
}
