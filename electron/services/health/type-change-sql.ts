/** Which types change: integers to wider ones, or any of the others to another kind. */
export type TypeChange = 'integers' | 'others';

/** Something that depends on the type of a column. */
export interface Obstacle {
  /** What it is and its name: `view app.orders`. */
  readonly name: string;
  /** The tree of its expression and the number of the column there. Whether that bears the change is not asked yet. */
  readonly tree: string | null;
  readonly attnum: number;
}

const variable = (types: string): string => String.raw`\{VAR [^{}]*:vartype (?:${types}) [^{}]*\}`;
const constant = (types: string): string => String.raw`\{CONST :consttype (?:${types}) [^{}]*\}`;
const yieldsBoolean = String.raw`\{OPEXPR :opno \d{1,4} [^{}]*:opresulttype 16 [^{}]*:args `;
const integer = variable('20|21|23');
const number = constant('20|21|23');
/** The comparisons of integers of any two lengths, by the oids that they have in every version. */
const comparison = '15|36|37|76|80|82|9[4-7]|41[0-9]|420|430|51[89]|52[0-5]|53[2-9]|54[0-3]|186[2-9]|187[0-3]';

/**
 * What an expression may do with a column whose type changes, and be the same expression before, after, and after the way
 * back; a list of varchar values alone is put in other words, as by any dump. Tried on PostgreSQL 13 to 18 with all types
 * that the checks change: everything else is refused, comes back in other words, or begins to depend on the session.
 */
const harmlessUses: Readonly<Record<TypeChange, RegExp>> = {
  integers: new RegExp(
    [
      // a < b, id > 0, 0 < id
      String.raw`\{OPEXPR :opno (?:${comparison}) [^{}]*:args \((?:${integer}|${number}) (?:${integer}|${number})\)`,
      // id in (1, 2)
      String.raw`\{SCALARARRAYOPEXPR :opno (?:${comparison}) [^{}]*:args \(${integer} (?:${constant('1005|1007|1016')}|\{ARRAY(?:EXPR)? [^{}]*:elements \((?:${number} ?)+\)[^{}]*\})\)`,
    ].join('|'),
    'g',
  ),
  others: new RegExp(
    [
      // begins < ends, of money or timestamps; char(n) becomes text in a comparison, and stays so
      String.raw`${yieldsBoolean}\(${variable('790|1114|1184')} ${variable('790|1114|1184')}\)`,
      // code::text of char(n), price::numeric of money
      String.raw`\{FUNCEXPR :funcid (?:401|3823) [^{}]*:args \(\{VAR [^{}]*\}\)`,
      // lower(name), name = 'x' of varchar(n): text in any case
      String.raw`:args \((?:\{CONST [^{}]*\} )?\{RELABELTYPE :arg ${variable('1043')}`,
    ].join('|'),
    'g',
  ),
};

/** The names of those that the change of the type would break, each once. */
export function holders(obstacles: readonly Obstacle[], change: TypeChange): string[] {
  const breaking = obstacles.filter(
    ({ tree, attnum }) =>
      tree === null || tree.replace(harmlessUses[change], '').includes(`:varattno ${String(attnum)} `),
  );
  return [...new Set(breaking.map(({ name }) => name))].toSorted();
}

/** Says which things keep a column at its type, in place of a fix that PostgreSQL would refuse. */
export function heldSentence(names: readonly string[]): string {
  const listed = names.slice(0, maxNames).join(', ');
  return `There is no fix while these depend on the type: ${listed}${names.length > maxNames ? ' and others' : ''}.`;
}

/** So many dependencies are named, and one more is looked up. */
const maxNames = 6;

/**
 * The query that tells what stands in the way of ALTER COLUMN … TYPE, as PostgreSQL sees it and by name: views, rules,
 * policies, triggers, functions with an SQL body, publications, generated columns, expressions, foreign keys, partition
 * keys, inheritance, and columns of the table's row type; of tables that inherit the column as well. `columns` is a CTE
 * with `attrelid`, `attnum`, `attname` and `attinhcount`. Answers rows of `attrelid`, `attnum` and `obstacles` (a JSON
 * array of `Obstacle`) for those that have some. A foreign key is no obstacle to an integer that grows.
 * Run on PostgreSQL 13 to 18. The dependencies are looked up for each column (OFFSET): there are far more of them.
 */
export function obstaclesSql(columns: string, change: TypeChange): string {
  return `
  with recursive family as (
    select
      asked.attrelid as asked_table,
      asked.attnum as asked_column,
      asked.attrelid,
      asked.attnum,
      asked.attname,
      asked.attinhcount
    from ${columns} as asked
    union
    select
      family.asked_table,
      family.asked_column,
      heir.attrelid,
      heir.attnum,
      heir.attname,
      -- What comes from one parent changes with that parent.
      (heir.attinhcount - 1)::int2
    from family
    join pg_catalog.pg_inherits as inheritance on inheritance.inhparent = family.attrelid
    cross join lateral (
      select
        attribute.attrelid,
        attribute.attnum,
        attribute.attname,
        attribute.attinhcount
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = inheritance.inhrelid
        and attribute.attname = family.attname
      offset 0
    ) as heir
  ),
  family_table as materialized (
    select
      table_class.oid,
      table_class.relkind,
      table_class.reltype,
      table_class.reloftype
    from (select distinct family.attrelid from family) as member
    cross join lateral (
      select
        relation.oid,
        relation.relkind,
        relation.reltype,
        relation.reloftype
      from pg_catalog.pg_class as relation
      where relation.oid = member.attrelid
      offset 0
    ) as table_class
  ),
  -- The row types of the tables, and what is made of them: arrays, domains, other row types.
  row_type as (
    select
      family_table.oid as attrelid,
      family_table.reltype as type_oid
    from family_table
    union
    select
      row_type.attrelid,
      made.type_oid
    from row_type
    cross join lateral (
      select
        case dependency.classid
          when 'pg_catalog.pg_type'::regclass then dependency.objid
          else (
            select composite.reltype
            from pg_catalog.pg_class as composite
            where composite.oid = dependency.objid
              and composite.relkind = 'c'
          )
        end as type_oid
      from pg_catalog.pg_depend as dependency
      where dependency.refclassid = 'pg_catalog.pg_type'::regclass
        and dependency.refobjid = row_type.type_oid
        and dependency.classid in ('pg_catalog.pg_type'::regclass, 'pg_catalog.pg_class'::regclass)
      offset 0
    ) as made
    where made.type_oid is not null
  ),
  row_type_use as materialized (
    select
      row_type.attrelid,
      used.objid,
      used.objsubid
    from row_type
    cross join lateral (
      select
        dependency.objid,
        dependency.objsubid
      from pg_catalog.pg_depend as dependency
      where dependency.refclassid = 'pg_catalog.pg_type'::regclass
        and dependency.refobjid = row_type.type_oid
        and dependency.classid = 'pg_catalog.pg_class'::regclass
        and dependency.objsubid > 0
      offset 0
    ) as used
  ),
  obstacle as (
    select
      family.asked_table,
      family.asked_column,
      (
        select case named.type
          when 'default value' then 'generated column ' || substr(named.identity, length('for ') + 1)
          when 'table column' then 'generated column ' || named.identity
          when 'table constraint' then 'constraint ' || named.identity
          when 'publication relation' then 'publication of ' || named.identity
          else concat(named.type, ' ', named.identity)
        end
        from pg_catalog.pg_identify_object(held.classid, held.objid, held.objsubid) as named
      ) as name,
      held.tree,
      family.attnum
    from family
    cross join (
      select array_agg(opclass.oid) as oids
      from pg_catalog.pg_opclass as opclass
      where not opclass.opcdefault
        and opclass.opcintype not in ('pg_catalog.text'::regtype, 'pg_catalog.bpchar'::regtype)
    ) as named_class
    cross join lateral (
      -- What may have an expression, without its tests for null, which bear any type.
      (
        select
          dependency.classid,
          dependency.objid,
          dependency.objsubid,
          case when not used.has_named_class then nullif(used.tree, '') end as tree
        from pg_catalog.pg_depend as dependency
        cross join lateral (
          select
            replace(
              case dependency.classid
                when 'pg_catalog.pg_class'::regclass then (
                  select concat(ind.indexprs::text, ind.indpred::text)
                  from pg_catalog.pg_index as ind
                  where ind.indexrelid = dependency.objid
                )
                when 'pg_catalog.pg_constraint'::regclass then (
                  select own_constraint.conbin::text
                  from pg_catalog.pg_constraint as own_constraint
                  where own_constraint.oid = dependency.objid
                )
                -- Expressions came with PostgreSQL 14.
                else (
                  select to_jsonb(statistics) ->> 'stxexprs'
                  from pg_catalog.pg_statistic_ext as statistics
                  where statistics.oid = dependency.objid
                )
              end,
              '{NULLTEST :arg {VAR :varno 1 :varattno ' || family.attnum || ' ',
              '') as tree,
            -- An operator class that was named stays, and takes no other type; those of text do.
            dependency.classid = 'pg_catalog.pg_class'::regclass and exists (
              select
              from pg_catalog.pg_index as ind
              where ind.indexrelid = dependency.objid
                and ind.indclass::oid[] && named_class.oids
                and exists (
                  select
                  from unnest(ind.indkey::int2[], ind.indclass::oid[]) as key (attnum, opclass)
                  where key.attnum = family.attnum
                    and key.opclass = any (named_class.oids)
                )
            ) as has_named_class
          offset 0
        ) as used
        where dependency.refclassid = 'pg_catalog.pg_class'::regclass
          and dependency.refobjid = family.attrelid
          and dependency.refobjsubid = family.attnum
          and dependency.classid in (
            'pg_catalog.pg_class'::regclass,
            'pg_catalog.pg_constraint'::regclass,
            'pg_catalog.pg_statistic_ext'::regclass
          )
          and (
            used.has_named_class
            or strpos(used.tree, ':varattno ' || family.attnum || ' ') > 0
            -- A generated column of PostgreSQL 13 and 14; a sequence goes along.
            or dependency.classid = 'pg_catalog.pg_class'::regclass and dependency.objsubid > 0${
              change === 'integers'
                ? ''
                : `
            or dependency.classid = 'pg_catalog.pg_constraint'::regclass and (
              select own_constraint.contype = 'f'
              from pg_catalog.pg_constraint as own_constraint
              where own_constraint.oid = dependency.objid
            )`
            }
          )
      )
      union all
      -- All else. A view is known by its name and not by that of its rule; some columns have thousands of them.
      (
        select
          case when viewed.oid is null then dependency.classid else 'pg_catalog.pg_class'::regclass end,
          coalesce(viewed.oid, dependency.objid),
          dependency.objsubid,
          null
        from pg_catalog.pg_depend as dependency
        left join lateral (
          select rule.ev_class as oid
          from pg_catalog.pg_rewrite as rule
          where rule.oid = dependency.objid
            and dependency.classid = 'pg_catalog.pg_rewrite'::regclass
            and rule.rulename = '_RETURN'
          offset 0
        ) as viewed on true
        where dependency.refclassid = 'pg_catalog.pg_class'::regclass
          and dependency.refobjid = family.attrelid
          and dependency.refobjsubid = family.attnum
          and dependency.classid not in (
            'pg_catalog.pg_class'::regclass,
            'pg_catalog.pg_constraint'::regclass,
            'pg_catalog.pg_statistic_ext'::regclass
          )
          -- The default of a generated column; its own depends on it in another way.
          and (dependency.classid <> 'pg_catalog.pg_attrdef'::regclass or dependency.deptype = 'n')
        limit ${maxNames + 1}
      )
    ) as held
    union all
    -- Columns of a partition key depend on their table.
    select
      family.asked_table,
      family.asked_column,
      'partition key of ' || (
        select named.identity
        from pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, family.attrelid, 0) as named
      ),
      null,
      family.attnum
    from family
    where case
        when family.attrelid in (select partitioned.partrelid from pg_catalog.pg_partitioned_table as partitioned)
          then exists (
            select
            from pg_catalog.pg_depend as dependency
            where dependency.classid = 'pg_catalog.pg_class'::regclass
              and dependency.objid = family.attrelid
              and dependency.objsubid = family.attnum
              and dependency.refclassid = 'pg_catalog.pg_class'::regclass
              and dependency.refobjid = family.attrelid
              and dependency.refobjsubid = 0
              and dependency.deptype = 'i'
            offset 0
          )
        else false
      end
    union all
    select
      family.asked_table,
      family.asked_column,
      'parent table ' || (
        select named.identity
        from pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, inheritance.inhparent, 0) as named
      ),
      null,
      family.attnum
    from family
    join pg_catalog.pg_inherits as inheritance on inheritance.inhrelid = family.attrelid
    where family.attinhcount > 0
      and inheritance.inhparent <> family.asked_table
    union all
    select
      family.asked_table,
      family.asked_column,
      'type ' || (
        select named.identity
        from pg_catalog.pg_identify_object('pg_catalog.pg_type'::regclass, family_table.reloftype, 0) as named
      ),
      null,
      family.attnum
    from family_table
    join family on family.attrelid = family_table.oid
    where family_table.reloftype <> 0
    union all${
      change === 'integers'
        ? ''
        : `
    -- USING says how rows become what they are to be, which another server's do not.
    select
      family.asked_table,
      family.asked_column,
      'foreign table ' || (
        select named.identity
        from pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, family_table.oid, 0) as named
      ),
      null,
      family.attnum
    from family_table
    join family on family.attrelid = family_table.oid
    where family_table.relkind = 'f'
    union all`
    }
    select
      family.asked_table,
      family.asked_column,
      'column ' || (
        select named.identity
        from pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, user_table.oid, row_type_use.objsubid) as named
      ) || ', of this row type',
      null,
      family.attnum
    from row_type_use
    join pg_catalog.pg_class as user_table
      on user_table.oid = row_type_use.objid
      and user_table.relkind in ('r', 'm', 'p')
    join family on family.attrelid = row_type_use.attrelid
  )
  select
    obstacle.asked_table as attrelid,
    obstacle.asked_column as attnum,
    json_agg(json_build_object('name', obstacle.name, 'tree', obstacle.tree, 'attnum', obstacle.attnum)) as obstacles
  from obstacle
  group by
    obstacle.asked_table,
    obstacle.asked_column`;
}
