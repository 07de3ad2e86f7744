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
  object: 'indexes of this database',
  accesses: 'index block accesses',
  key: 'cache.indexes',
};

export const indexCacheHits: HealthCheck<CacheCountersRow, CacheLimit> = {
  id: 'CAC02',
  group: 'cache',
  basis: 'statistics',
  title: 'Index reads served from memory',
  why: 'Indexes are the hottest blocks of a database. When even they are read from outside shared buffers, memory is short for the load, or indexes are larger than they need to be.',
  thresholds: cacheThresholds,
  // Run on PostgreSQL 13 to 18. The sums of pg_statio_user_indexes, without the names that it looks up for each index.
  sql: () => `
select
  coalesce(sum(pg_catalog.pg_stat_get_blocks_hit(ind.indexrelid)), 0)::int8 as blocks_hit,
  coalesce(sum(pg_catalog.pg_stat_get_blocks_fetched(ind.indexrelid)
    - pg_catalog.pg_stat_get_blocks_hit(ind.indexrelid)), 0)::int8 as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from pg_catalog.pg_index as ind
where ind.indrelid in (
    select table_class.oid
    from pg_catalog.pg_class as table_class
    where table_class.relkind in ('r', 'm')
      and table_class.oid >= 16384
  )`,
  findings([row], context) {
    return cacheFindings(row, subject, context);
  },
  measures([row]) {
    return cacheMeasures(row, subject);
  },
};
