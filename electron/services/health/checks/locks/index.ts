import type { HealthCheck } from '../../health-check.ts';
import { longTransactions } from './txn01-long-transactions.ts';
import { idleInTransaction } from './txn02-idle-in-transaction.ts';
import { blockedSessions } from './txn03-blocked-sessions.ts';
import { preparedTransactions } from './txn04-prepared-transactions.ts';
import { lockQueue } from './txn08-lock-queue.ts';

export const locksChecks: readonly HealthCheck[] = [
  longTransactions,
  idleInTransaction,
  blockedSessions,
  preparedTransactions,
  lockQueue,
];
