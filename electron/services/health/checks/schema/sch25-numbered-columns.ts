import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly stem: string;
  readonly column_type: string;
  readonly columns: readonly string[];
}

export const numberedColumns: HealthCheck<Row> = {
  id: 'SCH25',
  group: 'schema',
  basis: 'catalog',
  title: 'Numbered columns',
  why: 'Columns such as phone1, phone2, phone3 are a list in disguise: the next value needs a new column, and every search has to ask all of them. A child table or an array holds any number.',
  // Run on PostgreSQL 13 to 18. Three or more of one type, numbered without a gap from 0 or 1.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  numbered.stem,
  pg_catalog.format_type(attribute.atttypid, null) as column_type,
  array_agg(attribute.attname::text order by numbered.number) as columns
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum > 0
  and not attribute.attisdropped
cross join lateral (
  select
    substring(attribute.attname from '^(.*[^0-9])[0-9]{1,3}$') as stem,
    substring(attribute.attname from '([0-9]{1,3})$')::int4 as number
) as numbered
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and numbered.stem is not null
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname, numbered.stem, attribute.atttypid
having count(*) >= 3
  and count(*) = count(distinct numbered.number)
  and min(numbered.number) <= 1
  and max(numbered.number) - min(numbered.number) = count(*) - 1
order by table_name, numbered.stem`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Table ${row.table_name} has ${String(row.columns.length)} numbered columns: ${row.columns[0] ?? ''} to ${row.columns.at(-1) ?? ''}.`,
      evidence: [
        { label: 'Columns', value: row.columns.join(', ') },
        { label: 'Type', value: row.column_type },
      ],
      confidence: 'medium' as const,
      confidenceReason: 'Fixed sets, such as the lines of an address, are fine as columns.',
    }));
  },
};
