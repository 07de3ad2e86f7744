import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly columns: number;
  readonly dropped: number;
  readonly nullable: number;
}

export const wideTable: HealthCheck<Row, 'minColumns' | 'warnColumns'> = {
  id: 'TAB17',
  group: 'tables',
  basis: 'catalog',
  title: 'Tables with very many columns',
  why: 'A row of many columns is read and rewritten whole for a change of one of them, and a table can have 1,600 at most, dropped ones included. Often a part of the columns belongs to a table of its own.',
  thresholds: {
    // pgFirstAid: more than 50 columns, high from 200.
    minColumns: { usual: 50, unit: 'count', label: 'Columns beyond which a table is reported' },
    warnColumns: { usual: 200, unit: 'count', label: 'Columns beyond which it is a warning' },
  },
  // Run on PostgreSQL 13 to 18. relnatts counts dropped columns too, so it only chooses whom to look at.
  sql: (_facts, { minColumns }) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  count(*) filter (where not attribute.attisdropped)::int4 as columns,
  count(*) filter (where attribute.attisdropped)::int4 as dropped,
  count(*) filter (where not attribute.attisdropped and not attribute.attnotnull)::int4 as nullable
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum > 0
where table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and table_class.relpersistence <> 't'
  and table_class.relnatts > ${minColumns}
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname
having count(*) filter (where not attribute.attisdropped) > ${minColumns}
order by columns desc, table_name`,
  findings(rows, { limits }) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: row.columns > limits.warnColumns ? ('warning' as const) : ('info' as const),
      message: `Table ${row.table_name} has ${formatCount(row.columns)} columns.`,
      measure: row.columns,
      evidence: [
        { label: 'Columns', value: formatCount(row.columns) },
        { label: 'Of them nullable', value: formatCount(row.nullable) },
        ...(row.dropped > 0 ? [{ label: 'Dropped columns', value: formatCount(row.dropped) }] : []),
      ],
    }));
  },
};
