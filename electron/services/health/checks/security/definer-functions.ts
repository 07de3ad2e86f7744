import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

/** One SECURITY DEFINER function. */
export interface DefinerFunctionRow {
  /** As ALTER FUNCTION and GRANT want it: `app.add(integer, integer)`. */
  readonly signature: string;
  readonly kind: 'function' | 'procedure';
  readonly owner: string;
  readonly owner_is_superuser: boolean;
  readonly has_search_path: boolean;
  readonly is_public: boolean;
  readonly language: string;
  readonly returns: string;
}

/**
 * SECURITY DEFINER functions and procedures of users. Aggregates cannot have settings, and functions in C and internal
 * ones do not look names up through the search path. Run on PostgreSQL 13 to 18.
 */
export const definerFunctionsSql = `
select
  format('%I.%I(%s)', schema.nspname, routine.proname, pg_catalog.pg_get_function_identity_arguments(routine.oid)) as signature,
  case routine.prokind when 'p' then 'procedure' else 'function' end as kind,
  quote_ident(owner.rolname) as owner,
  owner.rolsuper as owner_is_superuser,
  exists (
    select
    from unnest(routine.proconfig) as item
    where item like 'search\\_path=%'
  ) as has_search_path,
  exists (
    select
    from pg_catalog.aclexplode(coalesce(routine.proacl, pg_catalog.acldefault('f', routine.proowner))) as grant_item
    where grant_item.grantee = 0
      and grant_item.privilege_type = 'EXECUTE'
  ) as is_public,
  language.lanname::text as language,
  pg_catalog.format_type(routine.prorettype, null) as returns
from pg_catalog.pg_proc as routine
join pg_catalog.pg_namespace as schema on schema.oid = routine.pronamespace
join pg_catalog.pg_roles as owner on owner.oid = routine.proowner
join pg_catalog.pg_language as language on language.oid = routine.prolang
where routine.prosecdef
  and routine.prokind in ('f', 'p')
  and language.lanname not in ('c', 'internal')
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('routine.oid', 'pg_proc')}
order by signature`;
