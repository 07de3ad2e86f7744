import type { HealthCheck } from '../../health-check.ts';
import { cacheFindings, type CacheCountersRow } from './cache-counters.ts';

interface Row extends CacheCountersRow {
  readonly database_name: string;
}

export const databaseCacheHits: HealthCheck<Row> = {
  id: 'CAC03',
  group: 'cache',
  basis: 'statistics',
  title: 'Cache hits by database',
  why: 'All databases of a server share its buffers. One that reads a lot from outside can push the others out.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  quote_ident(usage.datname) as database_name,
  usage.blks_hit as blocks_hit,
  usage.blks_read as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from pg_catalog.pg_stat_database as usage
where usage.datname is not null
order by usage.blks_read desc`,
  findings(rows, { facts }) {
    return rows.flatMap((row) => cacheFindings(row, 'block reads', `database ${row.database_name}`, facts));
  },
};
