import { formatCount, formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from '../cache/counter-gains.ts';
import { counterMeasure } from '../cache/database-counters.ts';

interface Row {
  readonly database_name: string;
  readonly tablespace: string;
  readonly lock: string;
  readonly snapshot: string;
  readonly buffer_pin: string;
  readonly deadlock: string;
  readonly logical_slot: string;
  readonly stats_reset: string | null;
}

const kinds = ['snapshot', 'lock', 'buffer_pin', 'deadlock', 'tablespace', 'logical_slot'] as const;

const labels: Readonly<Record<(typeof kinds)[number], string>> = {
  snapshot: 'Rows that vacuum removed',
  lock: 'Locks that a change of a table took',
  buffer_pin: 'Pages in use',
  deadlock: 'Deadlocks with replay',
  tablespace: 'Dropped tablespaces',
  logical_slot: 'Logical slots',
};

function total(row: Row): number {
  return kinds.reduce((sum, kind) => sum + Number(row[kind]), 0);
}

export const standbyConflicts: HealthCheck<Row, 'minConflicts'> = {
  id: 'REP10',
  group: 'replication',
  basis: 'statistics',
  title: 'Queries on this standby that replay cancelled',
  why: 'Replay cannot wait for ever: when it needs to remove what a query still reads, the query is cancelled after max_standby_streaming_delay. The client sees an error and has to try again.',
  requires: { role: 'standby' },
  thresholds: {
    // pgEdge: any.
    minConflicts: { usual: 1, unit: 'count', label: 'Cancelled queries that are reported' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: ({ versionNum }) => `
select
  quote_ident(conflict.datname) as database_name,
  conflict.confl_tablespace as tablespace,
  conflict.confl_lock as lock,
  conflict.confl_snapshot as snapshot,
  conflict.confl_bufferpin as buffer_pin,
  conflict.confl_deadlock as deadlock,
  ${versionNum >= 160_000 ? 'conflict.confl_active_logicalslot' : '0::int8'} as logical_slot,
  usage.stats_reset::text as stats_reset
from pg_catalog.pg_stat_database_conflicts as conflict
join pg_catalog.pg_stat_database as usage on usage.datid = conflict.datid
where conflict.datname = current_database()`,
  findings([row], context) {
    if (row === undefined) return [];
    const recent = gainsSince({ conflicts: { key: 'standby.conflicts', value: total(row) } }, context);
    const count = recent?.gained.conflicts ?? total(row);
    if (count === 0 || count < context.limits.minConflicts) return [];
    return [
      {
        object: `database ${row.database_name}`,
        severity: 'info',
        message: `Replay cancelled ${plural(count, 'query', 'queries')} ${recent ? `in the ${formatDuration(recent.windowMs)} since the last report` : 'since statistics began'}.`,
        measure: count,
        evidence: [
          ...kinds
            .filter((kind) => Number(row[kind]) > 0)
            .map((kind) => ({ label: labels[kind], value: formatCount(row[kind]) })),
          { label: 'Statistics since', value: row.stats_reset ?? 'never reset' },
        ],
        caution:
          'hot_standby_feedback keeps the rows, at the price of bloat on the primary; a longer max_standby_streaming_delay lets queries finish, at the price of lag.',
        ...(recent
          ? { confidence: 'high' }
          : { confidence: 'medium', confidenceReason: 'A total: it does not say when they happened.' }),
      },
    ];
  },
  measures([row]) {
    return row === undefined ? [] : [counterMeasure('standby.conflicts', 'Queries that replay cancelled', total(row))];
  },
};
