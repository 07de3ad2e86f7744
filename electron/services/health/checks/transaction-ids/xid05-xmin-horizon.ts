import { runsNoVacuum } from '../../catalog-sql.ts';
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
  readonly builds_index: boolean;
  /** Where a prepared transaction has to be ended, when that is not here. */
  readonly other_database: string | null;
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
  sql: ({ versionNum }, limits) => `
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
    end as fix,
    activity.pid in (select build.pid from pg_catalog.pg_stat_progress_create_index as build) as builds_index,
    null::text as other_database
  from pg_catalog.pg_stat_activity as activity
  where activity.pid <> pg_catalog.pg_backend_pid()
    and activity.backend_type is distinct from 'walsender'
    and activity.backend_type is distinct from 'autovacuum worker'
    and ${runsNoVacuum('activity')}
    and (activity.backend_xmin is not null or activity.backend_xid is not null)
  union all
  select
    'standby',
    coalesce(nullif(replica.application_name, ''), replica.pid::text),
    age(replica.backend_xmin),
    null,
    format('hot_standby_feedback from %s', coalesce(host(replica.client_addr), 'local socket')),
    null,
    false,
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
    end,
    false,
    null
  from pg_catalog.pg_replication_slots as slot
  where (slot.xmin is not null or slot.catalog_xmin is not null)${
    ignoresLostSlots(versionNum)
      ? `
    and slot.wal_status is distinct from 'lost'`
      : ''
  }
  union all
  select
    'prepared transaction',
    prepared.gid,
    age(prepared.transaction),
    extract(epoch from clock_timestamp() - prepared.prepared)::float8 * 1000,
    format('%s in %s', prepared.owner, prepared.database),
    case when prepared.database = current_database() then format('rollback prepared %L;', prepared.gid) end,
    false,
    case when prepared.database <> current_database() then quote_ident(prepared.database) end
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
        ...(row.other_database === null
          ? {}
          : { caution: `Only in ${row.other_database} can it be committed or rolled back: connect there.` }),
        ...(row.fix === null
          ? {}
          : {
              fixSql: row.fix,
              lock: lockTexts.none,
              caution: row.builds_index
                ? 'It builds an index, which may be worth waiting for. Ended, the work is lost, and a concurrent build leaves an invalid index behind.'
                : 'Cannot be taken back: work in progress is lost, a dropped slot loses its place.',
            }),
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};

/** A slot that lost its WAL keeps its xmin and holds nothing back any more, since 13.10, 14.7 and 15.2. */
function ignoresLostSlots(versionNum: number): boolean {
  const firstMinor = new Map([
    [13, 10],
    [14, 7],
    [15, 2],
  ]);
  return versionNum % 10_000 >= (firstMinor.get(Math.floor(versionNum / 10_000)) ?? 0);
}
