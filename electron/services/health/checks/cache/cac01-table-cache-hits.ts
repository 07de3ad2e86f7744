import type { HealthCheck } from '../../health-check.ts';
import {
  cacheFindings,
  cacheMeasures,
  cacheThresholds,
  type CacheCountersRow,
  type CacheLimit,
  type CacheSubject,
} from './cache-counters.ts';

const subject: CacheSubject = {
  object: 'tables of this database',
  accesses: 'table block accesses',
  key: 'cache.tables',
};

export const tableCacheHits: HealthCheck<CacheCountersRow, CacheLimit> = {
  id: 'CAC01',
  group: 'cache',
  basis: 'statistics',
  title: 'Table reads served from memory',
  why: 'Rows that are not in shared buffers come from the operating system, and often from disk. A low share under steady load means that the working set does not fit, or that queries scan more than they need.',
  thresholds: cacheThresholds,
  // Run on PostgreSQL 13 to 18. The sums of pg_statio_user_tables, without the names that it looks up for each table.
  sql: () => `
select
  coalesce(sum(pg_catalog.pg_stat_get_blocks_hit(table_class.oid)), 0)::int8 as blocks_hit,
  coalesce(sum(pg_catalog.pg_stat_get_blocks_fetched(table_class.oid)
    - pg_catalog.pg_stat_get_blocks_hit(table_class.oid)), 0)::int8 as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from pg_catalog.pg_class as table_class
where table_class.relkind in ('r', 'm')
  and table_class.oid >= 16384`,
  findings([row], context) {
    return cacheFindings(row, subject, context);
  },
  measures([row]) {
    return cacheMeasures(row, subject);
  },
};
