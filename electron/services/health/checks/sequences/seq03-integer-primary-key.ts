import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly rows: number;
  readonly size_bytes: string;
}

export const integerPrimaryKey: HealthCheck<Row, 'minShare'> = {
  id: 'SEQ03',
  group: 'sequences',
  basis: 'catalog',
  title: 'Primary keys of type integer or smallint',
  why: 'Numbers that were given out are used up even if their rows are deleted or their inserts fail. Changing the type later rewrites the table and everything that references it, so growing tables are better off with bigint early.',
  thresholds: {
    // squawk reports every one; a table that is nowhere near a thousandth of its range has time.
    minShare: { usual: 0.001, unit: 'ratio', label: 'Rows as a share of what the type can number' },
  },
  // Run on PostgreSQL 13 to 18. Only keys that are generated: a lookup table with codes does not grow. A partitioned
  // table has the rows of its partitions.
  sql: (_, limits) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as column_type,
  size.rows,
  table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int8 as size_bytes
from pg_catalog.pg_constraint as primary_key
join pg_catalog.pg_class as table_class on table_class.oid = primary_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum = primary_key.conkey[1]
cross join lateral (
  select
    case table_class.relkind
      when 'p' then (
        select coalesce(sum(greatest(partition.reltuples, 0)), 0)
        from pg_catalog.pg_partition_tree(table_class.oid) as member
        join pg_catalog.pg_class as partition on partition.oid = member.relid
        where member.isleaf
      )
      else greatest(table_class.reltuples, 0)
    end::float8 as rows
) as size
left join pg_catalog.pg_attrdef as column_default
  on column_default.adrelid = attribute.attrelid
  and column_default.adnum = attribute.attnum
where primary_key.contype = 'p'
  and cardinality(primary_key.conkey) = 1
  and attribute.atttypid in ('int2'::regtype, 'int4'::regtype)
  and (
    attribute.attidentity <> ''
    or pg_catalog.pg_get_expr(column_default.adbin, column_default.adrelid) like 'nextval(%'
  )
  and not table_class.relispartition
  -- Small tables are out before anything is looked up.
  and (table_class.relkind = 'p' or table_class.reltuples >= ${limits.minShare} * 32767)
  and size.rows >= ${limits.minShare} * case attribute.atttypid when 'int2'::regtype then 32767 else 2147483647 end
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by size.rows desc, table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `${row.table_name}.${row.column_name}`,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Primary key ${row.table_name}.${row.column_name} is ${row.column_type} and generated (${formatCount(row.rows)} rows).`,
      measure: row.rows,
      evidence: [
        { label: 'Type', value: row.column_type },
        { label: 'Rows (estimate)', value: formatCount(row.rows) },
        { label: 'Size (estimate)', value: formatBytes(row.size_bytes) },
      ],
      caution:
        'Changing the type rewrites the table under ACCESS EXCLUSIVE; referencing columns have to follow. Small, stable tables can stay.',
      confidence: 'medium' as const,
      confidenceReason: 'A table that stays small never reaches the limit.',
    }));
  },
};
