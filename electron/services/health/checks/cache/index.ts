import type { HealthCheck } from '../../health-check.ts';
import { tableCacheHits } from './cac01-table-cache-hits.ts';
import { indexCacheHits } from './cac02-index-cache-hits.ts';
import { databaseCacheHits } from './cac03-database-cache-hits.ts';
import { slruCacheHits } from './cac04-slru-cache-hits.ts';
import { temporaryFiles } from './cac05-temporary-files.ts';
import { backendsWrite } from './cac06-backends-write.ts';
import { ioTimingOff } from './cac07-io-timing-off.ts';
import { commitShare } from './cac08-commit-share.ts';
import { deadlocks } from './cac09-deadlocks.ts';
import { checksumFailures } from './cac10-checksum-failures.ts';

export const cacheChecks: readonly HealthCheck[] = [
  tableCacheHits,
  indexCacheHits,
  databaseCacheHits,
  slruCacheHits,
  temporaryFiles,
  backendsWrite,
  ioTimingOff,
  commitShare,
  deadlocks,
  checksumFailures,
];
