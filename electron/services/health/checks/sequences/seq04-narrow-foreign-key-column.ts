import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { dependentsCaution, rewriteCaution } from './sequence-use.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly constraint_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly target_name: string;
  readonly target_column: string;
  readonly target_type: string;
  readonly size_bytes: string;
}

export const narrowForeignKeyColumn: HealthCheck<Row> = {
  id: 'SEQ04',
  group: 'sequences',
  basis: 'catalog',
  title: 'Foreign key columns narrower than their target',
  why: 'When the referenced key grows past the smaller type, rows that refer to it can no longer be written. It is the usual leftover of a key that was changed to bigint.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(foreign_key.conname) as constraint_name,
  quote_ident(own.attname) as column_name,
  pg_catalog.format_type(own.atttypid, null) as column_type,
  format('%I.%I', target_schema.nspname, target.relname) as target_name,
  quote_ident(theirs.attname) as target_column,
  pg_catalog.format_type(theirs.atttypid, null) as target_type,
  table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int8 as size_bytes
from pg_catalog.pg_constraint as foreign_key
join pg_catalog.pg_class as table_class on table_class.oid = foreign_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_class as target on target.oid = foreign_key.confrelid
join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
join pg_catalog.pg_attribute as own
  on own.attrelid = foreign_key.conrelid
  and own.attnum = any (foreign_key.conkey)
join pg_catalog.pg_attribute as theirs
  on theirs.attrelid = foreign_key.confrelid
  and theirs.attnum = foreign_key.confkey[array_position(foreign_key.conkey, own.attnum)]
where foreign_key.contype = 'f'
  -- Key and column are compared by these operators alone where the types differ so.
  and foreign_key.conpfeqop && array[
    'pg_catalog.=(int8,int4)'::regoperator::oid,
    'pg_catalog.=(int8,int2)'::regoperator::oid,
    'pg_catalog.=(int4,int2)'::regoperator::oid
  ]
  and foreign_key.conparentid = 0
  and (own.atttypid, theirs.atttypid) in (
    ('int4'::regtype, 'int8'::regtype),
    ('int2'::regtype, 'int8'::regtype),
    ('int2'::regtype, 'int4'::regtype)
  )
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, constraint_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `${row.table_name}.${row.column_name}`,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Column ${row.table_name}.${row.column_name} is ${row.column_type}, but refers to ${row.target_name}.${row.target_column}, which is ${row.target_type}.`,
      evidence: [
        { label: 'Foreign key', value: row.constraint_name },
        { label: 'Size of the table (estimate)', value: formatBytes(row.size_bytes) },
      ],
      fixSql: `alter table ${row.table_name} alter column ${row.column_name} type ${row.target_type};`,
      undoSql: `alter table ${row.table_name} alter column ${row.column_name} type ${row.column_type};`,
      lock: lockTexts.accessExclusiveRewrite,
      caution: `${rewriteCaution} ${dependentsCaution}`,
      confidence: 'high' as const,
    }));
  },
};
