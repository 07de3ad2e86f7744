import { isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';

interface Row {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly table_literal: string;
  readonly column_name: string;
  readonly column_literal: string;
  readonly sequence_name: string;
  readonly default_expression: string;
  readonly is_not_null: boolean;
  readonly is_partitioned: boolean;
  readonly uses: string;
  /** Options of the sequence that an identity column would not have by itself; empty where there are none. */
  readonly options: string;
}

export const serialColumn: HealthCheck<Row, 'listedTables'> = {
  id: 'SCH05',
  group: 'schema',
  basis: 'catalog',
  title: 'Serial columns instead of identity',
  why: 'serial is a default with a sequence of its own permissions: a copied table shares it, and a dropped default leaves it behind. An identity column is standard SQL and owns its sequence.',
  thresholds: { listedTables },
  // Run on PostgreSQL 13 to 18. The sequence is owned by the column and feeds it.
  sql: () => `
with feeding as materialized (
  select
    use.objid as default_oid,
    use.refobjid as sequence_oid,
    count(*) over (partition by use.refobjid) as uses
  from pg_catalog.pg_depend as use
  where use.classid = 'pg_catalog.pg_attrdef'::regclass
    and use.refclassid = 'pg_catalog.pg_class'::regclass
    and use.refobjsubid = 0
    and use.refobjid in (select sequence.seqrelid from pg_catalog.pg_sequence as sequence)
),
owned as materialized (
  select
    ownership.objid as sequence_oid,
    ownership.refobjid as table_oid,
    ownership.refobjsubid as attnum
  from pg_catalog.pg_depend as ownership
  where ownership.classid = 'pg_catalog.pg_class'::regclass
    and ownership.refclassid = 'pg_catalog.pg_class'::regclass
    and ownership.deptype = 'a'
    and ownership.objid in (select feeding.sequence_oid from feeding)
),
serial as materialized (
  select
    owned.*,
    feeding.uses,
    column_default.adbin,
    attribute.attname,
    attribute.attnotnull
  from owned
  join feeding on feeding.sequence_oid = owned.sequence_oid
  join pg_catalog.pg_attrdef as column_default
    on column_default.oid = feeding.default_oid
    and column_default.adrelid = owned.table_oid
    and column_default.adnum = owned.attnum
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = owned.table_oid
    and attribute.attnum = owned.attnum
    and attribute.atttypid in ('pg_catalog.int2'::regtype, 'pg_catalog.int4'::regtype, 'pg_catalog.int8'::regtype)
)
select
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_literal(format('%I.%I', schema.nspname, table_class.relname)) as table_literal,
  quote_ident(serial.attname) as column_name,
  quote_literal(serial.attname) as column_literal,
  format('%I.%I', sequence_schema.nspname, sequence_class.relname) as sequence_name,
  pg_catalog.pg_get_expr(serial.adbin, table_class.oid) as default_expression,
  serial.attnotnull as is_not_null,
  table_class.relkind = 'p' as is_partitioned,
  serial.uses,
  concat_ws(' ',
    case when sequence.seqincrement <> 1 then 'increment by ' || sequence.seqincrement end,
    case when sequence.seqstart <> 1 then 'start with ' || sequence.seqstart end,
    case when sequence.seqcache <> 1 then 'cache ' || sequence.seqcache end,
    case when sequence.seqcycle then 'cycle' end) as options
from serial
join pg_catalog.pg_class as table_class on table_class.oid = serial.table_oid and not table_class.relispartition
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_class as sequence_class on sequence_class.oid = serial.sequence_oid
join pg_catalog.pg_namespace as sequence_schema on sequence_schema.oid = sequence_class.relnamespace
join pg_catalog.pg_sequence as sequence on sequence.seqrelid = serial.sequence_oid
where ${isUserSchema('schema')}
  and table_class.oid not in (
    select membership.objid
    from pg_catalog.pg_depend as membership
    where membership.classid = 'pg_catalog.pg_class'::regclass
      and membership.deptype = 'e'
  )
order by table_name, column_name`,
  findings(rows, { limits }) {
    return foldBySchema(
      rows,
      limits.listedTables,
      (row) => ({
        object: `${row.table_name}.${row.column_name}`,
        relationOid: Number(row.table_oid),
        severity: 'info' as const,
        message: `Column ${row.table_name}.${row.column_name} is a serial; an identity column does the same by the standard.`,
        evidence: [
          { label: 'Default', value: row.default_expression },
          { label: 'Sequence', value: row.sequence_name },
        ],
        ...(canBecomeIdentity(row) ? { fixSql: toIdentity(row), lock: lockTexts.accessExclusiveShort } : {}),
        caution:
          Number(row.uses) > 1
            ? 'Other defaults use the same sequence; they must be changed first.'
            : 'Grants on the old sequence are lost: inserts do not need them any more, calls of nextval do.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} columns of schema ${schema} are serials; identity columns do the same by the standard.`,
        measure: ofSchema.length,
        evidence: [
          { label: 'Columns', value: nameList(ofSchema.map((row) => `${row.table_name}.${row.column_name}`)) },
        ],
      }),
    );
  },
};

/** Null values and other users of the sequence would stand in the way; partitions have copies of the default. */
function canBecomeIdentity(row: Row): boolean {
  return row.is_not_null && Number(row.uses) === 1 && !row.is_partitioned;
}

/** The new sequence goes on where the old one stands. A setting of the transaction carries the number across. */
function toIdentity(row: Row): string {
  const options = row.options === '' ? '' : ` (${row.options})`;
  return [
    'begin;',
    `alter table ${row.table_name} alter column ${row.column_name} drop default;`,
    `select pg_catalog.set_config('identity.value', last_value::text, true), pg_catalog.set_config('identity.is_called', is_called::text, true) from ${row.sequence_name};`,
    `drop sequence ${row.sequence_name};`,
    `alter table ${row.table_name} alter column ${row.column_name} add generated by default as identity${options};`,
    `select pg_catalog.setval(pg_catalog.pg_get_serial_sequence(${row.table_literal}, ${row.column_literal}), pg_catalog.current_setting('identity.value')::int8, pg_catalog.current_setting('identity.is_called')::bool);`,
    'commit;',
  ].join('\n');
}
