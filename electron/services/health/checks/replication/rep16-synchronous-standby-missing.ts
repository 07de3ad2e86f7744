import { quoteLiteral } from '../../../../postgres/quote-identifier.ts';
import { formatCount, plural } from '../../format-values.ts';
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
  coalesce(substring(setting.folded from '^\\s*(?:(?:first|any)\\s+)?([0-9]+)\\s*\\(')::int4, 1) as wanted,
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
  select
    pg_catalog.current_setting('synchronous_standby_names') as names,
    lower(pg_catalog.current_setting('synchronous_standby_names')) as folded
) as setting
where setting.names <> ''`,
  findings([row], { facts }) {
    if (row === undefined || row.synchronous >= row.wanted) return [];
    if (row.hidden > 0 && !facts.readsAllStats) {
      return cannotTell(`The state of ${formatCount(row.hidden)} WAL senders is hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_monitor', facts),
      });
    }
    // With these two levels a commit does not wait for a standby; a session may ask for another.
    const isWaiting = !['off', 'local'].includes(row.commit_level);
    return [
      {
        object: 'synchronous_standby_names',
        severity: isWaiting ? 'critical' : 'warning',
        message: `${isWaiting ? 'Commits wait for' : 'The server expects'} ${plural(row.wanted, 'synchronous standby', 'synchronous standbys')}, and ${formatCount(row.synchronous)} ${row.synchronous === 1 ? 'is' : 'are'} attached.`,
        measure: row.wanted - row.synchronous,
        evidence: [
          { label: 'synchronous_standby_names', value: row.names },
          { label: 'synchronous_commit', value: row.commit_level },
        ],
        fixSql: "alter system set synchronous_standby_names = '';\nselect pg_catalog.pg_reload_conf();",
        undoSql: `alter system set synchronous_standby_names = ${quoteLiteral(row.names)};\nselect pg_catalog.pg_reload_conf();`,
        lock: lockTexts.none,
        caution:
          'Frees the commits that wait, and gives up the promise that a standby has them. Bringing the standby back is better.',
        confidence: 'high',
      },
    ];
  },
};
