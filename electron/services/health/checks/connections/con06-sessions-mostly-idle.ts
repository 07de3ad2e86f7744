import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from '../cache/counter-gains.ts';
import {
  counterMeasure,
  currentDatabase,
  databaseCountersSql,
  type DatabaseCountersRow,
} from '../cache/database-counters.ts';

export const sessionsMostlyIdle: HealthCheck<DatabaseCountersRow, 'busyShare' | 'minSessions' | 'minSeconds'> = {
  id: 'CON06',
  group: 'connections',
  basis: 'statistics',
  title: 'Sessions that are hardly ever busy',
  why: 'A session that waits for its client keeps memory and a slot. When many are open and few work, a smaller pool, or one that shares sessions between transactions, does the same.',
  requires: { minVersion: 140_000 },
  thresholds: {
    // fresha/pgdoctor: busy for less than 20 % of the time.
    busyShare: { usual: 0.2, unit: 'ratio', label: 'Share of busy time below which it is reported' },
    minSessions: { usual: 20, unit: 'count', label: 'Fewest sessions, on average, that are judged' },
    minSeconds: { usual: 3600, unit: 'seconds', label: 'Shortest time to judge by' },
  },
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    const { limits } = context;
    const row = currentDatabase(rows);
    if (row === undefined || row.session_ms === null || row.age_ms === null) return [];
    const busyMs = (row.active_ms ?? 0) + (row.idle_in_transaction_ms ?? 0);
    const gains = gainsSince(
      {
        session: { key: 'sessions.time', value: Math.round(row.session_ms) },
        busy: { key: 'sessions.busy_time', value: Math.round(busyMs) },
      },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms } },
    );
    const recent = gains !== undefined && gains.windowMs >= limits.minSeconds * 1000 ? gains : undefined;
    const windowMs = recent?.windowMs ?? row.age_ms;
    if (windowMs < limits.minSeconds * 1000) return [];
    const sessions = (recent?.gained.session ?? row.session_ms) / windowMs;
    const busy = (recent?.gained.busy ?? busyMs) / windowMs;
    const share = busy / sessions;
    if (sessions < limits.minSessions || !(share < limits.busyShare)) return [];
    const digit = (value: number) => (value < 10 ? value.toFixed(1) : formatCount(value));
    return [
      {
        object: `database ${row.database_name}`,
        severity: 'info',
        message: `On average ${digit(sessions)} sessions were connected to ${row.database_name} and ${digit(busy)} of them were in a transaction (${formatPercent(share)} of the time), over ${formatDuration(windowMs)}.`,
        measure: sessions,
        evidence: [
          { label: 'Sessions on average', value: digit(sessions) },
          { label: 'Busy on average', value: digit(busy) },
          ...(recent ? [] : [{ label: 'Statistics since', value: row.stats_reset ?? 'never reset' }]),
        ],
        caution: 'The busiest minute decides how large a pool has to be, and an average does not show it.',
      },
    ];
  },
  measures(rows) {
    const row = currentDatabase(rows);
    if (row === undefined || row.session_ms === null) return [];
    return [
      counterMeasure('sessions.time', 'Time of all sessions in milliseconds', row.session_ms),
      counterMeasure(
        'sessions.busy_time',
        'Time of all sessions in transactions in milliseconds',
        (row.active_ms ?? 0) + (row.idle_in_transaction_ms ?? 0),
      ),
    ];
  },
};
