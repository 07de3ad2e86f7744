import type { HealthCheck } from '../health-check.ts';
import { connectionsChecks } from './connections/index.ts';
import { cacheChecks } from './cache/index.ts';
import { queriesChecks } from './queries/index.ts';
import { indexesChecks } from './indexes/index.ts';
import { tablesChecks } from './tables/index.ts';
import { transactionIdsChecks } from './transaction-ids/index.ts';
import { sequencesChecks } from './sequences/index.ts';
import { locksChecks } from './locks/index.ts';
import { replicationChecks } from './replication/index.ts';
import { configurationChecks } from './configuration/index.ts';
import { schemaChecks } from './schema/index.ts';
import { securityChecks } from './security/index.ts';

/** Every check, group by group, in the order of the report. */
export const healthChecks: readonly HealthCheck[] = [
  ...connectionsChecks,
  ...cacheChecks,
  ...queriesChecks,
  ...indexesChecks,
  ...tablesChecks,
  ...transactionIdsChecks,
  ...sequencesChecks,
  ...locksChecks,
  ...replicationChecks,
  ...configurationChecks,
  ...schemaChecks,
  ...securityChecks,
];
