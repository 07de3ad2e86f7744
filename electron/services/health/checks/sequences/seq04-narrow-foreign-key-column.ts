import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { obstaclesSql, type Obstacle } from '../../type-change-sql.ts';
import { growthHeld, rewriteCaution } from './sequence-use.ts';

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
  readonly obstacles: readonly Obstacle[];
}

export const narrowForeignKeyColumn: HealthCheck<Row> = {
  id: 'SEQ04',
  group: 'sequences',
  basis: 'catalog',
  title: 'Foreign key columns narrower than their target',
  why: 'When the referenced key grows past the smaller type, rows that refer to it can no longer be written. It is the usual leftover of a key that was changed to bigint.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
with narrow as materialized (
  select
    own.attrelid,
    own.attnum,
    own.attname,
    own.attinhcount,
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
),
narrow_column as (
  select distinct
    narrow.attrelid,
    narrow.attnum,
    narrow.attname,
    narrow.attinhcount
  from narrow
)
select
  narrow.attrelid::int8 as table_oid,
  narrow.table_name,
  narrow.constraint_name,
  narrow.column_name,
  narrow.column_type,
  narrow.target_name,
  narrow.target_column,
  narrow.target_type,
  narrow.size_bytes,
  coalesce(held.obstacles, '[]'::json) as obstacles
from narrow
left join (${obstaclesSql('narrow_column', 'integers')}
) as held on held.attrelid = narrow.attrelid and held.attnum = narrow.attnum
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
      ...fixOf(row),
      confidence: 'high' as const,
    }));
  },
};

function fixOf(row: Row): { fixSql?: string; undoSql?: string; lock?: string; caution: string } {
  const held = growthHeld([row]);
  if (held !== undefined) return { caution: `${held} ${rewriteCaution}` };
  const alter = `alter table ${row.table_name} alter column ${row.column_name} type`;
  return {
    fixSql: `${alter} ${row.target_type};`,
    undoSql: `${alter} ${row.column_type};`,
    lock: lockTexts.accessExclusiveRewrite,
    caution: rewriteCaution,
  };
}
