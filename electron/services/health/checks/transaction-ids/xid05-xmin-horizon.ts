import { runsNoVacuum } from '../../catalog-sql.ts';
import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import {
  isSyncedSlot,
  isTableBeingCopied,
  isTableCopySlot,
  syncedSlotCaution,
  tableCopyCaution,
} from '../replication/slot-row.ts';

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
  readonly is_synced_slot: boolean;
  readonly is_table_copy: boolean;
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
  // Run on PostgreSQL 13 to 18. A standby holds back its primary, and does so only with hot_standby_feedback. WAL senders
  // that send no WAL are sessions: they ask queries or copy a table. Parallel workers have the snapshot of their leader.
  sql: ({ versionNum }, limits) => `
select *
from (
  select
    'session' as kind,
    activity.pid::text as holder,
    greatest(age(activity.backend_xmin), age(activity.backend_xid)) as age_xids,
    -- A WAL sender does not always say when its transaction began.
    extract(epoch from clock_timestamp() - case
      when asking.pid is null then activity.xact_start
      else coalesce(activity.xact_start, activity.backend_start)
    end)::float8 * 1000 as held_ms,
    format('%s, %s, %s', coalesce(activity.usename, 'internal'), coalesce(activity.state, activity.backend_type), activity.application_name) as detail,
    case
      when activity.backend_type = 'client backend' then format('select pg_catalog.pg_terminate_backend(%s);', activity.pid)
    end as fix,
    activity.pid in (select build.pid from pg_catalog.pg_stat_progress_create_index as build) as builds_index,
    null::text as other_database,
    false as is_synced_slot,
    false as is_table_copy
  from pg_catalog.pg_stat_activity as activity
  left join pg_catalog.pg_stat_replication as asking on asking.pid = activity.pid and asking.state = 'startup'
  where activity.pid <> pg_catalog.pg_backend_pid()
    and (activity.backend_type is distinct from 'walsender' or asking.pid is not null)
    and activity.backend_type is distinct from 'autovacuum worker'
    and activity.backend_type is distinct from 'parallel worker'
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
    null,
    false,
    false
  from pg_catalog.pg_stat_replication as replica
  where replica.backend_xmin is not null
    and replica.state <> 'startup'
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
      when not slot.active
        and not ${isSyncedSlot('slot', versionNum)}
        and not ${isTableCopySlot('slot')}
        then format('select pg_catalog.pg_drop_replication_slot(%L);', slot.slot_name)
    end,
    false,
    null,
    ${isSyncedSlot('slot', versionNum)},
    ${isTableCopySlot('slot')} and not slot.active
  from pg_catalog.pg_replication_slots as slot
  where (slot.xmin is not null or slot.catalog_xmin is not null)
    and not ${isTableBeingCopied('slot')}${
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
    case when prepared.database <> current_database() then quote_ident(prepared.database) end,
    false,
    false
  from pg_catalog.pg_prepared_xacts as prepared
) as horizon
where (
    age_xids >= ${limits.minAge}
    or held_ms >= ${limits.heldSeconds * 1000}
  )
  and (not pg_catalog.pg_is_in_recovery() or pg_catalog.current_setting('hot_standby_feedback')::bool)
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
          ? cautionOf(row)
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

function cautionOf(row: Row): { caution?: string } {
  if (row.is_synced_slot) return { caution: syncedSlotCaution };
  if (row.is_table_copy) return { caution: tableCopyCaution };
  return row.other_database === null
    ? {}
    : { caution: `Only in ${row.other_database} can it be committed or rolled back: connect there.` };
}

/** A slot that lost its WAL keeps its xmin and holds nothing back any more, since 13.10, 14.7 and 15.2. */
function ignoresLostSlots(versionNum: number): boolean {
  const firstMinor = new Map([
    [13, 10],
    [14, 7],
    [15, 2],
  ]);
  return versionNum % 10_000 >= (firstMinor.get(Math.floor(versionNum / 10_000)) ?? 0);
}
