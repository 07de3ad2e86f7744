import type pg from 'pg';

import { transactionSettings } from '../../postgres/connect-parameters.ts';
import type { Database } from '../../postgres/database.ts';

/** What was put around a statement, to be taken away after it. */
export type StatementScope = 'guarded' | 'pooled' | 'none';

/** Statements that PostgreSQL refuses inside a transaction block, or that may end one, by the parser's names. */
const outsideTransactions = new Set([
  'VacuumStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'AlterSystemStmt',
  'TransactionStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
  // A procedure or block may COMMIT, which works only where the transaction is its own.
  'CallStmt',
  'DoStmt',
]);

/**
 * Opens what a statement needs around it.
 *
 * On a guarded connection each statement runs alone inside a read-only transaction of ours: the setting
 * default_transaction_read_only by itself is undone by a SET. After the first query the server refuses to make the
 * transaction writable again. Behind a pooler the session's settings go first in the transaction, since nothing else
 * reaches only us; a statement that cannot be in a transaction runs without them.
 */
export async function beginStatement(
  client: pg.Client,
  database: Database,
  statement: {
    readonly guarded: boolean;
    readonly text: string;
    readonly kind: string | undefined;
    readonly inTransaction: boolean;
  },
): Promise<StatementScope> {
  const settings = database.pooling === 'transaction' ? transactionSettings(database.parameters) : '';
  if (statement.guarded) {
    await begin(client, ['begin read only', settings, 'select 1'].filter(Boolean).join('; '));
    return 'guarded';
  }
  const alone = outsideTransactions.has(statement.kind ?? '') || /\bconcurrently\b/i.test(statement.text);
  if (!settings || statement.inTransaction || alone) return 'none';
  await begin(client, `begin; ${settings}`);
  return 'pooled';
}

/** All of it, or nothing: a transaction that failed half-way would refuse every statement after it. */
async function begin(client: pg.Client, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** Closes it. An advisory lock outlives a rollback, so a guarded session gives those back too. */
export async function endStatement(
  client: pg.Client,
  database: Database,
  scope: StatementScope,
  succeeded: boolean,
): Promise<void> {
  if (scope === 'guarded') {
    const locks = database.pooling === 'none' ? '; select pg_catalog.pg_advisory_unlock_all()' : '';
    await client.query(`rollback${locks}`);
  }
  if (scope === 'pooled') await client.query(succeeded ? 'commit' : 'rollback');
}

/** After a BEGIN that a person ran behind a pooler: the settings for this transaction. */
export async function applyToOpenTransaction(client: pg.Client, database: Database): Promise<void> {
  const settings = database.pooling === 'transaction' ? transactionSettings(database.parameters) : '';
  if (settings) await client.query(settings);
}
