import type { HealthCheck } from '../../health-check.ts';
import { longTransactions } from './txn01-long-transactions.ts';
import { idleInTransaction } from './txn02-idle-in-transaction.ts';
import { blockedSessions } from './txn03-blocked-sessions.ts';
import { preparedTransactions } from './txn04-prepared-transactions.ts';
import { lockTable } from './txn05-lock-table.ts';
import { autovacuumWaits } from './txn06-autovacuum-waits.ts';
import { waitHotSpot } from './txn07-wait-hot-spot.ts';
import { lockQueue } from './txn08-lock-queue.ts';

export const locksChecks: readonly HealthCheck[] = [
  longTransactions,
  idleInTransaction,
  blockedSessions,
  preparedTransactions,
  lockTable,
  autovacuumWaits,
  waitHotSpot,
  lockQueue,
];
