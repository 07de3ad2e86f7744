import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly kind: 'session' | 'standby' | 'slot' | 'prepared transaction';
  readonly holder: string;
  readonly age_xids: number;
  readonly held_ms: number | null;
  readonly detail: string;
  readonly fix: string | null;
}

export const xminHorizon: HealthCheck<Row, 'minAge' | 'heldSeconds'> = {
  id: 'XID05',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'What holds vacuum back',
  why: 'Vacuum keeps every dead row that the oldest snapshot may still see. One forgotten transaction, slot or standby makes all tables of the server grow.',
  requires: { privilege: 'pg_monitor, to see sessions of other users' },
  thresholds: {
    // pganalyze: 24 hours. The age catches what holds a busy server back within hours.
    minAge: { usual: 10_000_000, unit: 'count', label: 'Transactions held back that are reported' },
    heldSeconds: { usual: 86_400, unit: 'seconds', label: 'Time of a snapshot that is reported' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: (_, limits) => `
select *
from (
  select
    'session' as kind,
    activity.pid::text as holder,
    greatest(age(activity.backend_xmin), age(activity.backend_xid)) as age_xids,
    extract(epoch from clock_timestamp() - activity.xact_start)::float8 * 1000 as held_ms,
    format('%s, %s, %s', coalesce(activity.usename, 'internal'), coalesce(activity.state, activity.backend_type), activity.application_name) as detail,
    case
      when activity.backend_type = 'client backend' then format('select pg_catalog.pg_terminate_backend(%s);', activity.pid)
    end as fix
  from pg_catalog.pg_stat_activity as activity
  where activity.pid <> pg_catalog.pg_backend_pid()
    and activity.backend_type is distinct from 'walsender'
    and activity.backend_type is distinct from 'autovacuum worker'
    and (activity.backend_xmin is not null or activity.backend_xid is not null)
  union all
  select
    'standby',
    coalesce(nullif(replica.application_name, ''), replica.pid::text),
    age(replica.backend_xmin),
    null,
    format('hot_standby_feedback from %s', coalesce(host(replica.client_addr), 'local socket')),
    null
  from pg_catalog.pg_stat_replication as replica
  where replica.backend_xmin is not null
  union all
  select
    'slot',
    slot.slot_name,
    greatest(age(slot.xmin), age(slot.catalog_xmin)),
    null,
    format('%s, %s%s', slot.slot_type, case when slot.active then 'active' else 'inactive' end,
      case
        when slot.xmin is null then ', holds system catalogs only'
      end),
    case
      when not slot.active then format('select pg_catalog.pg_drop_replication_slot(%L);', slot.slot_name)
    end
  from pg_catalog.pg_replication_slots as slot
  where slot.xmin is not null
    or slot.catalog_xmin is not null
  union all
  select
    'prepared transaction',
    prepared.gid,
    age(prepared.transaction),
    extract(epoch from clock_timestamp() - prepared.prepared)::float8 * 1000,
    format('%s in %s', prepared.owner, prepared.database),
    format('rollback prepared %L;', prepared.gid)
  from pg_catalog.pg_prepared_xacts as prepared
) as horizon
where age_xids >= ${limits.minAge}
  or held_ms >= ${limits.heldSeconds * 1000}
order by age_xids desc`,
  findings(rows, { facts }) {
    return withSessionRights(
      rows.map((row) => ({
        object: `${row.kind} ${row.holder}`,
        severity: 'warning' as const,
        message: `${row.kind[0]?.toUpperCase() ?? ''}${row.kind.slice(1)} ${row.holder} holds vacuum back by ${formatCount(row.age_xids)} transactions${row.held_ms === null ? '' : `, and has for ${formatDuration(row.held_ms)}`}.`,
        measure: row.age_xids,
        evidence: [
          { label: 'Age of the snapshot', value: formatCount(row.age_xids) },
          { label: 'Who', value: row.detail },
        ],
        ...(row.fix === null
          ? {}
          : {
              fixSql: row.fix,
              lock: lockTexts.none,
              caution: 'Cannot be taken back: work in progress is lost, a dropped slot loses its place.',
            }),
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};
