import type { HealthCheck } from '../../health-check.ts';
import { connectionsUsed } from './con01-connections-used.ts';
import { manyConnectionsAllowed } from './con02-many-connections-allowed.ts';
import { idleConnections } from './con03-idle-connections.ts';
import { poolExhausted } from './con04-pool-exhausted.ts';
import { reservedConnections } from './con05-reserved-connections.ts';
import { sessionsMostlyIdle } from './con06-sessions-mostly-idle.ts';
import { abnormalSessionEnds } from './con07-abnormal-session-ends.ts';
import { connectionLimits } from './con08-connection-limits.ts';
import { unencryptedClients } from './con09-unencrypted-clients.ts';
import { timeoutsUnset } from './con10-timeouts-unset.ts';

export const connectionsChecks: readonly HealthCheck[] = [
  connectionsUsed,
  manyConnectionsAllowed,
  idleConnections,
  poolExhausted,
  reservedConnections,
  sessionsMostlyIdle,
  abnormalSessionEnds,
  connectionLimits,
  unencryptedClients,
  timeoutsUnset,
];
