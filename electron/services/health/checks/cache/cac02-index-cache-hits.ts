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
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  coalesce(sum(idx_blks_hit), 0)::int8 as blocks_hit,
  coalesce(sum(idx_blks_read), 0)::int8 as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from pg_catalog.pg_statio_user_indexes`,
  findings([row], context) {
    return cacheFindings(row, subject, context);
  },
  measures([row]) {
    return cacheMeasures(row, subject);
  },
};
