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

export const integerPrimaryKey: HealthCheck<Row> = {
  id: 'SEQ03',
  group: 'sequences',
  basis: 'catalog',
  title: 'Primary keys of type integer or smallint',
  why: 'Numbers that were given out are used up even if their rows are deleted or their inserts fail. Changing the type later rewrites the table and everything that references it, so growing tables are better off with bigint early.',
  // Run on PostgreSQL 13 to 18. Only keys that are generated: a lookup table with codes does not grow.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as column_type,
  greatest(table_class.reltuples, 0)::float8 as rows,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes
from pg_catalog.pg_constraint as primary_key
join pg_catalog.pg_class as table_class on table_class.oid = primary_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum = primary_key.conkey[1]
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
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_class.reltuples desc, table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `${row.table_name}.${row.column_name}`,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Primary key ${row.table_name}.${row.column_name} is ${row.column_type} and generated (${formatCount(row.rows)} rows).`,
      evidence: [
        { label: 'Type', value: row.column_type },
        { label: 'Rows (estimate)', value: formatCount(row.rows) },
        { label: 'Size', value: formatBytes(row.size_bytes) },
      ],
      caution:
        'Changing the type rewrites the table under ACCESS EXCLUSIVE; referencing columns have to follow. Small, stable tables can stay.',
      confidence: 'medium' as const,
      confidenceReason: 'A table that stays small never reaches the limit.',
    }));
  },
};
