import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import { restoreSql } from './restore-index.ts';
import type { HealthFacts } from '../../health-check.ts';

/** One index with its counters; a partitioned index with the sums of its partitions. */
export interface IndexUsageRow {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly is_partitioned: boolean;
  /** The indexes that hold entries: itself, or those of the partitions. */
  readonly leaf_oids: readonly number[];
  readonly size_bytes: number;
  readonly entries: number;
  readonly scans: number;
  readonly entries_read: number;
  /** Of the last scan; null before 16 and where there was none. */
  readonly last_scan: string | null;
  readonly idle_ms: number | null;
  readonly inserted: number;
  readonly updated: number;
  readonly hot_updated: number;
  readonly deleted: number;
  /** Unique, of a constraint, replica identity, clustered, or for a foreign key: it has work without being scanned. */
  readonly has_duty: boolean;
  /** One of both may go for the other: another valid index with the same first columns, as far as both have them. */
  readonly rival: string | null;
  readonly definition: string;
  /** Statements that bring back what the definition leaves out. */
  readonly restore: string | null;
}

/** Floor of the sizes that the shared question asks for, so that checks with higher ones share its answer. */
export const usualFloorBytes = 1024 ** 2;

/**
 * Valid indexes from a size on, with their use. relpages and live rows tell which ones are worth asking for their size.
 * Counters are read by function: the statistics views join far more than this needs. Run on PostgreSQL 13 to 18.
 */
export function indexUsageSql({ versionNum }: HealthFacts, minBytes: number): string {
  const floor = Math.min(minBytes, usualFloorBytes);
  const lastScan = versionNum >= 160_000 ? 'pg_catalog.pg_stat_get_lastscan(ind.indexrelid)' : 'null::timestamptz';
  return `
with leaf as materialized (
  select
    ind.indexrelid as oid,
    ind.indrelid as table_oid,
    case when index_class.relispartition then pg_catalog.pg_partition_root(ind.indexrelid)::oid else ind.indexrelid end as root_oid,
    index_class.reltuples,
    index_class.relpages,
    ${lastScan} as last_scan
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
    and index_class.relpersistence <> 't'
    and ind.indisvalid
    and ind.indisready
    and (
      index_class.relispartition
      or greatest(
        index_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
        pg_catalog.pg_stat_get_live_tuples(ind.indrelid) * 64
      ) >= ${floor}
    )
    and ${isUserSchema('schema')}
),
used as materialized (
  select
    leaf.root_oid,
    json_agg(leaf.oid::int8) as leaf_oids,
    sum(${relationSize('leaf.oid', 'leaf.relpages')}) as size_bytes,
    sum(greatest(leaf.reltuples, 0)) as entries,
    sum(pg_catalog.pg_stat_get_numscans(leaf.oid)) as scans,
    sum(pg_catalog.pg_stat_get_tuples_returned(leaf.oid)) as entries_read,
    max(leaf.last_scan) as last_scan,
    sum(pg_catalog.pg_stat_get_tuples_inserted(leaf.table_oid)) as inserted,
    sum(pg_catalog.pg_stat_get_tuples_updated(leaf.table_oid)) as updated,
    sum(pg_catalog.pg_stat_get_tuples_hot_updated(leaf.table_oid)) as hot_updated,
    sum(pg_catalog.pg_stat_get_tuples_deleted(leaf.table_oid)) as deleted
  from leaf
  group by leaf.root_oid
)
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  index_class.relkind = 'I' as is_partitioned,
  used.leaf_oids,
  used.size_bytes::float8 as size_bytes,
  used.entries::float8 as entries,
  used.scans::float8 as scans,
  used.entries_read::float8 as entries_read,
  used.last_scan::text as last_scan,
  (extract(epoch from clock_timestamp() - used.last_scan) * 1000)::float8 as idle_ms,
  used.inserted::float8 as inserted,
  used.updated::float8 as updated,
  used.hot_updated::float8 as hot_updated,
  used.deleted::float8 as deleted,
  duty.has_duty,
  case when not duty.has_duty then (
    select min(format('%I.%I', schema.nspname, other_class.relname))
    from pg_catalog.pg_index as other
    join pg_catalog.pg_class as other_class on other_class.oid = other.indexrelid
    cross join lateral (select least(ind.indnkeyatts, other.indnkeyatts) - 1 as last) as shared
    where other.indrelid = ind.indrelid
      and other.indexrelid <> ind.indexrelid
      and other.indkey[0] = ind.indkey[0]
      and other.indisvalid
      and other_class.relam = index_class.relam
      -- A shorter one goes for a longer one, unless it has other work.
      and (other.indnkeyatts >= ind.indnkeyatts or not (${hasOtherWork('other')} or other_class.relispartition))
      and (other.indnkeyatts = ind.indnkeyatts or index_class.relam = 403)
      and (other.indkey::int2[])[0:shared.last] = (ind.indkey::int2[])[0:shared.last]
      and (other.indclass::oid[])[0:shared.last] = (ind.indclass::oid[])[0:shared.last]
      and (other.indcollation::oid[])[0:shared.last] = (ind.indcollation::oid[])[0:shared.last]
      and (other.indoption::int2[])[0:shared.last] = (ind.indoption::int2[])[0:shared.last]
      and pg_catalog.pg_get_expr(other.indpred, other.indrelid) is not distinct from pg_catalog.pg_get_expr(ind.indpred, ind.indrelid)
      and (
        0 <> all ((ind.indkey::int2[])[0:shared.last])
        or not exists (
          select
          from generate_series(1, shared.last + 1) as n
          where pg_catalog.pg_get_indexdef(other.indexrelid, n, false) <> pg_catalog.pg_get_indexdef(ind.indexrelid, n, false)
        )
      )
  ) end as rival,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition,
  ${restoreSql('index_class.relkind')} as restore
from used
join pg_catalog.pg_index as ind on ind.indexrelid = used.root_oid
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (
  select ${hasOtherWork('ind')}
    or exists (
      select
      from pg_catalog.pg_constraint as foreign_key
      where foreign_key.contype = 'f'
        and foreign_key.conrelid = ind.indrelid
        and ind.indkey[0] = any (foreign_key.conkey)
    ) as has_duty
  -- Not to be taken apart, or it would be computed for each use.
  offset 0
) as duty
where used.size_bytes >= ${floor}
  and ${isNotOfExtension('table_class.oid')}
order by used.size_bytes desc, index_name`;
}

/** True where the index of `pg_index` does something besides searches. */
function hasOtherWork(alias: string): string {
  return `(${alias}.indisunique or ${alias}.indisexclusion or ${alias}.indisclustered or ${alias}.indisreplident)`;
}

/** Scans of an index on the standbys that were asked. */
export function standbyScansOf(row: IndexUsageRow, facts: HealthFacts): number {
  return row.leaf_oids.reduce((sum, oid) => sum + (facts.standbyScans.get(oid) ?? 0), 0);
}

/** Why the count of scans may not be the whole truth, where other servers of the cluster count their own. */
export function standbyDoubt(facts: HealthFacts): string | undefined {
  if (facts.inRecovery) return 'This server is a standby: the primary and other standbys count their own scans.';
  const unasked = facts.attachedStandbys - facts.standbysAsked.length;
  if (unasked <= 0) return undefined;
  return `${plural(unasked, 'attached standby', 'attached standbys')} could not be asked: each counts its own scans.`;
}

/** Evidence lines about the standbys. */
export function standbyEvidence(row: IndexUsageRow, facts: HealthFacts): { label: string; value: string }[] {
  return [
    { label: 'Standbys attached', value: String(facts.attachedStandbys) },
    ...(facts.standbysAsked.length === 0
      ? []
      : [
          {
            label: `Scans on ${facts.standbysAsked.join(', ')}`,
            value: formatCount(standbyScansOf(row, facts)),
          },
        ]),
  ];
}
