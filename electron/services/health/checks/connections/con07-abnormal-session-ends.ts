import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from '../cache/counter-gains.ts';
import {
  counterMeasure,
  currentDatabase,
  databaseCountersSql,
  type DatabaseCountersRow,
} from '../cache/database-counters.ts';

type LimitName = 'minSessions' | 'minEnds' | 'warnShare' | 'criticalShare';

export const abnormalSessionEnds: HealthCheck<DatabaseCountersRow, LimitName> = {
  id: 'CON07',
  group: 'connections',
  basis: 'statistics',
  title: 'Sessions that ended abnormally',
  why: 'A session that was lost, killed or ended by a fatal error left a client with an error and a transaction undone. Lost ones point to the network or to clients that just vanish, fatal ones to timeouts and the server log.',
  requires: { minVersion: 140_000 },
  thresholds: {
    minSessions: { usual: 500, unit: 'count', label: 'Fewest sessions to judge by' },
    minEnds: { usual: 10, unit: 'count', label: 'Fewest abnormal ends that are reported' },
    // fresha/pgdoctor: 1 and 5 %.
    warnShare: { usual: 0.01, unit: 'ratio', label: 'Share of abnormal ends that is a warning' },
    criticalShare: { usual: 0.05, unit: 'ratio', label: 'Share since the last report that is critical' },
  },
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    const { limits } = context;
    const row = currentDatabase(rows);
    if (row === undefined || row.sessions === null) return [];
    const totals = {
      sessions: Number(row.sessions),
      abandoned: Number(row.abandoned),
      fatal: Number(row.fatal),
      killed: Number(row.killed),
    };
    const gains = gainsSince(
      {
        sessions: { key: 'sessions.begun', value: totals.sessions },
        abandoned: { key: 'sessions.abandoned', value: totals.abandoned },
        fatal: { key: 'sessions.fatal', value: totals.fatal },
        killed: { key: 'sessions.killed', value: totals.killed },
      },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms ?? 0 } },
    );
    const recent = gains !== undefined && gains.gained.sessions >= limits.minSessions ? gains : undefined;
    const { sessions, abandoned, fatal, killed } = recent?.gained ?? totals;
    const ends = abandoned + fatal + killed;
    const share = ends / Math.max(1, sessions);
    if (sessions < limits.minSessions || ends < limits.minEnds || share < limits.warnShare) return [];
    return [
      {
        object: `database ${row.database_name}`,
        severity: recent && share >= limits.criticalShare ? 'critical' : 'warning',
        message: `${formatCount(ends)} of ${formatCount(sessions)} sessions ended abnormally (${formatPercent(share)})${recent ? ` in the ${formatDuration(recent.windowMs)} since the last report` : ''}.`,
        measure: share,
        evidence: [
          { label: 'Connection lost', value: formatCount(abandoned) },
          { label: 'Ended by a fatal error or a timeout', value: formatCount(fatal) },
          { label: 'Killed by an operator', value: formatCount(killed) },
          ...(recent ? [] : [{ label: 'Statistics since', value: row.stats_reset ?? 'never reset' }]),
        ],
        ...(recent
          ? { confidence: 'high' as const }
          : {
              confidence: 'low' as const,
              confidenceReason: 'A share over all time does not say when they ended.',
            }),
      },
    ];
  },
  measures(rows) {
    const row = currentDatabase(rows);
    if (row === undefined || row.sessions === null) return [];
    return [
      counterMeasure('sessions.begun', 'Sessions begun', row.sessions),
      counterMeasure('sessions.abandoned', 'Sessions whose connection was lost', row.abandoned ?? 0),
      counterMeasure('sessions.fatal', 'Sessions ended by a fatal error', row.fatal ?? 0),
      counterMeasure('sessions.killed', 'Sessions killed by an operator', row.killed ?? 0),
    ];
  },
};
