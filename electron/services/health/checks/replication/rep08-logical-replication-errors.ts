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
  readonly apply_errors: string | null;
  readonly sync_errors: string | null;
  readonly unfinished_tables: string | null;
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
  // by pg_subscription as well and are not this database's.
  sql: ({ versionNum }) => {
    // Before 15 the oid of a subscription is not for everybody; its name with the database is as good.
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
  ${errors ? 'errors.apply_error_count' : 'null::int8'} as apply_errors,
  ${errors ? 'errors.sync_error_count' : 'null::int8'} as sync_errors,
  ${
    errors
      ? `(
    select count(*)
    from pg_catalog.pg_subscription_rel as table_state
    where table_state.srsubid = subscription.oid
      and table_state.srsubstate <> 'r'
  )`
      : 'null::int8'
  } as unfinished_tables,
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
where subscription.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())
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
    return [
      {
        object,
        severity: 'info',
        message: `Subscription ${row.name} is disabled: nothing arrives, and its slot on the publisher keeps WAL.`,
        evidence,
        fixSql: `alter subscription ${row.name} enable;`,
        undoSql: `alter subscription ${row.name} disable;`,
        lock: lockTexts.none,
        caution: 'It may be disabled on purpose, or because of an error with disable_on_error: see the log first.',
        confidence: 'high',
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
