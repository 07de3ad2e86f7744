import type { Connection } from '#contract/connections.ts';

import type { SessionSettings } from '../../postgres/connect-parameters.ts';

/**
 * What every session on a connection starts with. Times in milliseconds, as PostgreSQL reads a bare number.
 * In production a lock that is not granted within 5 s gives up, and a forgotten transaction ends after ten minutes,
 * so that Steward never is the session that blocks everybody else.
 */
export function sessionSettings(connection: Pick<Connection, 'environment' | 'readOnly'>): SessionSettings {
  return {
    ...(connection.readOnly ? { default_transaction_read_only: 'on' } : {}),
    ...(connection.environment === 'production'
      ? { lock_timeout: '5000', idle_in_transaction_session_timeout: '600000' }
      : {}),
  };
}
