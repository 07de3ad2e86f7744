import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';

interface Row {
  readonly schema_name: string;
  readonly table_oid: string;
  readonly table_name: string;
  readonly tables_in_schema: number;
}

export const emptyTable: HealthCheck<Row, 'minTables'> = {
  id: 'TAB13',
  group: 'tables',
  basis: 'moment',
  title: 'Empty tables',
  why: 'A table without a single page holds nothing now. It may wait for a feature, be filled and emptied by a job, or be left over.',
  thresholds: {
    minTables: { usual: 1, unit: 'count', label: 'Fewest empty tables of a schema' },
  },
  // Run on PostgreSQL 13 to 18. No page means no row, for certain. A partitioned table counts once, and only if all its
  // partitions are empty: those for times to come always are. On a standby an unlogged table has no pages.
  sql: ({ inRecovery }) => `
with member as materialized (
  select
    table_class.oid,
    table_class.relnamespace,
    case when table_class.relispartition then pg_catalog.pg_partition_root(table_class.oid)::oid else table_class.oid end as root_oid,
    case when table_class.relpages = 0 and pg_catalog.pg_stat_get_live_tuples(table_class.oid) = 0
      -- One that is locked is not known to be empty.
      then ${relationSize('table_class.oid', '1')} = 0 else false end as is_empty
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind = 'r'
    and table_class.relpersistence ${inRecovery ? "= 'p'" : "<> 't'"}
    and ${isUserSchema('schema')}
    and not exists (
      select
      from pg_catalog.pg_inherits as inheritance
      where inheritance.inhparent = table_class.oid
    )
),
tree as (
  select
    member.root_oid,
    bool_and(member.is_empty) as is_empty
  from member
  group by member.root_oid
)
select
  listed.schema_name,
  listed.table_oid,
  listed.table_name,
  listed.tables_in_schema
from (
  select
    schema.nspname::text as schema_name,
    root.oid::int8 as table_oid,
    format('%I.%I', schema.nspname, root.relname) as table_name,
    count(*) over (partition by schema.oid)::int4 as tables_in_schema,
    tree.is_empty
  from tree
  join pg_catalog.pg_class as root on root.oid = tree.root_oid
  join pg_catalog.pg_namespace as schema on schema.oid = root.relnamespace
  where ${isNotOfExtension('root.oid')}
) as listed
where listed.is_empty
order by listed.schema_name, listed.table_name`,
  findings(rows, { limits }) {
    return [...Map.groupBy(rows, (row) => row.schema_name).values()].flatMap((tables) => {
      const [first] = tables;
      if (first === undefined || tables.length < limits.minTables) return [];
      const named = tables.slice(0, 50).map((row) => row.table_name);
      const more = tables.length - named.length;
      const isOne = tables.length === 1;
      return [
        {
          object: isOne ? first.table_name : `schema ${quoteIdentifier(first.schema_name)}`,
          ...(isOne ? { relationOid: Number(first.table_oid) } : {}),
          severity: 'info' as const,
          message: isOne
            ? `Table ${first.table_name} is empty.`
            : `${formatCount(tables.length)} of ${formatCount(first.tables_in_schema)} tables of schema ${quoteIdentifier(first.schema_name)} are empty.`,
          measure: tables.length,
          evidence: isOne
            ? [{ label: 'Size', value: '0 pages' }]
            : [{ label: 'Tables', value: `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}` }],
          confidence: 'high' as const,
        },
      ];
    });
  },
};
