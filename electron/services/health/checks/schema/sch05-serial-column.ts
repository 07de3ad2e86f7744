import { isNextNumberAlone, isNotOfExtension, isUserSchema, nextNumber } from '../../catalog-sql.ts';
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
  /** All options of the sequence, within what the type of the column can hold. */
  readonly options: string;
  /** A view, a function or a default elsewhere depends on the sequence, or it lies in another schema. */
  readonly is_bound: boolean;
  /** Rights of others on the sequence, and its comment, as statements; empty where there are none. */
  readonly belongings: readonly string[];
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
owned as (
  select
    feeding.*,
    ownership.table_oid,
    ownership.attnum
  from feeding
  cross join lateral (
    select
      dependency.refobjid as table_oid,
      dependency.refobjsubid as attnum
    from pg_catalog.pg_depend as dependency
    where dependency.classid = 'pg_catalog.pg_class'::regclass
      and dependency.objid = feeding.sequence_oid
      and dependency.refclassid = 'pg_catalog.pg_class'::regclass
      and dependency.deptype = 'a'
    offset 0
  ) as ownership
),
serial as materialized (
  select
    owned.*,
    attribute.attname,
    attribute.attnotnull,
    case attribute.atttypid
      when 'pg_catalog.int2'::regtype then 32767
      when 'pg_catalog.int4'::regtype then 2147483647
      else 9223372036854775807
    end as highest
  from owned
  join pg_catalog.pg_attrdef as column_default
    on column_default.oid = owned.default_oid
    and column_default.adrelid = owned.table_oid
    and column_default.adnum = owned.attnum
    and ${isNextNumberAlone('column_default', 'owned.sequence_oid')}
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
  ${nextNumber('serial.sequence_oid')} as default_expression,
  serial.attnotnull as is_not_null,
  table_class.relkind = 'p' as is_partitioned,
  serial.uses,
  concat_ws(' ',
    'start with ' || sequence.seqstart,
    'increment by ' || sequence.seqincrement,
    'minvalue ' || greatest(sequence.seqmin, -serial.highest - 1),
    'maxvalue ' || least(sequence.seqmax, serial.highest),
    'cache ' || sequence.seqcache,
    case when sequence.seqcycle then 'cycle' end) as options,
  sequence_class.relnamespace <> table_class.relnamespace
    or exists (
      select
      from pg_catalog.pg_depend as dependent
      where dependent.refclassid = 'pg_catalog.pg_class'::regclass
        and dependent.refobjid = serial.sequence_oid
        and dependent.deptype <> 'i'
        and (dependent.classid, dependent.objid) <> ('pg_catalog.pg_attrdef'::regclass, serial.default_oid)
    ) as is_bound,
  array(
    select format(
      'grant %s on sequence %I.%I to %s%s;',
      lower(grant_item.privilege_type),
      sequence_schema.nspname,
      sequence_class.relname,
      case grant_item.grantee when 0 then 'public' else quote_ident(pg_catalog.pg_get_userbyid(grant_item.grantee)) end,
      case when grant_item.is_grantable then ' with grant option' end)
    from pg_catalog.aclexplode(sequence_class.relacl) as grant_item
    where grant_item.grantee <> sequence_class.relowner
    union all
    select format('comment on sequence %I.%I is %L;', sequence_schema.nspname, sequence_class.relname, comment.description)
    from pg_catalog.pg_description as comment
    where comment.objoid = serial.sequence_oid
      and comment.classoid = 'pg_catalog.pg_class'::regclass
      and comment.objsubid = 0
  ) as belongings
from serial
join pg_catalog.pg_class as table_class on table_class.oid = serial.table_oid and not table_class.relispartition
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_class as sequence_class on sequence_class.oid = serial.sequence_oid
join pg_catalog.pg_namespace as sequence_schema on sequence_schema.oid = sequence_class.relnamespace
join pg_catalog.pg_sequence as sequence on sequence.seqrelid = serial.sequence_oid
where ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
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
            : row.is_bound
              ? `Something else depends on sequence ${row.sequence_name}, or it lies in another schema: it cannot be made again as it is.`
              : `Sequence ${row.sequence_name} is dropped and made again with its name, options, rights and comment, so that functions that call it by name go on. There is no way back by one statement.`,
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
  return row.is_not_null && Number(row.uses) === 1 && !row.is_partitioned && !row.is_bound;
}

/**
 * The new sequence has the name of the old one and goes on where it stands. A setting of the transaction carries the
 * number across; ALTER SEQUENCE keeps others from taking one meanwhile.
 */
function toIdentity(row: Row): string {
  return [
    'begin;',
    `alter table ${row.table_name} alter column ${row.column_name} drop default;`,
    `alter sequence ${row.sequence_name} owned by none;`,
    `select pg_catalog.set_config('identity.value', last_value::text, true), pg_catalog.set_config('identity.is_called', is_called::text, true) from ${row.sequence_name};`,
    `drop sequence ${row.sequence_name};`,
    `alter table ${row.table_name} alter column ${row.column_name} add generated by default as identity (sequence name ${row.sequence_name} ${row.options});`,
    `select pg_catalog.setval(pg_catalog.pg_get_serial_sequence(${row.table_literal}, ${row.column_literal}), pg_catalog.current_setting('identity.value')::int8, pg_catalog.current_setting('identity.is_called')::bool);`,
    ...row.belongings,
    'commit;',
  ].join('\n');
}
