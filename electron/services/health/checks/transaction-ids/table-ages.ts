import { relationSize } from '../../catalog-sql.ts';

/** The oldest part of one table. */
export interface TableAgeRow {
  readonly table_oid: string;
  readonly table_name: string;
  readonly age_xids: number;
  readonly part: 'heap' | 'TOAST';
  readonly is_temporary: boolean;
  /** The table's own setting where it is lower, else the server's. */
  readonly freeze_max_age: number;
  readonly size_bytes: string;
}

/**
 * The oldest table of this database, and others of at least `minAge` and `minPages`. System tables count as well; a TOAST
 * table ages on its own. Run on PostgreSQL 13 to 18.
 */
export function tableAgesSql(minAge: number, minPages: number): string {
  return `
select
  aged.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, aged.relname) as table_name,
  aged.age_xids,
  aged.part,
  aged.relpersistence = 't' as is_temporary,
  least(
    pg_catalog.current_setting('autovacuum_freeze_max_age')::int4,
    (
      select option_value::int4
      from pg_catalog.pg_options_to_table(aged.reloptions)
      where option_name = 'autovacuum_freeze_max_age'
    )) as freeze_max_age,
  ${relationSize('aged.oid', 'aged.pages', 'pg_table_size')} as size_bytes
from (
  select
    table_class.oid,
    table_class.relname,
    table_class.relnamespace,
    table_class.relpersistence,
    table_class.reloptions,
    greatest(age(table_class.relfrozenxid), age(toast.relfrozenxid)) as age_xids,
    case
      when age(toast.relfrozenxid) > age(table_class.relfrozenxid) then 'TOAST'
      else 'heap'
    end as part,
    table_class.relpages + coalesce(toast.relpages, 0) as pages,
    row_number() over (order by greatest(age(table_class.relfrozenxid), age(toast.relfrozenxid)) desc) as position
  from pg_catalog.pg_class as table_class
  left join pg_catalog.pg_class as toast on toast.oid = table_class.reltoastrelid
  where table_class.relkind in ('r', 'm')
    and table_class.relfrozenxid <> '0'::xid
) as aged
join pg_catalog.pg_namespace as schema on schema.oid = aged.relnamespace
where aged.position = 1
  or aged.position <= 1000
  and aged.age_xids >= ${minAge}
  and aged.pages >= ${minPages}
order by aged.age_xids desc`;
}
