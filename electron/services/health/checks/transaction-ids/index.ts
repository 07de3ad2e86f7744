import type { HealthCheck } from '../../health-check.ts';
import { databaseAge } from './xid01-database-age.ts';
import { tableAge } from './xid02-table-age.ts';
import { multixactAge } from './xid04-multixact-age.ts';
import { xminHorizon } from './xid05-xmin-horizon.ts';

export const transactionIdsChecks: readonly HealthCheck[] = [databaseAge, tableAge, multixactAge, xminHorizon];
