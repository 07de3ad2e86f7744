import { defaultText, isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly default_expression: string;
  /** By itself or by its domain. */
  readonly is_not_null: boolean;
}

export const defaultOfNullText: HealthCheck<Row> = {
  id: 'SCH23',
  group: 'schema',
  basis: 'catalog',
  title: 'Defaults that are the word NULL',
  why: "A default of 'NULL' in quotes stores four letters, not a null. Conditions with IS NULL then miss the rows.",
  // Run on PostgreSQL 13 to 18.
  sql: () => `
with text_default as materialized (
  select
    column_default.adrelid,
    attribute.attname,
    attribute.attnotnull or type.typnotnull as is_not_null,
    ${defaultText('column_default')} as expression
  from pg_catalog.pg_attrdef as column_default
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = column_default.adrelid
    and attribute.attnum = column_default.adnum
    and attribute.attgenerated = ''
  join pg_catalog.pg_type as type
    on type.oid = attribute.atttypid
    and type.typcategory = 'S'
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(text_default.attname) as column_name,
  text_default.expression as default_expression,
  text_default.is_not_null
from text_default
join pg_catalog.pg_class as table_class on table_class.oid = text_default.adrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where text_default.expression ~* '^''null''(::|$)'
  and ${isUserSchema('schema')}
  and not table_class.relispartition
  and ${isNotOfExtension('table_class.oid')}
order by table_name, column_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `${row.table_name}.${row.column_name}`,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `The default of ${row.table_name}.${row.column_name} is the word NULL, not a null value.`,
      evidence: [{ label: 'Default', value: row.default_expression }],
      fixSql: `alter table ${row.table_name} alter column ${row.column_name} drop default;`,
      undoSql: `alter table ${row.table_name} alter column ${row.column_name} set default ${row.default_expression};`,
      lock: lockTexts.accessExclusiveShort,
      caution: row.is_not_null
        ? 'The column is NOT NULL: inserts that leave it out fail from then on, so set the default that is meant instead. Rows that already hold the word stay as they are.'
        : 'Rows that already hold the word stay as they are.',
    }));
  },
};
