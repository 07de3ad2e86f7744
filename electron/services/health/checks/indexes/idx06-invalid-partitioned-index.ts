import { isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier, quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { truncateToNameLimit } from './drop-index.ts';

/** A partition that has no valid index attached. */
interface Gap {
  readonly schema: string;
  readonly table: string;
  readonly is_partitioned: boolean;
  /** Attached already, and invalid itself. */
  readonly attached: string | null;
  /** A valid index of the same definition that is not attached to anything. */
  readonly candidate: string | null;
}

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly bare_name: string;
  readonly table_name: string;
  readonly is_unique: boolean;
  readonly partitions: number;
  readonly gaps: readonly Gap[];
  readonly definition: string;
}

export const invalidPartitionedIndex: HealthCheck<Row> = {
  id: 'IDX06',
  group: 'indexes',
  basis: 'catalog',
  title: 'Partitioned indexes that are not complete',
  why: 'An index made with ON ONLY becomes valid when every partition has an index attached to it. Until then new partitions get the index and some old ones do not, and a unique index is not enforced everywhere.',
  // Run on PostgreSQL 13 to 18. The statistics views have no row for a partitioned index, so this reads pg_index. What
  // follows USING in a definition says the same about parent and partition.
  sql: () => `
with incomplete as materialized (
  select
    ind.indexrelid,
    ind.indrelid,
    ind.indisunique,
    pg_catalog.pg_get_indexdef(ind.indexrelid) as definition
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where index_class.relkind = 'I'
    and not ind.indisvalid
)
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  index_class.relname::text as bare_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  incomplete.indisunique as is_unique,
  incomplete.definition,
  parts.partitions,
  parts.gaps
from incomplete
join pg_catalog.pg_class as index_class on index_class.oid = incomplete.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = incomplete.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (
  select
    count(*)::int4 as partitions,
    coalesce(json_agg(json_build_object(
      'schema', partition_schema.nspname,
      'table', partition.relname,
      'is_partitioned', partition.relkind = 'p',
      'attached', (
        select format('%I.%I', partition_schema.nspname, child_class.relname)
        from pg_catalog.pg_inherits as index_inheritance
        join pg_catalog.pg_index as child on child.indexrelid = index_inheritance.inhrelid
        join pg_catalog.pg_class as child_class on child_class.oid = child.indexrelid
        where index_inheritance.inhparent = incomplete.indexrelid
          and child.indrelid = partition.oid
      ),
      'candidate', (
        select min(format('%I.%I', partition_schema.nspname, child_class.relname))
        from pg_catalog.pg_index as child
        join pg_catalog.pg_class as child_class on child_class.oid = child.indexrelid
        where child.indrelid = partition.oid
          and child.indisvalid
          and child.indisunique = incomplete.indisunique
          and not child_class.relispartition
          and substring(pg_catalog.pg_get_indexdef(child.indexrelid) from ' USING .*') = substring(incomplete.definition from ' USING .*')
      )
    ) order by partition.relname) filter (where not exists (
      select
      from pg_catalog.pg_inherits as index_inheritance
      join pg_catalog.pg_index as child on child.indexrelid = index_inheritance.inhrelid
      where index_inheritance.inhparent = incomplete.indexrelid
        and child.indrelid = partition.oid
        and child.indisvalid
    )), '[]'::json) as gaps
  from pg_catalog.pg_inherits as inheritance
  join pg_catalog.pg_class as partition on partition.oid = inheritance.inhrelid and partition.relkind <> 'f'
  join pg_catalog.pg_namespace as partition_schema on partition_schema.oid = partition.relnamespace
  where inheritance.inhparent = incomplete.indrelid
) as parts
where ${isUserSchema('schema')}
order by index_name`,
  findings(rows) {
    return rows.map((row) => {
      const attached = row.partitions - row.gaps.length;
      const names = row.gaps.slice(0, 20).map((gap) => quoteQualified(gap.schema, gap.table));
      const more = row.gaps.length - names.length;
      return {
        object: row.index_name,
        relationOid: Number(row.index_oid),
        severity: 'warning' as const,
        message: `Partitioned index ${row.index_name} on ${row.table_name} is not valid: ${formatCount(attached)} of ${formatCount(row.partitions)} partitions have a valid index attached.`,
        measure: row.gaps.length,
        evidence: [
          { label: 'Definition', value: row.definition },
          { label: 'Partitions without', value: `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}` || 'none' },
        ],
        ...(row.gaps.length === 0
          ? {}
          : {
              fixSql: row.gaps.flatMap((gap) => stepsFor(gap, row)).join('\n'),
              lock: lockTexts.accessExclusiveShort,
              caution: `The attach steps lock one partition's index each; the last one makes ${row.index_name} valid.${
                row.gaps.some((gap) => gap.is_partitioned)
                  ? ' Writes to a partition that is partitioned itself wait while its index is built.'
                  : ''
              }`,
            }),
      };
    });
  },
};

function stepsFor(gap: Gap, row: Row): string[] {
  const attach = (index: string): string => `alter index ${row.index_name} attach partition ${index};`;
  if (gap.attached !== null) return [`reindex index concurrently ${gap.attached};`, attach(gap.attached)];
  if (gap.candidate !== null) return [attach(gap.candidate)];
  const name = truncateToNameLimit(`${gap.table}_${row.bare_name}`);
  // The index of a partition that is partitioned itself cannot be built concurrently.
  const build = `create ${row.is_unique ? 'unique ' : ''}index ${gap.is_partitioned ? '' : 'concurrently '}${quoteIdentifier(name)} on ${quoteQualified(gap.schema, gap.table)} ${columnsPart(row.definition)};`;
  return [build, attach(quoteQualified(gap.schema, name))];
}

/** What follows the table in a definition: `USING btree (a)`. */
function columnsPart(definition: string): string {
  return definition.slice(definition.indexOf(' USING ') + 1);
}
