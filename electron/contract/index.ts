import { activity } from './activity.ts';
import { audit } from './audit.ts';
import { backups } from './backups.ts';
import { connections } from './connections.ts';
import { fleet } from './fleet.ts';
import { health } from './health.ts';
import { logs } from './logs.ts';
import { jobs } from './jobs.ts';
import { migrations } from './migrations.ts';
import { plans } from './plans.ts';
import { query } from './query.ts';
import { schema } from './schema.ts';
import { secrets } from './secrets.ts';
import { settings } from './settings.ts';
import { statements } from './statements.ts';

/** Everything that a renderer or a command line may ask for. One key a domain. */
export const contract = {
  connections,
  schema,
  query,
  plans,
  health,
  activity,
  statements,
  migrations,
  backups,
  fleet,
  audit,
  logs,
  jobs,
  settings,
  secrets,
};
export type Contract = typeof contract;
