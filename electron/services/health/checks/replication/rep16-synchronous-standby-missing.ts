import { formatCount } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly names: string;
  readonly wanted: number;
  readonly synchronous: number;
  readonly hidden: number;
  readonly commit_level: string;
}

export const synchronousStandbyMissing: HealthCheck<Row> = {
  id: 'REP16',
  group: 'replication',
  basis: 'moment',
  title: 'Synchronous standbys that are missing',
  why: 'With synchronous_standby_names set, a commit waits until enough standbys have it. When too few are attached, every commit waits for ever.',
  requires: { role: 'primary', privilege: 'pg_monitor, to see other users’ replication' },
  // Run on PostgreSQL 13 to 18. The number stands first in "FIRST 2 (a, b)", "ANY 2 (a, b)" and "2 (a, b)"; else it is 1.
  sql: () => `
select
  setting.names,
  coalesce(substring(setting.names from '^\\s*(?:(?:first|any)\\s+)?([0-9]+)\\s*\\(')::int4, 1) as wanted,
  (
    select count(*)
    from pg_catalog.pg_stat_replication
    where sync_state in ('sync', 'quorum')
  )::int4 as synchronous,
  (
    select count(*)
    from pg_catalog.pg_stat_replication
    where sync_state is null
  )::int4 as hidden,
  pg_catalog.current_setting('synchronous_commit') as commit_level
from (
  select lower(pg_catalog.current_setting('synchronous_standby_names')) as names
) as setting
where setting.names <> ''`,
  findings([row], { facts }) {
    if (row === undefined || row.synchronous >= row.wanted) return [];
    if (row.hidden > 0 && !facts.readsAllStats) {
      return cannotTell(`The state of ${formatCount(row.hidden)} WAL senders is hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_monitor', facts),
      });
    }
    return [
      {
        object: 'synchronous_standby_names',
        severity: 'critical',
        message: `Commits wait for ${formatCount(row.wanted)} synchronous standbys, and ${formatCount(row.synchronous)} are attached.`,
        evidence: [
          { label: 'synchronous_standby_names', value: row.names },
          { label: 'synchronous_commit', value: row.commit_level },
        ],
        fixSql: "alter system set synchronous_standby_names = '';\nselect pg_catalog.pg_reload_conf();",
        lock: lockTexts.none,
        caution:
          'Frees the commits that wait, and gives up the promise that a standby has them. Bringing the standby back is better.',
        confidence: 'high',
      },
    ];
  },
};
