import type { HealthCheck } from '../../health-check.ts';
import { connectionsUsed } from './con01-connections-used.ts';
import { idleConnections } from './con03-idle-connections.ts';
import { reservedConnections } from './con05-reserved-connections.ts';
import { connectionLimits } from './con08-connection-limits.ts';
import { timeoutsUnset } from './con10-timeouts-unset.ts';

export const connectionsChecks: readonly HealthCheck[] = [
  connectionsUsed,
  idleConnections,
  reservedConnections,
  connectionLimits,
  timeoutsUnset,
];
