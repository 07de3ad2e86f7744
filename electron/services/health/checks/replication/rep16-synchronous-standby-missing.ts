import { formatCount, plural } from '../../format-values.ts';
import { alterSystem, serverRows, settingNamed, settingsSql, type SettingRow } from '../../setting-row.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly names: string;
  readonly wanted: number;
  readonly synchronous: number;
  readonly hidden: number;
  readonly settings: readonly SettingRow[];
}

export const synchronousStandbyMissing: HealthCheck<Row> = {
  id: 'REP16',
  group: 'replication',
  basis: 'moment',
  title: 'Synchronous standbys that are missing',
  why: 'With synchronous_standby_names set, a commit waits until enough standbys have it. When too few are attached, every commit waits for ever.',
  requires: { role: 'primary', privilege: 'pg_monitor, to see other users’ replication' },
  // Run on PostgreSQL 13 to 18. The number stands first in "FIRST 2 (a, b)", "ANY 2 (a, b)" and "2 (a, b)"; else it is 1.
  sql: (facts) => `
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
  (
    select pg_catalog.json_agg(server_setting)
    from (${settingsSql(['synchronous_commit', 'synchronous_standby_names'], facts)}
    ) as server_setting
  ) as settings
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
    const settings = serverRows(row.settings);
    const level = settingNamed(settings, 'synchronous_commit');
    const names = settingNamed(settings, 'synchronous_standby_names');
    const isWaiting = level !== undefined && !['off', 'local'].includes(level.setting);
    return [
      {
        object: 'synchronous_standby_names',
        severity: isWaiting ? 'critical' : 'warning',
        message: `${isWaiting ? 'Commits wait for' : 'The server expects'} ${plural(row.wanted, 'synchronous standby', 'synchronous standbys')}, and ${formatCount(row.synchronous)} ${row.synchronous === 1 ? 'is' : 'are'} attached.`,
        measure: row.wanted - row.synchronous,
        evidence: [
          { label: 'synchronous_standby_names', value: row.names },
          { label: 'synchronous_commit', value: level?.shown ?? '(hidden behind this session’s own)' },
        ],
        ...(names === undefined
          ? {}
          : alterSystem(
              names,
              '',
              'Frees the commits that wait, and gives up the promise that a standby has them. Bringing the standby back is better.',
            )),
        ...(level === undefined
          ? {
              confidence: 'medium' as const,
              confidenceReason: 'Whether commits wait is hidden behind the synchronous_commit of this session.',
            }
          : { confidence: 'high' as const }),
      },
    ];
  },
};
