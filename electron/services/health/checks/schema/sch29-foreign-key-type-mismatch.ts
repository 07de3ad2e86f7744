import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly constraint_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly target_name: string;
  readonly target_column: string;
  readonly target_type: string;
  readonly same_type: boolean;
  readonly same_category: boolean;
}

export const foreignKeyTypeMismatch: HealthCheck<Row> = {
  id: 'SCH29',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys between different types',
  why: 'Columns that refer to each other should hold the same values. Different types need a cast in every join, may keep an index from being used, and can admit values that the other side cannot hold.',
  // Run on PostgreSQL 13 to 18. Integers that are too narrow for their target are SEQ04.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(foreign_key.conname) as constraint_name,
  quote_ident(own.attname) as column_name,
  pg_catalog.format_type(own.atttypid, own.atttypmod) as column_type,
  format('%I.%I', target_schema.nspname, target.relname) as target_name,
  quote_ident(theirs.attname) as target_column,
  pg_catalog.format_type(theirs.atttypid, theirs.atttypmod) as target_type,
  own_base.oid = their_base.oid as same_type,
  own_type.typcategory = their_type.typcategory as same_category
from pg_catalog.pg_constraint as foreign_key
join pg_catalog.pg_class as table_class on table_class.oid = foreign_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_class as target on target.oid = foreign_key.confrelid
join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
cross join lateral unnest(foreign_key.conkey, foreign_key.confkey) as pair (own_attnum, their_attnum)
join pg_catalog.pg_attribute as own on own.attrelid = foreign_key.conrelid and own.attnum = pair.own_attnum
join pg_catalog.pg_attribute as theirs on theirs.attrelid = foreign_key.confrelid and theirs.attnum = pair.their_attnum
join pg_catalog.pg_type as own_type on own_type.oid = own.atttypid
join pg_catalog.pg_type as their_type on their_type.oid = theirs.atttypid
cross join lateral (select coalesce(nullif(own_type.typbasetype, 0), own_type.oid) as oid) as own_base
cross join lateral (select coalesce(nullif(their_type.typbasetype, 0), their_type.oid) as oid) as their_base
where foreign_key.contype = 'f'
  and foreign_key.conparentid = 0
  and (
    own_base.oid <> their_base.oid
    or own_type.typtype <> 'd' and their_type.typtype <> 'd' and own.atttypmod <> theirs.atttypmod
  )
  and (own.atttypid, theirs.atttypid) not in (
    ('int4'::regtype, 'int8'::regtype),
    ('int2'::regtype, 'int8'::regtype),
    ('int2'::regtype, 'int4'::regtype)
  )
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, constraint_name, column_name`,
  findings(rows) {
    return rows.map((row) => {
      const isHarmless =
        row.same_type || (row.same_category && !/numeric|double|real/.test(`${row.column_type} ${row.target_type}`));
      return {
        object: `${row.table_name}.${row.column_name}`,
        relationOid: Number(row.table_oid),
        severity: isHarmless ? ('info' as const) : ('warning' as const),
        message: `Column ${row.table_name}.${row.column_name} is ${row.column_type} and refers to ${row.target_name}.${row.target_column}, which is ${row.target_type}.`,
        evidence: [{ label: 'Foreign key', value: row.constraint_name }],
        caution: 'Changing a type rewrites the table under ACCESS EXCLUSIVE, unless it only grows a varchar.',
        confidence: 'high' as const,
      };
    });
  },
};
