import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { lockTexts } from '../../lock-texts.ts';

/** One table, and the columns that tell when a row came and when it last changed. */
export interface AuditColumnsRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly created_column: string | null;
  readonly updated_column: string | null;
}

const minTables = 4;
const conventionShare = 0.6;

export const missingAuditColumns: HealthCheck<AuditColumnsRow> = {
  id: 'SCH19',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables that break the created/updated convention',
  why: 'Where most tables of a schema record when a row was created or changed, the ones that do not are usually forgotten. When something goes wrong, the time of a row is the first question.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  min(attribute.attname::text) filter (
    where lower(attribute.attname) ~ '^(created?|creation|inserted|insert|added)(_?(at|on|date|time|ts|timestamp))?$'
      or lower(attribute.attname) in ('date_created', 'time_created', 'createdate')
  ) as created_column,
  min(attribute.attname::text) filter (
    where lower(attribute.attname) ~ '^(updated?|modified|changed|last_?(update|updated|modified|changed))(_?(at|on|date|time|ts|timestamp))?$'
      or lower(attribute.attname) in ('date_updated', 'date_modified', 'time_updated')
  ) as updated_column
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum > 0
  and not attribute.attisdropped
  and attribute.atttypid in ('timestamp'::regtype, 'timestamptz'::regtype, 'date'::regtype)
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname
order by table_name`,
  findings(rows) {
    return [...Map.groupBy(rows, (row) => row.schema_name).values()].flatMap((tables) =>
      (['created_column', 'updated_column'] as const).flatMap((kind) => brokenConvention(tables, kind)),
    );
  },
};

/** Tables without the column, where most of the schema's tables have it under one name. */
function brokenConvention(tables: readonly AuditColumnsRow[], kind: 'created_column' | 'updated_column') {
  const [usual] = [
    ...Map.groupBy(
      tables.filter((table) => table[kind] !== null),
      (table) => table[kind] ?? '',
    ),
  ]
    .map(([name, users]) => ({ name, count: users.length }))
    .toSorted((left, right) => right.count - left.count);
  const having = tables.filter((table) => table[kind] !== null).length;
  if (usual === undefined || tables.length < minTables || having / tables.length < conventionShare) return [];
  return tables
    .filter((table) => table[kind] === null)
    .map((table) => ({
      object: table.table_name,
      relationOid: Number(table.table_oid),
      severity: 'info' as const,
      message: `Table ${table.table_name} does not record when a row was ${kind === 'created_column' ? 'created' : 'changed'}; ${formatCount(having)} of ${formatCount(tables.length)} tables of its schema do (${formatPercent(having / tables.length)}).`,
      evidence: [{ label: 'Usual name', value: usual.name }],
      fixSql: `alter table ${table.table_name} add column ${quoteIdentifier(usual.name)} timestamp with time zone not null default now();`,
      undoSql: `alter table ${table.table_name} drop column ${quoteIdentifier(usual.name)};`,
      lock: lockTexts.accessExclusiveShort,
      caution: 'Existing rows get the time of the change. Pure link tables may not need it.',
      confidence: 'low' as const,
      confidenceReason: 'A convention, not a rule.',
    }));
}
