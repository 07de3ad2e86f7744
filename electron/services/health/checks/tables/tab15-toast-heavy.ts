import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { autovacuumComes } from './autovacuum-thresholds.ts';
import {
  eachTable,
  families,
  partitionsEvidence,
  rootColumns,
  rootJoins,
  total,
  type RootedRow,
} from './partition-families.ts';

interface Row extends RootedRow {
  readonly heap_bytes: number;
  readonly toast_bytes: number;
  readonly toast_live: number;
  readonly toast_dead: number;
  readonly autovacuum_comes: boolean;
  readonly compression: string | null;
}

type Limit = 'minBytes' | 'minShare' | 'warnShare' | 'minDeadBytes' | 'minDeadShare';

export const toastHeavy: HealthCheck<Row, Limit> = {
  id: 'TAB15',
  group: 'tables',
  basis: 'estimate',
  title: 'Tables that live in TOAST',
  why: 'Large values are cut in pieces and kept in a TOAST table. Reading or updating them costs many more pages than the row itself, and dead pieces wait for vacuum like dead rows.',
  thresholds: {
    // pgdoctor: 10 GB and half of the table, 80 %; dead pieces from 30 %.
    minBytes: { usual: 10 * 1024 ** 3, unit: 'bytes', label: 'Smallest TOAST table that is reported for its size' },
    minShare: { usual: 0.5, unit: 'ratio', label: 'Share of the table that is TOAST' },
    warnShare: { usual: 0.8, unit: 'ratio', label: 'Share of the table that is TOAST, for a warning' },
    minDeadBytes: {
      usual: 100 * 1024 ** 2,
      unit: 'bytes',
      label: 'Smallest TOAST table that is reported for dead pieces',
    },
    minDeadShare: { usual: 0.3, unit: 'ratio', label: 'Share of dead pieces' },
  },
  requires: { role: 'primary' },
  // Run on PostgreSQL 13 to 18.
  sql: ({ versionNum }, { minBytes, minDeadBytes }) => `
with toast as materialized (
  select
    toast_class.oid,
    toast_class.relpages,
    toast_class.reloptions
  from pg_catalog.pg_class as toast_class
  where toast_class.relkind = 't'
    and greatest(
      toast_class.relpages,
      (pg_catalog.pg_stat_get_live_tuples(toast_class.oid) + pg_catalog.pg_stat_get_dead_tuples(toast_class.oid)) / 4
    ) * pg_catalog.current_setting('block_size')::int8 * 2 >= ${Math.min(minBytes, minDeadBytes)}
),
large as materialized (
  select
    table_class.*,
    toast.reloptions as toast_options,
    ${relationSize('table_class.oid', 'table_class.relpages')} as heap_bytes,
    ${relationSize('toast.oid', 'toast.relpages')} as toast_bytes
  from toast
  join pg_catalog.pg_class as table_class on table_class.reltoastrelid = toast.oid
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind in ('r', 'm')
    and table_class.relpersistence <> 't'
    and ${isUserSchema('schema')}
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,${rootColumns},
  table_class.heap_bytes::float8 as heap_bytes,
  table_class.toast_bytes::float8 as toast_bytes,
  pg_catalog.pg_stat_get_live_tuples(table_class.reltoastrelid)::float8 as toast_live,
  pg_catalog.pg_stat_get_dead_tuples(table_class.reltoastrelid)::float8 as toast_dead,
  case when table_class.toast_options is null then ${autovacuumComes}
    else ${autovacuumComes.replaceAll('table_class.reloptions', 'table_class.toast_options')} end as autovacuum_comes,
  ${versionNum >= 140_000 ? "pg_catalog.current_setting('default_toast_compression')" : 'null'} as compression
from large as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace${rootJoins}
where table_class.toast_bytes >= ${Math.min(minBytes, minDeadBytes)}
  and ${isNotOfExtension('table_class.oid')}
order by table_class.toast_bytes desc`,
  findings(rows, { limits }) {
    const notable = rows.filter((row) => isHeavy(row, limits) || isDead(row, limits));
    return families(notable).map((family) => {
      const heap = total(family, (row) => row.heap_bytes);
      const toast = total(family, (row) => row.toast_bytes);
      const live = total(family, (row) => row.toast_live);
      const dead = total(family, (row) => row.toast_dead);
      const share = toast / Math.max(1, heap + toast);
      const dying = family.rows.filter((row) => isDead(row, limits));
      const isWarning = dying.length > 0 || (share >= limits.warnShare && toast >= limits.minBytes);
      const [first] = family.rows;
      return {
        object: family.name,
        relationOid: family.oid,
        severity: isWarning ? ('warning' as const) : ('info' as const),
        message:
          dying.length > 0
            ? `${formatPercent(dead / Math.max(1, dead + live))} of the TOAST pieces of ${family.phrase} (${formatBytes(toast)}) are dead.`
            : `${formatPercent(share)} of ${family.phrase} is TOAST: ${formatBytes(toast)} beside ${formatBytes(heap)} of rows.`,
        measure: dying.length > 0 ? dead : toast,
        evidence: [
          { label: 'TOAST', value: formatBytes(toast) },
          { label: 'Rows', value: formatBytes(heap) },
          { label: 'Live pieces', value: formatCount(live) },
          { label: 'Dead pieces', value: formatCount(dead) },
          { label: 'Autovacuum', value: family.rows.every((row) => row.autovacuum_comes) ? 'on' : 'off' },
          ...(first?.compression ? [{ label: 'default_toast_compression', value: first.compression }] : []),
          ...partitionsEvidence(family, (row) => formatBytes(row.toast_bytes)),
        ],
        ...(dying.length > 0
          ? {
              fixSql: eachTable({ ...family, rows: dying }, (table) => `vacuum ${table};`),
              lock: lockTexts.shareUpdateExclusive,
              caution:
                'Pieces that an open transaction may still see stay; look for old transactions first (XID05, TXN01).',
            }
          : {}),
        confidence: 'medium' as const,
        confidenceReason: 'Sizes are measured; live and dead pieces are counts of the statistics system.',
      };
    });
  },
};

function isHeavy(row: Row, limits: Readonly<Record<Limit, number>>): boolean {
  return (
    row.toast_bytes >= limits.minBytes &&
    row.toast_bytes / Math.max(1, row.heap_bytes + row.toast_bytes) >= limits.minShare
  );
}

function isDead(row: Row, limits: Readonly<Record<Limit, number>>): boolean {
  return (
    row.toast_bytes >= limits.minDeadBytes &&
    row.toast_dead / Math.max(1, row.toast_dead + row.toast_live) >= limits.minDeadShare
  );
}
