import type { HealthCheck } from '../../health-check.ts';
import { cacheFindings, type CacheCountersRow } from './cache-counters.ts';

export const indexCacheHits: HealthCheck<CacheCountersRow> = {
  id: 'CAC02',
  group: 'cache',
  basis: 'statistics',
  title: 'Index reads served from memory',
  why: 'Indexes are the hottest blocks of a database. When even they are read from outside shared buffers, memory is short for the load, or indexes are larger than they need to be.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  coalesce(sum(idx_blks_hit), 0)::int8 as blocks_hit,
  coalesce(sum(idx_blks_read), 0)::int8 as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from pg_catalog.pg_statio_user_indexes`,
  findings([row], { facts }) {
    return cacheFindings(row, 'index block reads', 'indexes of this database', facts);
  },
};
