import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

export const tableOfOneColumn: HealthCheck<Row> = {
  id: 'SCH24',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables with one column or none',
  why: 'A table without columns holds nothing. One with a single column is sometimes a list, and often something that was begun and forgotten.',
  // Run on PostgreSQL 13 to 18. A list that other tables refer to has a purpose.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  coalesce(array_agg(attribute.attname::text) filter (where attribute.attname is not null), '{}') as columns,
  greatest(table_class.reltuples, 0)::float8 as rows
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum > 0
  and not attribute.attisdropped
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and not exists (
    select
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
      and foreign_key.confrelid = table_class.oid
  )
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname, table_class.reltuples
having count(attribute.attname) <= 1
order by table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message:
        row.columns.length === 0
          ? `Table ${row.table_name} has no columns.`
          : `Table ${row.table_name} has one column, ${row.columns.join('')}, and nothing refers to it.`,
      evidence: [{ label: 'Rows (estimate)', value: formatCount(row.rows) }],
      confidence: 'medium' as const,
      confidenceReason: 'A list of values can be all that is wanted.',
    }));
  },
};
