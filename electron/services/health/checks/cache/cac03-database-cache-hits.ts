import type { HealthCheck } from '../../health-check.ts';
import { cacheFindings, cacheMeasures, cacheThresholds, type CacheLimit, type CacheSubject } from './cache-counters.ts';
import { databaseCountersSql, type DatabaseCountersRow } from './database-counters.ts';

/** The databases that read most; counters of more than these are not kept. */
const maxDatabases = 20;

function subjectOf(row: DatabaseCountersRow): CacheSubject {
  return {
    object: `database ${row.database_name}`,
    accesses: 'block accesses',
    key: `cache.database ${row.database_name}`,
  };
}

export const databaseCacheHits: HealthCheck<DatabaseCountersRow, CacheLimit> = {
  id: 'CAC03',
  group: 'cache',
  basis: 'statistics',
  title: 'Cache hits by database',
  why: 'All databases of a server share its buffers. One that reads a lot from outside can push the others out.',
  thresholds: cacheThresholds,
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    return rows.slice(0, maxDatabases).flatMap((row) => {
      // Each database is reset on its own: the window must be one in which this one was counted.
      const statsAgeMs = row.age_ms ?? 0;
      const facts = { ...context.facts, statsAgeMs, statsResetAt: row.stats_reset };
      return cacheFindings(row, subjectOf(row), { ...context, facts });
    });
  },
  measures(rows) {
    return rows.slice(0, maxDatabases).flatMap((row) => cacheMeasures(row, subjectOf(row)));
  },
};
