import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly bare_column: string;
  readonly type: string;
  readonly is_lo: boolean;
  readonly has_manager: boolean;
  /** Large objects of the whole database, counted up to a hundred. */
  readonly large_objects: number;
}

/** Names under which files and long texts are kept. */
const contentName =
  /^(?:attachment|avatar|binary|blob|body|clob|content|contents|data|document|file|image|lob|logo|payload|pdf|photo|picture|raw|thumbnail|upload)s?$|_(?:attachment|blob|clob|content|contents|data|document|file|image|lob|payload|photo|picture)$/i;

export const largeObjects: HealthCheck<Row> = {
  id: 'SCH11',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns that point to large objects',
  why: 'A large object lives in a table of its own and stays when the row that points to it goes. It has rights of its own, is left out of logical replication, and slows pg_upgrade. bytea holds up to 1 GB in the row itself.',
  // Run on PostgreSQL 13 to 18. An oid can also name a catalog object; the lo type of the extension cannot.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  attribute.attname::text as bare_column,
  pg_catalog.format_type(attribute.atttypid, null) as type,
  type.typtype = 'd' as is_lo,
  exists (
    select
    from pg_catalog.pg_trigger as manager
    join pg_catalog.pg_proc as routine on routine.oid = manager.tgfoid
    where manager.tgrelid = table_class.oid
      and routine.proname = 'lo_manage'
  ) as has_manager,
  (
    select count(*)
    from (select from pg_catalog.pg_largeobject_metadata limit 100) as large_object
  )::int4 as large_objects
from pg_catalog.pg_attribute as attribute
join pg_catalog.pg_type as type on type.oid = attribute.atttypid
join pg_catalog.pg_class as table_class
  on table_class.oid = attribute.attrelid
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
-- An array, so that what is read through is not joined with all types first.
where attribute.atttypid = any (array(
    select holder.oid
    from pg_catalog.pg_type as holder
    where holder.oid = 'pg_catalog.oid'::regtype
      or holder.typname = 'lo' and holder.typbasetype = 'pg_catalog.oid'::regtype
  ))
  and attribute.attnum > 0
  and not attribute.attisdropped
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, attribute.attnum`,
  findings(rows) {
    const pointing = rows.filter((row) => row.is_lo || contentName.test(row.bare_column));
    return [...Map.groupBy(pointing, (row) => row.table_name)].flatMap(([tableName, columns]) => {
      const [first] = columns;
      if (first === undefined) return [];
      const isCertain = columns.some((row) => row.is_lo);
      return [
        {
          object: tableName,
          relationOid: Number(first.table_oid),
          severity: 'info' as const,
          message: `Table ${tableName} keeps references to large objects in ${columns.map((row) => row.column_name).join(', ')}.`,
          evidence: [
            ...columns.map((row) => ({ label: row.column_name, value: row.type })),
            { label: 'Trigger lo_manage', value: first.has_manager ? 'yes' : 'no' },
            {
              label: 'Large objects in this database',
              value: first.large_objects >= 100 ? 'at least 100' : formatCount(first.large_objects),
            },
          ],
          ...(first.has_manager
            ? {}
            : {
                caution: 'Without the trigger lo_manage deleted rows leave their objects behind; vacuumlo finds those.',
              }),
          ...(isCertain
            ? {}
            : {
                confidence: first.large_objects > 0 ? ('medium' as const) : ('low' as const),
                confidenceReason: 'Judged by the type oid and the name of the column; the values were not read.',
              }),
        },
      ];
    });
  },
};
