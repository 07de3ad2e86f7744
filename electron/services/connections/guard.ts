import type { Connection } from '#contract/connections.ts';

import type { Database } from '../../postgres/database.ts';
import { StewardError } from '../../postgres/failure.ts';

/**
 * A guarded session reads inside `begin read only … rollback`. Two things take that away, and both are refused here:
 * a pooler that hands out sessions by statement has no transactions, and a superuser can run programs, write files and
 * rebuild indexes from a read-only transaction, unless a person accepts that in words.
 */
export function refuseUnsafeGuard(
  connection: Connection,
  { server, pooling }: Pick<Database, 'server' | 'pooling'>,
): void {
  if (!connection.readOnly) return;
  if (pooling === 'statement') {
    throw StewardError.of('refused', 'A read-only session needs transactions, and the pooler here has none', {
      hint: 'PgBouncer runs with pool_mode = statement. Connect to the server itself, or through a pool with pool_mode = transaction or session.',
    });
  }
  if (server.reachesOut && !connection.superuserAccepted && connection.managedBy !== 'local-server') {
    throw new StewardError({
      code: 'needs_answer',
      message: server.isSuperuser
        ? `“${server.user}” is a superuser: a read-only session cannot hold it`
        : `“${server.user}” may run programs or write files on the server: a read-only session cannot hold it`,
      hint: 'From a read-only transaction it can still run COPY … TO PROGRAM and write files. Use a role without these rights, or accept it in words.',
      retryable: false,
      question: { kind: 'superuser', user: server.user },
    });
  }
}
