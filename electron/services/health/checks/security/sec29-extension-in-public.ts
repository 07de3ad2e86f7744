import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly extension_name: string;
  readonly version: string;
  readonly is_relocatable: boolean;
  readonly brings_operators: boolean;
  readonly brings_types: boolean;
  /** Functions that name one of its functions, and relations that use it; of one without operators and types. */
  readonly users: readonly string[];
  readonly has_schema: boolean;
  /** The schema is there, and everybody may use it. */
  readonly is_open: boolean;
}

export const extensionInPublic: HealthCheck<Row> = {
  id: 'SEC29',
  group: 'security',
  basis: 'catalog',
  title: 'Extensions in the public schema',
  why: 'The functions of an extension mix with your own in public, are in everybody’s search path, and show up as an API where the schema is exposed. A schema of their own keeps them apart.',
  // Run on PostgreSQL 13 to 18. Bodies of functions are texts: what they name is found in them, and not in the catalog.
  sql: () => `
with in_public as materialized (
  select extension.*
  from pg_catalog.pg_extension as extension
  join pg_catalog.pg_namespace as schema on schema.oid = extension.extnamespace
  where schema.nspname = 'public'
),
member as materialized (
  select
    in_public.oid as extension_oid,
    membership.classid,
    membership.objid
  from in_public
  join pg_catalog.pg_depend as membership
    on membership.refclassid = 'pg_catalog.pg_extension'::regclass
    and membership.refobjid = in_public.oid
    and membership.deptype = 'e'
  where in_public.extrelocatable
),
brings as materialized (
  select
    member.extension_oid,
    bool_or(member.classid = 'pg_catalog.pg_operator'::regclass) as operators,
    bool_or(type.oid is not null) as types
  from member
  left join pg_catalog.pg_type as type
    on member.classid = 'pg_catalog.pg_type'::regclass
    and type.oid = member.objid
    and type.typtype <> 'c'
    and type.typcategory <> 'A'
  group by member.extension_oid
),
-- Those that bring operators or types stay anyway.
plain as materialized (
  select member.*
  from member
  join brings on brings.extension_oid = member.extension_oid and not brings.operators and not brings.types
),
caller as materialized (
  select
    format('%I.%I()', schema.nspname, function.proname) as name,
    function.prosrc
  from pg_catalog.pg_proc as function
  join pg_catalog.pg_namespace as schema on schema.oid = function.pronamespace
  join pg_catalog.pg_language as language on language.oid = function.prolang and language.lanname not in ('internal', 'c')
  where ${isUserSchema('schema')}
    and ${isNotOfExtension('function.oid', 'pg_proc')}
    and exists (select from plain)
),
named as materialized (
  select
    plain.extension_oid,
    function.proname::text as name
  from plain
  join pg_catalog.pg_proc as function on function.oid = plain.objid and function.proname ~ '^\\w+$'
  where plain.classid = 'pg_catalog.pg_proc'::regclass
),
-- Which of the names there are at all, in some text at a time: to begin with a text takes longer than to read it.
heard as materialized (
  select distinct word[1] as name
  from (
    select string_agg(numbered.prosrc, E'\\n') as bodies
    from (
      select
        caller.prosrc,
        sum(length(caller.prosrc)) over (order by caller.name) / 1000000 as part
      from caller
    ) as numbered
    group by numbered.part
  ) as passage
  cross join lateral regexp_matches(
    passage.bodies,
    (select '\\m(?:' || string_agg(distinct named.name, '|') || ')\\M' from named),
    'g'
  ) as word
),
spoken as materialized (
  select
    named.extension_oid,
    '\\m(?:' || string_agg(distinct named.name, '|') || ')\\M' as pattern
  from named
  join heard on heard.name = named.name
  group by named.extension_oid
),
used_by as materialized (
  select
    use.extension_oid,
    format('%I.%I', schema.nspname, relation.relname) as name
  from (
    select
      plain.extension_oid,
      case dependence.classid
        when 'pg_catalog.pg_class'::regclass then dependence.objid
        when 'pg_catalog.pg_rewrite'::regclass then (select rule.ev_class from pg_catalog.pg_rewrite as rule where rule.oid = dependence.objid)
        when 'pg_catalog.pg_attrdef'::regclass then (select filled.adrelid from pg_catalog.pg_attrdef as filled where filled.oid = dependence.objid)
        when 'pg_catalog.pg_constraint'::regclass then (select rule.conrelid from pg_catalog.pg_constraint as rule where rule.oid = dependence.objid)
        when 'pg_catalog.pg_trigger'::regclass then (select rule.tgrelid from pg_catalog.pg_trigger as rule where rule.oid = dependence.objid)
        when 'pg_catalog.pg_policy'::regclass then (select rule.polrelid from pg_catalog.pg_policy as rule where rule.oid = dependence.objid)
      end as relation_oid
    from plain
    join pg_catalog.pg_depend as dependence
      on dependence.refclassid = plain.classid
      and dependence.refobjid = plain.objid
      and dependence.deptype <> 'i'
  ) as use
  join pg_catalog.pg_class as relation on relation.oid = use.relation_oid
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where relation.oid not in (select own.objid from plain as own where own.classid = 'pg_catalog.pg_class'::regclass)
  union
  select
    spoken.extension_oid,
    caller.name
  from spoken
  join caller on caller.prosrc ~ spoken.pattern
)
select
  quote_ident(in_public.extname) as extension_name,
  in_public.extversion as version,
  in_public.extrelocatable as is_relocatable,
  coalesce(brings.operators, false) as brings_operators,
  coalesce(brings.types, false) as brings_types,
  array(select used_by.name from used_by where used_by.extension_oid = in_public.oid order by used_by.name) as users,
  extensions.oid is not null as has_schema,
  coalesce(pg_catalog.has_schema_privilege('public', extensions.oid, 'usage'), false) as is_open
from in_public
left join brings on brings.extension_oid = in_public.oid
left join pg_catalog.pg_namespace as extensions on extensions.nspname = 'extensions'
order by extension_name`,
  findings(rows, { facts }) {
    return rows.map((row) => ({
      object: `extension ${row.extension_name}`,
      severity: 'info' as const,
      message: `Extension ${row.extension_name} is installed in schema public.`,
      evidence: [
        { label: 'Version', value: row.version },
        { label: 'Can be moved', value: row.is_relocatable ? 'yes' : 'no' },
      ],
      ...wayOut(row, facts.database),
    }));
  },
};

/** Whom a move would break cannot be seen whole: where anything speaks for a use, the steps are told and not taken. */
function wayOut(row: Row, database: string): { fixSql?: string; undoSql?: string; lock?: string; caution: string } {
  const setPath = `ALTER DATABASE ${quoteIdentifier(database)} SET search_path = "$user", public, extensions`;
  if (!row.is_relocatable) {
    return {
      caution:
        'It cannot be moved: it would have to be dropped and created again WITH SCHEMA, and whoever uses it then needs that schema in the search_path, and USAGE on it.',
    };
  }
  const uses = reasonsToStay(row);
  if (uses.length > 0) {
    return {
      caution: `${uses.join(' ')} Once it has moved, what names it without a schema fails in sessions without the new one in the search_path. So first CREATE SCHEMA extensions, GRANT USAGE ON SCHEMA extensions TO PUBLIC and ${setPath}, which new sessions have; roles and functions with a search_path of their own need it as well. When the old sessions have ended: ALTER EXTENSION ${row.extension_name} SET SCHEMA extensions.`,
    };
  }
  return {
    fixSql: [
      ...(row.has_schema
        ? []
        : ['create schema if not exists extensions;', 'grant usage on schema extensions to public;']),
      `alter extension ${row.extension_name} set schema extensions;`,
    ].join('\n'),
    undoSql: [
      `alter extension ${row.extension_name} set schema public;`,
      // Another extension may have followed it there.
      ...(row.has_schema
        ? []
        : ['do $$ begin drop schema extensions; exception when dependent_objects_still_exist then null; end $$;']),
    ].join('\n'),
    lock: lockTexts.none,
    caution: `Nothing in the database names it; calls of applications cannot be seen from here. Those that name it without a schema fail until the schema is in their search_path: ${setPath} holds for new sessions, and roles with a search_path of their own need it as well.`,
  };
}

function reasonsToStay(row: Row): string[] {
  const brings = [...(row.brings_operators ? ['operators'] : []), ...(row.brings_types ? ['types'] : [])];
  return [
    ...(brings.length > 0 ? [`It brings ${brings.join(' and ')}, which queries name without a schema.`] : []),
    ...(row.users.length > 0
      ? [
          `It is used by ${row.users.slice(0, 5).join(', ')}${row.users.length > 5 ? ` and ${formatCount(row.users.length - 5)} more` : ''}.`,
        ]
      : []),
    ...(row.has_schema && !row.is_open ? ['Schema extensions is there, and not everybody may use it.'] : []),
  ];
}
