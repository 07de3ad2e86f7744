import { isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';

interface Row {
  /** Null stands for the database's own collation. */
  readonly collation_name: string | null;
  readonly provider: string;
  readonly built_version: string;
  readonly actual_version: string;
  readonly indexes: readonly string[];
  readonly index_count: number;
  readonly index_bytes: number;
  /** Partitioned indexes above them. */
  readonly roots: { name: string; oid: number }[];
}

/** Beyond this many indexes one statement for the whole database is easier to follow. */
const mostStatements = 50;

export const collationChanged: HealthCheck<Row> = {
  id: 'IDX19',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes sorted by an older collation version',
  why: 'Text is sorted by the operating system or by ICU. When an upgrade changes the order, indexes built before are sorted wrongly: searches miss rows, unique indexes take duplicates. Rebuild them, then note the new version.',
  // Run on PostgreSQL 13 to 18. Until 14 the version of the database's own collation is not kept, so only others can be
  // compared. amcheck would find the damage itself, but it reads whole indexes and answers with an error, not with rows.
  sql: ({ versionNum }) => `
with stale as (
  select
    "collation".oid,
    format('%I.%I', collation_schema.nspname, "collation".collname) as name,
    "collation".collprovider as provider,
    "collation".collversion as built_version,
    pg_catalog.pg_collation_actual_version("collation".oid) as actual_version
  from pg_catalog.pg_collation as "collation"
  join pg_catalog.pg_namespace as collation_schema on collation_schema.oid = "collation".collnamespace
  where "collation".collversion is not null
    and "collation".oid in (select unnest(ind.indcollation::oid[]) from pg_catalog.pg_index as ind where ind.indrelid >= 16384)
    and "collation".collversion <> pg_catalog.pg_collation_actual_version("collation".oid)${
      versionNum >= 150_000
        ? `
  union all
  select
    100,
    null,
    this_database.datlocprovider,
    this_database.datcollversion,
    pg_catalog.pg_database_collation_actual_version(this_database.oid)
  from pg_catalog.pg_database as this_database
  where this_database.datname = current_database()
    and this_database.datcollversion <> pg_catalog.pg_database_collation_actual_version(this_database.oid)`
        : ''
    }
)
select
  stale.name as collation_name,
  case stale.provider when 'c' then 'libc' when 'i' then 'icu' else 'builtin' end as provider,
  stale.built_version,
  stale.actual_version,
  sorted.indexes,
  sorted.index_count,
  sorted.index_bytes,
  sorted.roots
from stale
cross join lateral (
  select
    coalesce(array_agg(format('%I.%I', schema.nspname, index_class.relname) order by schema.nspname, index_class.relname), '{}') as indexes,
    count(*)::int4 as index_count,
    coalesce(sum(${relationSize('index_class.oid', 'index_class.relpages')}), 0)::float8 as index_bytes,
    (
      select coalesce(json_agg(json_build_object('name', format('%I.%I', root_schema.nspname, root_class.relname), 'oid', root_class.oid::int8)), '[]'::json)
      from pg_catalog.pg_class as root_class
      join pg_catalog.pg_namespace as root_schema on root_schema.oid = root_class.relnamespace
      where root_class.oid in (
        select pg_catalog.pg_partition_root(partition.oid)
        from unnest(array_agg(index_class.oid) filter (where index_class.relispartition)) as partition (oid)
      )
    ) as roots
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
    and index_class.relam <> 405
    and stale.oid = any (ind.indcollation::oid[])
    and ${isUserSchema('schema')}
) as sorted
where sorted.index_count > 0
order by stale.name`,
  findings(rows, { facts }) {
    return rows.map((row) => {
      const isDatabase = row.collation_name === null;
      const what = isDatabase ? `the collation of database ${facts.database}` : `collation ${row.collation_name}`;
      const refresh = isDatabase
        ? `alter database ${quoteIdentifier(facts.database)} refresh collation version;`
        : `alter collation ${row.collation_name} refresh version;`;
      return {
        object: isDatabase ? `database ${facts.database}` : `collation ${row.collation_name}`,
        severity: 'critical' as const,
        message: `${formatCount(row.index_count)} indexes (${formatBytes(row.index_bytes)}) were sorted by version ${row.built_version} of ${what}; ${row.provider} now has version ${row.actual_version}.`,
        measure: row.index_count,
        evidence: [
          { label: 'Version when built', value: row.built_version },
          { label: 'Version now', value: row.actual_version },
          {
            label: 'Indexes',
            value: `${row.indexes.slice(0, 30).join(', ')}${row.indexes.length > 30 ? ` and ${row.indexes.length - 30} more` : ''}`,
          },
          { label: 'To check one before', value: "amcheck: select bt_index_check('index name')" },
        ],
        fixSql: [
          ...(row.index_count > mostStatements
            ? [`reindex database concurrently ${quoteIdentifier(facts.database)};`]
            : row.indexes.map((index) => `reindex index concurrently ${index};`)),
          refresh,
        ].join('\n'),
        lock: lockTexts.shareUpdateExclusive,
        caution:
          'A unique index with duplicates cannot be rebuilt: remove the duplicates first. Partition bounds and check constraints that compare text depend on the order as well.',
        ...(row.roots.length === 0 ? {} : { related: row.roots }),
        confidence: 'medium' as const,
        confidenceReason: 'A new version need not sort differently what is stored here.',
      };
    });
  },
};
