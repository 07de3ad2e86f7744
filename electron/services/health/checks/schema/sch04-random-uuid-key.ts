import { defaultText, isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly default_expression: string;
  readonly rows: number;
}

export const randomUuidKey: HealthCheck<Row, 'minRows'> = {
  id: 'SCH04',
  group: 'schema',
  basis: 'catalog',
  title: 'Primary keys of random UUIDs',
  why: 'Random UUIDs are inserted all over the index, so that each insert dirties another page and writes it to WAL. A UUID of version 7 begins with the time: new rows lie together at the end.',
  requires: { minVersion: 180_000 },
  thresholds: {
    // pgdoctor reports any size.
    minRows: { usual: 0, unit: 'rows', label: 'Fewest rows of a table that is reported' },
  },
  // Run on PostgreSQL 18, the first with uuidv7().
  sql: (_facts, limits) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  ${defaultText('column_default')} as default_expression,
  greatest(table_class.reltuples, 0)::float8 as rows
from pg_catalog.pg_attrdef as column_default
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = column_default.adrelid
  and attribute.attnum = column_default.adnum
  and attribute.atttypid = 'pg_catalog.uuid'::regtype
  and attribute.attgenerated = ''
join pg_catalog.pg_class as table_class on table_class.oid = column_default.adrelid and not table_class.relispartition
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_constraint as primary_key
  on primary_key.conrelid = table_class.oid
  and primary_key.contype = 'p'
  and primary_key.conkey[1] = attribute.attnum
where greatest(table_class.reltuples, 0) >= ${String(limits.minRows)}
  and ${defaultText('column_default')} ~ '^([^().]+\\.)?(gen_random_uuid|uuidv4|uuid_generate_v4)\\(\\)$'
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `The primary key ${row.column_name} of ${row.table_name} is a random UUID (${row.default_expression}); uuidv7() gives values in order of time.`,
      measure: row.rows,
      evidence: [
        { label: 'Default', value: row.default_expression },
        { label: 'Rows (estimate)', value: formatCount(row.rows) },
      ],
      fixSql: `alter table ${row.table_name} alter column ${row.column_name} set default pg_catalog.uuidv7();`,
      undoSql: `alter table ${row.table_name} alter column ${row.column_name} set default ${row.default_expression};`,
      lock: lockTexts.accessExclusiveShort,
      caution: 'A version 7 UUID tells when the row was made to everybody who sees it. Existing rows keep their keys.',
    }));
  },
};
