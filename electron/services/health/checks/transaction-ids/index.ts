import type { HealthCheck } from '../../health-check.ts';
import { databaseAge } from './xid01-database-age.ts';
import { tableAge } from './xid02-table-age.ts';
import { freezeIsDue } from './xid03-freeze-is-due.ts';
import { multixactAge } from './xid04-multixact-age.ts';
import { xminHorizon } from './xid05-xmin-horizon.ts';
import { databasesOutOfReach } from './xid06-databases-out-of-reach.ts';
import { transactionIdPace } from './xid07-transaction-id-pace.ts';
import { freezingNow } from './xid08-freezing-now.ts';

export const transactionIdsChecks: readonly HealthCheck[] = [
  databaseAge,
  tableAge,
  freezeIsDue,
  multixactAge,
  xminHorizon,
  databasesOutOfReach,
  transactionIdPace,
  freezingNow,
];
