import type { HealthGroup } from '#contract/health-model.ts';

/** The groups of checks in words, in the order of the report. */
export const groupNames: Readonly<Record<HealthGroup, string>> = {
  connections: 'Connections',
  cache: 'Cache and I/O',
  queries: 'Slow queries',
  indexes: 'Indexes',
  tables: 'Tables and vacuum',
  'transaction-ids': 'Transaction ids',
  sequences: 'Sequences',
  locks: 'Locks',
  replication: 'Replication',
  configuration: 'Configuration',
  schema: 'Schema design',
  security: 'Security',
};
