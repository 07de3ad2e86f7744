import type { ReactNode } from 'react';

import type { RelationDetail } from '#contract/schema.ts';

import { formatCount } from '../../../lib/format-count.ts';
import { RelativeTime } from '../../../ui/relative-time.tsx';

import styles from './relation.module.css';

/** What the statistics collector counted since its last reset. */
export function ActivityView({ relation }: { readonly relation: RelationDetail }) {
  const { activity } = relation;
  if (activity === null) return null;
  const rows = activity.liveRows + activity.deadRows;
  return (
    <div className={styles['activity']}>
      <dl aria-label="Reads" className={styles['numbers']}>
        <h2>Reads</h2>
        <Line name="Sequential scans">{formatCount(activity.seqScans)}</Line>
        <Line name="Index scans">{activity.indexScans === null ? '–' : formatCount(activity.indexScans)}</Line>
      </dl>
      <dl aria-label="Rows" className={styles['numbers']}>
        <h2>Rows</h2>
        <Line name="Live">≈ {formatCount(activity.liveRows)}</Line>
        <Line name="Dead">≈ {formatCount(activity.deadRows)}</Line>
        <Line name="Dead share">
          {rows === 0 ? '–' : ((activity.deadRows / rows) * 100).toFixed(1)}
          {rows > 0 && <span className={styles['unit']}>%</span>}
        </Line>
      </dl>
      <dl aria-label="Changes" className={styles['numbers']}>
        <h2>Changes</h2>
        <Line name="Inserted">{formatCount(activity.inserted)}</Line>
        <Line name="Updated">{formatCount(activity.updated)}</Line>
        <Line name="Deleted">{formatCount(activity.deleted)}</Line>
      </dl>
      <dl aria-label="Upkeep" className={styles['numbers']}>
        <h2>Upkeep</h2>
        <Line name="Last vacuum">
          {activity.lastVacuum === null ? 'never' : <RelativeTime at={activity.lastVacuum} />}
        </Line>
        <Line name="Last analyze">
          {activity.lastAnalyze === null ? 'never' : <RelativeTime at={activity.lastAnalyze} />}
        </Line>
      </dl>
      <p className={styles['note']}>Counted since the server’s statistics were last reset.</p>
    </div>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles['numberLine']}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
