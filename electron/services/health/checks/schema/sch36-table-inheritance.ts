import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { nameList } from './fold-by-schema.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly children: readonly string[];
  readonly has_key: boolean;
}

export const tableInheritance: HealthCheck<Row> = {
  id: 'SCH36',
  group: 'schema',
  basis: 'catalog',
  title: 'Table inheritance',
  why: 'Primary keys, unique and foreign keys hold for one table of the family only: the same id can be in parent and child, and nothing can refer to both. Declarative partitioning has replaced its main use.',
  // Run on PostgreSQL 13 to 18. Partitions are inheritance inside the server and are left out.
  sql: () => `
select
  parent.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, parent.relname) as table_name,
  array_agg(format('%I.%I', child_schema.nspname, child.relname) order by child_schema.nspname, child.relname) as children,
  exists (
    select
    from pg_catalog.pg_index as ind
    where ind.indrelid = parent.oid
      and ind.indisunique
  ) as has_key
from pg_catalog.pg_inherits as inheritance
join pg_catalog.pg_class as parent on parent.oid = inheritance.inhparent and parent.relkind in ('r', 'f')
join pg_catalog.pg_namespace as schema on schema.oid = parent.relnamespace
join pg_catalog.pg_class as child on child.oid = inheritance.inhrelid and not child.relispartition
join pg_catalog.pg_namespace as child_schema on child_schema.oid = child.relnamespace
where ${isUserSchema('schema')}
  and ${isUserSchema('child_schema')}
  and ${isNotOfExtension('parent.oid')}
group by parent.oid, schema.nspname, parent.relname
order by table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `${plural(row.children.length, 'table inherits', 'tables inherit')} from ${row.table_name}${row.has_key ? '; its unique keys do not hold across them' : ''}.`,
      measure: row.children.length,
      evidence: [
        { label: 'Children', value: nameList(row.children) },
        { label: 'Number of children', value: formatCount(row.children.length) },
      ],
    }));
  },
};
