import type { HealthFinding } from '#contract/health-model.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly language_name: string;
  readonly is_builtin: boolean;
  readonly extension_name: string | null;
  /** Functions that users wrote in it, and those of them that no superuser owns: the first few, and how many there are. */
  readonly functions: readonly string[];
  readonly function_count: number;
  readonly owned_by_others: readonly string[];
  readonly owned_by_others_count: number;
}

/** At most so many functions are named. */
const maxNamed = 20;

export const untrustedLanguages: HealthCheck<Row> = {
  id: 'SEC24',
  group: 'security',
  basis: 'catalog',
  title: 'Untrusted languages',
  why: 'A function in an untrusted language can read and write files and run programs as the user of the server. Only a superuser may make one, and whoever may call it does what it does.',
  // Run on PostgreSQL 13 to 18. C and internal are PostgreSQL's own: there only functions that others own are told.
  sql: () => `
with written as materialized (
  select
    routine.prolang,
    format('%I.%I(%s)', schema.nspname, routine.proname, pg_catalog.pg_get_function_identity_arguments(routine.oid)) as signature,
    owner.rolsuper
  from pg_catalog.pg_proc as routine
  join pg_catalog.pg_language as language on language.oid = routine.prolang and not language.lanpltrusted
  join pg_catalog.pg_namespace as schema on schema.oid = routine.pronamespace
  join pg_catalog.pg_roles as owner on owner.oid = routine.proowner
  where ${isUserSchema('schema')}
    and ${isNotOfExtension('routine.oid', 'pg_proc')}
)
select
  quote_ident(language.lanname) as language_name,
  language.lanname in ('c', 'internal') as is_builtin,
  (
    select quote_ident(extension.extname)
    from pg_catalog.pg_depend as membership
    join pg_catalog.pg_extension as extension on extension.oid = membership.refobjid
    where membership.classid = 'pg_catalog.pg_language'::regclass
      and membership.objid = language.oid
      and membership.deptype = 'e'
  ) as extension_name,
  array(select written.signature from written where written.prolang = language.oid order by 1 limit ${maxNamed}) as functions,
  (select count(*)::int4 from written where written.prolang = language.oid) as function_count,
  array(select written.signature from written where written.prolang = language.oid and not written.rolsuper order by 1 limit ${maxNamed})
    as owned_by_others,
  (select count(*)::int4 from written where written.prolang = language.oid and not written.rolsuper) as owned_by_others_count
from pg_catalog.pg_language as language
where not language.lanpltrusted
order by language_name`,
  findings(rows) {
    return rows.flatMap((row): HealthFinding[] => {
      const others = row.owned_by_others;
      if (others.length > 0) {
        return [
          {
            object: `language ${row.language_name}`,
            severity: 'warning',
            message: `${plural(row.owned_by_others_count, 'function')} in the untrusted language ${row.language_name} ${row.owned_by_others_count === 1 ? 'belongs' : 'belong'} to roles that are no superusers: ${others.slice(0, 4).join(', ')}.`,
            measure: row.owned_by_others_count,
            evidence: [{ label: 'Functions', value: nameSome(others, row.owned_by_others_count) }],
            caution: 'Give them to a superuser, and grant EXECUTE to whom it is meant for.',
          },
        ];
      }
      if (row.is_builtin) return [];
      return [
        {
          object: `language ${row.language_name}`,
          severity: 'info',
          message:
            row.functions.length === 0
              ? `The untrusted language ${row.language_name} is installed, and no function of yours is written in it.`
              : `${plural(row.function_count, 'function')} ${row.function_count === 1 ? 'is' : 'are'} written in the untrusted language ${row.language_name}.`,
          measure: row.function_count,
          evidence: [
            { label: 'Functions', value: nameSome(row.functions, row.function_count) || 'none' },
            { label: 'Extension', value: row.extension_name ?? 'none' },
          ],
          caution:
            row.functions.length === 0
              ? 'Other extensions may need it: DROP says so unless CASCADE is written.'
              : 'Read what they do with the machine of the server, and who may call them.',
        },
      ];
    });
  },
};

function nameSome(names: readonly string[], count: number): string {
  return `${names.join(', ')}${count > names.length ? ' and more' : ''}`;
}
