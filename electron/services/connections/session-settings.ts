import { type Connection, environmentTimeouts } from '#contract/connections.ts';

import type { SessionSettings } from '../../postgres/connect-parameters.ts';

/** What every session on a connection starts with. Times in milliseconds, as PostgreSQL reads a bare number. */
export function sessionSettings(
  connection: Pick<Connection, 'environment' | 'readOnly' | 'timeouts'>,
): SessionSettings {
  const limits = { ...environmentTimeouts[connection.environment], ...connection.timeouts };
  const settings = {
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
  };
  return {
    ...(connection.readOnly ? { default_transaction_read_only: 'on' } : {}),
    ...Object.fromEntries(
      Object.entries(settings)
        .filter(([, limit]) => (limit ?? 0) > 0)
        .map(([name, limit]) => [name, String(limit)]),
    ),
  };
}
