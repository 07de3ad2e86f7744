import type { HealthFinding } from '#contract/health-model.ts';
import { formatBytes, formatCount, formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { gainsSince, type CounterGains } from '../cache/counter-gains.ts';
import { counterMeasure } from '../cache/database-counters.ts';

interface Row {
  readonly kind: 'subscription' | 'slot';
  /** As SQL writes it. */
  readonly name: string;
  readonly is_enabled: boolean | null;
  /** False for a subscription with slot_name = none: nothing keeps WAL for it, and it cannot be enabled. */
  readonly has_slot: boolean | null;
  readonly is_running: boolean | null;
  /** Where it is disabled by the first error that it meets. */
  readonly stops_on_error: boolean | null;
  readonly apply_errors: string | null;
  readonly sync_errors: string | null;
  readonly unfinished_tables: string | null;
  /** Tables whose copy began and that no worker is at. */
  readonly left_tables: readonly string[] | null;
  /** Tables whose copy has not begun, and that no worker is at. */
  readonly waiting_tables: string | null;
  /** max_logical_replication_workers where workers that apply changes have taken all of them, which none gives back. */
  readonly taken_workers: number | null;
  readonly spilled_bytes: string | null;
  readonly spilled_transactions: string | null;
  readonly age_ms: number | null;
}

export const logicalReplicationErrors: HealthCheck<Row, 'minErrors' | 'spillBytes'> = {
  id: 'REP08',
  group: 'replication',
  basis: 'moment',
  title: 'Logical replication that fails or spills',
  why: 'A subscription that meets an error starts over and meets it again: nothing more arrives, and the publisher keeps WAL for it all the while. Transactions larger than logical_decoding_work_mem are written to disk and read again.',
  thresholds: {
    // The catalogue's "any error".
    minErrors: { usual: 1, unit: 'count', label: 'Errors since the last report' },
    spillBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Volume that a slot spilled, which is reported' },
  },
  // Run on PostgreSQL 13 to 18. Spilling is counted since 14, errors since 15. Other databases' subscriptions are listed
  // by pg_subscription as well and are not this database's. On a standby no subscription has workers.
  sql: ({ versionNum }) => {
    // Before 15 the oid of a subscription is not for everybody. pg_stat_subscription has it for all of that name, of which
    // only this database's have their tables in pg_subscription_rel.
    const errors = versionNum >= 150_000;
    return `
select
  'subscription' as kind,
  quote_ident(subscription.subname) as name,
  subscription.subenabled as is_enabled,
  subscription.subslotname is not null as has_slot,
  exists (
    select
    from pg_catalog.pg_stat_subscription as worker
    where worker.subname = subscription.subname
      ${errors ? 'and worker.subid = subscription.oid' : ''}
      and worker.pid is not null
      and worker.relid is null
  ) as is_running,
  ${errors ? 'subscription.subdisableonerr' : 'false'} as stops_on_error,
  ${errors ? 'errors.apply_error_count' : 'null::int8'} as apply_errors,
  ${errors ? 'errors.sync_error_count' : 'null::int8'} as sync_errors,
  copies.unfinished_tables,
  copies.left_tables,
  copies.waiting_tables,
  workers.taken_workers,
  null::int8 as spilled_bytes,
  null::int8 as spilled_transactions,
  ${
    errors
      ? `extract(epoch from clock_timestamp() - coalesce(
    errors.stats_reset,
    (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 * 1000`
      : 'null::float8'
  } as age_ms
from pg_catalog.pg_subscription as subscription
${errors ? 'left join pg_catalog.pg_stat_subscription_stats as errors on errors.subid = subscription.oid' : ''}
cross join lateral (
  select
    count(*) as unfinished_tables,
    array_agg(format('%I.%I', schema.nspname, copied.relname) order by schema.nspname, copied.relname) filter (
      where table_state.srsubstate in ('d', 'f')
        and worker.pid is null
    ) as left_tables,
    count(*) filter (
      where table_state.srsubstate = 'i'
        and worker.pid is null
    ) as waiting_tables
  from pg_catalog.pg_subscription_rel as table_state
  join pg_catalog.pg_class as copied on copied.oid = table_state.srrelid
  join pg_catalog.pg_namespace as schema on schema.oid = copied.relnamespace
  left join pg_catalog.pg_stat_subscription as worker
    on worker.subid = table_state.srsubid
    and worker.relid = table_state.srrelid
    and worker.pid is not null
  where table_state.srsubid ${
    errors
      ? '= subscription.oid'
      : `in (
    select named.subid
    from pg_catalog.pg_stat_subscription as named
    where named.subname = subscription.subname
  )`
  }
    and table_state.srsubstate <> 'r'
) as copies
cross join (
  select
    case
      when count(*) >= pg_catalog.current_setting('max_logical_replication_workers')::int4 then count(*)::int4
    end as taken_workers
  from pg_catalog.pg_stat_subscription as worker
  where worker.pid is not null
    and worker.relid is null${
      // Those of a large transaction go when it is done.
      versionNum >= 160_000 ? '\n    and worker.leader_pid is null' : ''
    }
) as workers
where not pg_catalog.pg_is_in_recovery()
  and subscription.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())
${
  versionNum >= 140_000
    ? `union all
select
  'slot',
  slot.slot_name::text,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  slot.spill_bytes,
  slot.spill_txns,
  extract(epoch from clock_timestamp() - coalesce(
    slot.stats_reset,
    (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 * 1000
from pg_catalog.pg_stat_replication_slots as slot
where slot.spill_bytes > 0`
    : ''
}
order by 1 desc, 2`;
  },
  findings(rows, context) {
    return rows.flatMap((row) => {
      const own = { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms ?? 0 } };
      if (row.kind === 'slot') {
        const recent = gainsSince(
          { spilled: { key: `slot ${row.name} spilled`, value: Number(row.spilled_bytes) } },
          own,
        );
        return spillFinding(row, recent, context.limits.spillBytes);
      }
      const errors = Number(row.apply_errors ?? 0) + Number(row.sync_errors ?? 0);
      const recent = gainsSince({ errors: { key: `subscription ${row.name} errors`, value: errors } }, own);
      return subscriptionFinding(row, errors, recent, context.limits.minErrors);
    });
  },
  measures(rows) {
    return rows.flatMap((row) =>
      row.kind === 'slot'
        ? [counterMeasure(`slot ${row.name} spilled`, `Spilled by slot ${row.name}`, row.spilled_bytes ?? 0, 'bytes')]
        : row.apply_errors === null
          ? []
          : [
              counterMeasure(
                `subscription ${row.name} errors`,
                `Errors of subscription ${row.name}`,
                Number(row.apply_errors) + Number(row.sync_errors ?? 0),
              ),
            ],
    );
  },
};

function subscriptionFinding(
  row: Row,
  errors: number,
  recent: CounterGains<'errors'> | undefined,
  minErrors: number,
): HealthFinding[] {
  const evidence = [
    { label: 'Enabled', value: row.is_enabled === true ? 'yes' : 'no' },
    { label: 'Worker running', value: row.is_running === true ? 'yes' : 'no' },
    ...(row.apply_errors === null
      ? []
      : [
          { label: 'Errors applying changes', value: formatCount(row.apply_errors) },
          { label: 'Errors copying tables', value: formatCount(row.sync_errors ?? 0) },
        ]),
    ...(Number(row.unfinished_tables ?? 0) === 0
      ? []
      : [{ label: 'Tables not copied yet', value: formatCount(row.unfinished_tables ?? 0) }]),
  ];
  const object = `subscription ${row.name}`;
  const caution = 'The log of this server has the error; a row that is in the way has to be changed or removed.';
  if (row.is_enabled === false && row.has_slot === false) {
    return [
      {
        object,
        severity: 'info',
        message: `Subscription ${row.name} is disabled and has no slot: nothing arrives, and nothing is kept for it.`,
        evidence,
        caution:
          'Drop it if nobody needs it. To enable it, create a slot on the publisher and name it with set (slot_name = …) first; what was changed until then is missing.',
        confidence: 'high',
      },
    ];
  }
  if (row.is_enabled === false) {
    const isStopped = row.stops_on_error === true && errors > 0;
    const reason = isStopped ? `, as disable_on_error asks for after an error (${formatCount(errors)} so far)` : '';
    return [
      {
        object,
        severity: isStopped ? 'warning' : 'info',
        message: `Subscription ${row.name} is disabled${reason}: nothing arrives, and its slot on the publisher keeps WAL.`,
        evidence,
        fixSql: `alter subscription ${row.name} enable;`,
        undoSql: `alter subscription ${row.name} disable;`,
        lock: lockTexts.none,
        caution: isStopped
          ? 'The log of this server has the error, which comes again unless a row that is in the way is changed or removed first.'
          : 'It may be disabled on purpose.',
        ...(isStopped
          ? { confidence: 'medium', confidenceReason: 'After the error somebody may have disabled it by hand as well.' }
          : { confidence: 'high' }),
      },
    ];
  }
  const gained = recent?.gained.errors ?? 0;
  if (row.is_running === false) {
    return [
      {
        object,
        severity: 'warning',
        message: `Subscription ${row.name} is enabled, but no worker applies its changes${errors > 0 ? ` (${plural(errors, 'error')} so far)` : ''}.`,
        measure: errors,
        evidence,
        caution,
        confidence: errors > 0 ? 'high' : 'medium',
        ...(errors > 0
          ? {}
          : { confidenceReason: 'One look: a worker that was started anew is missing for a moment.' }),
      },
    ];
  }
  const copy = copyFinding(row);
  if (copy !== undefined) return [{ object, severity: 'warning', evidence, ...copy }];
  if (recent !== undefined && gained >= minErrors && gained > 0) {
    return [
      {
        object,
        severity: 'warning',
        message: `Subscription ${row.name} met ${plural(gained, 'error')} in the ${formatDuration(recent.windowMs)} since the last report.`,
        measure: gained,
        evidence,
        caution,
        confidence: 'high',
      },
    ];
  }
  if (recent === undefined && errors >= minErrors && errors > 0) {
    return [
      {
        object,
        severity: 'info',
        message: `Subscription ${row.name} has met ${plural(errors, 'error')} since statistics began; its worker is running now.`,
        measure: errors,
        evidence,
        caution,
        confidence: 'low',
        confidenceReason: 'A total: the last error may be long ago.',
      },
    ];
  }
  return [];
}

/** Tables that will not be copied as things are. One that was asked for this moment has a worker soon and is none. */
function copyFinding(
  row: Row,
): Pick<HealthFinding, 'message' | 'measure' | 'caution' | 'confidence' | 'confidenceReason'> | undefined {
  const left = row.left_tables ?? [];
  const tables = left.length + Number(row.waiting_tables ?? 0);
  if (row.taken_workers !== null && tables > 0) {
    return {
      message: `Subscription ${row.name} has ${plural(tables, 'table')} to copy, and no worker for it: all ${formatCount(row.taken_workers)} of max_logical_replication_workers apply changes.`,
      measure: tables,
      caution: 'Raise max_logical_replication_workers, and max_worker_processes with it; both need a restart.',
      confidence: 'high',
    };
  }
  if (left.length > 0) {
    return {
      message: `Subscription ${row.name} began to copy ${plural(left.length, 'table')} and is not at it any more: no worker copies ${left.slice(0, 5).join(', ')}${left.length > 5 ? ' …' : ''}.`,
      measure: left.length,
      caution:
        'The log of this server has the error; rows that are there already are in the way of a copy. It tries again every few seconds, and the publisher keeps WAL for it meanwhile.',
      confidence: 'medium',
      confidenceReason:
        'One look: a copy that ended this moment has no worker either, nor has one that a restart of the server broke off.',
    };
  }
  return undefined;
}

function spillFinding(row: Row, recent: CounterGains<'spilled'> | undefined, spillBytes: number): HealthFinding[] {
  const bytes = recent?.gained.spilled ?? Number(row.spilled_bytes);
  if (bytes < spillBytes || bytes === 0) return [];
  return [
    {
      object: `slot ${row.name}`,
      severity: 'info',
      message: `Decoding for slot ${row.name} wrote ${formatBytes(bytes)} of large transactions to disk${recent ? ` in the ${formatDuration(recent.windowMs)} since the last report` : ''}.`,
      measure: bytes,
      evidence: [{ label: 'Transactions spilled so far', value: formatCount(row.spilled_transactions ?? 0) }],
      caution:
        'A higher logical_decoding_work_mem, smaller transactions, or streaming = on in the subscription avoid it.',
      confidence: recent ? 'high' : 'low',
      ...(recent ? {} : { confidenceReason: 'A total: it does not say when it happened.' }),
    },
  ];
}
