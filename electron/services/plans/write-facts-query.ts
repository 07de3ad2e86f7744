/**
 * What a statement that writes would set off, as one row of JSON.
 * `$1` relations as `regclass` reads them, `$2` for each of them the triggers that are fired, as bits of `tgtype`;
 * `$3` names of functions, `$4` those of PostgreSQL itself that are looked for, `$5` extensions that reach outside.
 * Ran on PostgreSQL 15 and 18.
 */
export const writeFactsQuery = `
  with recursive target as (
    select to_regclass(name)::oid as oid, fired
      from unnest($1::text[], $2::int[]) as written (name, fired)
     where to_regclass(name) is not null
    union
    -- rows that are sent to a partitioned table arrive in its partitions, whose triggers run
    select child.inhrelid, target.fired
      from pg_catalog.pg_inherits child
      join target on target.oid = child.inhparent
  ),
  sequence as (
    -- identity and serial columns own theirs; a default may take numbers from any other
    select distinct seq.oid
      from target
      join pg_catalog.pg_depend owned on owned.refobjid = target.oid
                                     and target.fired & 4 <> 0
                                     and owned.refclassid = 'pg_catalog.pg_class'::regclass
                                     and owned.classid = 'pg_catalog.pg_class'::regclass
                                     and owned.deptype in ('a', 'i')
      join pg_catalog.pg_class seq on seq.oid = owned.objid and seq.relkind = 'S'
    union
    select seq.oid
      from target
      join pg_catalog.pg_attrdef def on def.adrelid = target.oid and target.fired & 4 <> 0
      join pg_catalog.pg_depend used on used.objid = def.oid
                                    and used.classid = 'pg_catalog.pg_attrdef'::regclass
                                    and used.refclassid = 'pg_catalog.pg_class'::regclass
      join pg_catalog.pg_class seq on seq.oid = used.refobjid and seq.relkind = 'S'
  )
  select
    (select coalesce(json_agg(sequence.oid::regclass::text order by 1), '[]') from sequence) as sequences,
    (select coalesce(json_agg(distinct jsonb_build_object(
              'name', trg.tgname, 'function', fn.proname, 'trusted', lang.lanpltrusted or lang.lanname in ('internal', 'sql'))), '[]')
       from target
       join pg_catalog.pg_trigger trg on trg.tgrelid = target.oid and not trg.tgisinternal and trg.tgenabled <> 'D'
                                      and trg.tgtype & target.fired <> 0
       join pg_catalog.pg_proc fn on fn.oid = trg.tgfoid
       join pg_catalog.pg_language lang on lang.oid = fn.prolang) as triggers,
    (select coalesce(json_agg(json_build_object('name', target.oid::regclass::text, 'wrapper', wrapper.fdwname)), '[]')
       from (select distinct oid from target) as target
       join pg_catalog.pg_foreign_table remote on remote.ftrelid = target.oid
       join pg_catalog.pg_foreign_server server on server.oid = remote.ftserver
       join pg_catalog.pg_foreign_data_wrapper wrapper on wrapper.oid = server.srvfdw) as foreign_tables,
    (select coalesce(json_agg(distinct jsonb_build_object(
              'name', fn.proname, 'extension', ext.extname, 'trusted', lang.lanpltrusted or lang.lanname in ('internal', 'sql'))), '[]')
       from pg_catalog.pg_proc fn
       join pg_catalog.pg_language lang on lang.oid = fn.prolang
       left join pg_catalog.pg_depend dep on dep.objid = fn.oid and dep.classid = 'pg_catalog.pg_proc'::regclass and dep.deptype = 'e'
       left join pg_catalog.pg_extension ext on ext.oid = dep.refobjid
      where fn.proname = any ($3::text[])
        and (fn.provolatile = 'v' or ext.extname is not null)
        and (fn.pronamespace <> 'pg_catalog'::regnamespace or fn.proname = any ($4::text[]))
        -- functions in C of an extension that is no gateway (postgis, pg_trgm) do not reach outside
        and not (lang.lanname = 'c' and ext.extname is not null and ext.extname <> all ($5::text[]))
    ) as functions`;
