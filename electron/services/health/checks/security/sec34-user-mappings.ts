import type { HealthFinding } from '#contract/health-model.ts';
import { plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';

interface Row {
  readonly server_name: string;
  /** Quoted; null for PUBLIC. */
  readonly user_name: string | null;
  readonly is_superuser: boolean;
  /** False where the options are hidden. The owner of the server sees those of PUBLIC alone. */
  readonly is_visible: boolean;
  readonly has_password: boolean;
  /** `password_required=false`: a superuser let it connect without one. */
  readonly goes_without: boolean;
}

export const userMappings: HealthCheck<Row> = {
  id: 'SEC34',
  group: 'security',
  basis: 'catalog',
  title: 'Mappings to foreign servers with passwords, or for everybody',
  why: 'A mapping for PUBLIC lets every role that may use the foreign server act as one user there. A password in a mapping stands in the catalog as it is, and in every dump of it.',
  // Run on PostgreSQL 13 to 18. No option leaves the server, only whether it is set.
  sql: ({ isSuperuser }) => `
select
  quote_ident(mapping.srvname) as server_name,
  case when mapping.umuser <> 0 then quote_ident(mapping.usename) end as user_name,
  coalesce(role.rolsuper, false) as is_superuser,
  case
    when ${String(isSuperuser)} then true
    when mapping.umuser = 0 then pg_catalog.pg_has_role(server.srvowner, 'usage')
    else mapping.usename = current_user
      and (pg_catalog.pg_has_role(server.srvowner, 'usage') or pg_catalog.has_server_privilege(server.oid, 'usage'))
  end as is_visible,
  exists (
    select
    from unnest(mapping.umoptions) as option
    where option ~ '^(password|passwd|pwd|sslpassword)='
  ) as has_password,
  exists (
    select
    from unnest(mapping.umoptions) as option
    where option ~* '^password_required=(false|off)$'
  ) as goes_without
from pg_catalog.pg_user_mappings as mapping
join pg_catalog.pg_foreign_server as server on server.oid = mapping.srvid
left join pg_catalog.pg_roles as role on role.oid = mapping.umuser
order by server_name, user_name nulls first`,
  findings(rows, { facts }) {
    const findings = [...Map.groupBy(rows, (row) => row.server_name)].flatMap(([server, mappings]) =>
      findingsOf(server, mappings),
    );
    const hidden = rows.filter((row) => !row.is_visible);
    return hidden.length === 0
      ? findings
      : cannotTell(
          `The options of ${plural(hidden.length, 'mapping')} are hidden from ${facts.user}; a superuser sees them.`,
          { findings },
        );
  },
};

function findingsOf(server: string, mappings: readonly Row[]): HealthFinding[] {
  const everybody = mappings.find((row) => row.user_name === null);
  const withPassword = mappings.filter((row) => row.has_password && row.user_name !== null);
  const without = mappings.filter((row) => row.goes_without && !row.is_superuser);
  const findings: HealthFinding[] = [];
  if (everybody !== undefined) {
    findings.push({
      object: `server ${server}: PUBLIC`,
      severity: 'warning',
      message: `Every role that may use server ${server} connects to it as the same user, by a mapping for PUBLIC${everybody.has_password ? ' with a password' : ''}.`,
      evidence: [
        { label: 'Password in the mapping', value: everybody.is_visible ? yesNo(everybody.has_password) : 'hidden' },
      ],
      caution: 'Make a mapping for each role that needs it before this one goes.',
    });
  }
  if (withPassword.length > 0) {
    findings.push({
      object: `server ${server}`,
      severity: 'info',
      message: `${plural(withPassword.length, 'mapping')} to server ${server} ${withPassword.length === 1 ? 'holds its password' : 'hold their passwords'} in clear text: ${withPassword.map((row) => row.user_name ?? '').join(', ')}.`,
      measure: withPassword.length,
      evidence: [{ label: 'Roles', value: withPassword.map((row) => row.user_name ?? '').join(', ') }],
      caution: 'Dumps made by a superuser contain it. A certificate or GSSAPI needs no password.',
    });
  }
  if (without.length > 0) {
    findings.push({
      object: `server ${server}: password_required`,
      severity: 'warning',
      message: `${without.map((row) => row.user_name ?? 'PUBLIC').join(', ')} may connect to server ${server} without a password, with what the server’s own machine is trusted with.`,
      evidence: [{ label: 'password_required', value: 'false' }],
    });
  }
  return findings;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
