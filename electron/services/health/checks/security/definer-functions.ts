import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthFacts } from '../../health-check.ts';
import { otherGrantors } from './grants.ts';

/** One SECURITY DEFINER function. */
export interface DefinerFunctionRow {
  /** As ALTER FUNCTION and GRANT want it: `app.add(integer, integer)`. */
  readonly signature: string;
  /** Quoted where it must be. */
  readonly schema_name: string;
  /** PUBLIC may use the schema, and so name the function. */
  readonly is_reachable: boolean;
  /** Roles other than the owner may call it, or a trigger runs it for them. */
  readonly is_for_others: boolean;
  readonly kind: 'function' | 'procedure';
  readonly owner: string;
  readonly owner_is_superuser: boolean;
  readonly has_search_path: boolean;
  readonly is_public: boolean;
  /** `c` and `internal` look no names up. */
  readonly language: string;
  /** Roles other than the owner that let everybody call it. */
  readonly other_grantors: string | null;
  /** Quoted names of other schemas that have relations, types or functions of names that the body has without a schema. */
  readonly other_schemas: readonly string[];
  readonly returns: string;
}

/**
 * SECURITY DEFINER functions and procedures of users. Aggregates cannot have settings, and a body in standard SQL (since
 * 14) has looked its names up already. Which words of a body are names is not known: any word counts that does not come
 * after a dot. Run on PostgreSQL 13 to 18.
 */
export function definerFunctionsSql(facts: HealthFacts): string {
  return `
select
  format('%I.%I(%s)', schema.nspname, routine.proname, pg_catalog.pg_get_function_identity_arguments(routine.oid)) as signature,
  quote_ident(schema.nspname) as schema_name,
  pg_catalog.has_schema_privilege('public', schema.oid, 'usage') as is_reachable,
  routine.prorettype in ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
    or exists (
      select
      from pg_catalog.aclexplode(coalesce(routine.proacl, pg_catalog.acldefault('f', routine.proowner))) as grant_item
      where grant_item.grantee <> routine.proowner
        and grant_item.privilege_type = 'EXECUTE'
    ) as is_for_others,
  case routine.prokind when 'p' then 'procedure' else 'function' end as kind,
  quote_ident(owner.rolname) as owner,
  owner.rolsuper as owner_is_superuser,
  exists (
    select
    from unnest(routine.proconfig) as item
    where item like 'search\\_path=%'
  ) or ${facts.versionNum >= 140_000 ? 'routine.prosqlbody is not null' : 'false'} as has_search_path,
  exists (
    select
    from pg_catalog.aclexplode(coalesce(routine.proacl, pg_catalog.acldefault('f', routine.proowner))) as grant_item
    where grant_item.grantee = 0
      and grant_item.privilege_type = 'EXECUTE'
  ) as is_public,
  (
    select ${otherGrantors('grant_item.grantor', 'routine.proowner')}
    from pg_catalog.aclexplode(routine.proacl) as grant_item
    where grant_item.grantee = 0
      and grant_item.privilege_type = 'EXECUTE'
  ) as other_grantors,
  array(
    select distinct quote_ident(other_schema.nspname)
    from (
      select distinct lower(word[1])::name as name
      from regexp_matches(routine.prosrc, '(?<![.[:alnum:]_$])[[:alpha:]_][[:alnum:]_$]*', 'g') as word
    ) as word
    cross join lateral (
      select relation.relnamespace as schema_oid
      from pg_catalog.pg_class as relation
      where relation.relname = word.name
      union
      select type.typnamespace
      from pg_catalog.pg_type as type
      where type.typname = word.name
      union
      select called.pronamespace
      from pg_catalog.pg_proc as called
      where called.proname = word.name
    ) as holder
    join pg_catalog.pg_namespace as other_schema on other_schema.oid = holder.schema_oid
    where other_schema.oid <> schema.oid
      and ${isUserSchema('other_schema')}
    order by 1
  ) as other_schemas,
  language.lanname::text as language,
  pg_catalog.format_type(routine.prorettype, null) as returns
from pg_catalog.pg_proc as routine
join pg_catalog.pg_namespace as schema on schema.oid = routine.pronamespace
join pg_catalog.pg_roles as owner on owner.oid = routine.proowner
join pg_catalog.pg_language as language on language.oid = routine.prolang
where routine.prosecdef
  and routine.prokind in ('f', 'p')
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('routine.oid', 'pg_proc')}
order by signature`;
}
