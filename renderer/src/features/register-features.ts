import { registerActivity } from './activity/register.ts';
import { registerAudit } from './audit/register.ts';
import { registerBackups } from './backups/register.ts';
import { registerConnections } from './connections/register.ts';
import { registerFleet } from './fleet/register.ts';
import { registerHealth } from './health/register.ts';
import { LoggedRuns, registerLogs } from './logs/register.ts';
import { registerMigrations } from './migrations/register.ts';
import { registerPlans } from './plans/register.ts';
import { registerQuery } from './query/register.ts';
import { registerSchema } from './schema/register.ts';
import { registerSecrets } from './secrets/register.ts';
import { registerStatements } from './statements/register.ts';
import { fillStatementSlot } from './statements/statement-slots.ts';

/**
 * Lets every feature add its commands, palette sources and status items. These modules are part of the first load:
 * keep them small, and import what is heavy when a command runs.
 */
export function registerFeatures(): void {
  registerConnections();
  registerFleet();
  registerQuery();
  registerPlans();
  registerSchema();
  registerHealth();
  registerActivity();
  registerStatements();
  registerLogs();
  fillStatementSlot('samples', LoggedRuns);
  registerMigrations();
  registerBackups();
  registerAudit();
  registerSecrets();
}
