import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly role_name: string;
  readonly has_limit: boolean;
  readonly max_connections: number;
}

/** At most so many roles are named in one line. */
const maxNamed = 30;

export const noConnectionLimit: HealthCheck<Row> = {
  id: 'SEC27',
  group: 'security',
  basis: 'catalog',
  title: 'Logins without a connection limit',
  why: 'One application that leaks connections can take all of them from the others. CONNECTION LIMIT keeps it to its share.',
  onlyWhenAsked: true,
  // Run on PostgreSQL 13 to 18. The limit does not hold for superusers.
  sql: () => `
select
  quote_ident(role.rolname) as role_name,
  role.rolconnlimit >= 0 as has_limit,
  pg_catalog.current_setting('max_connections')::int4 as max_connections
from pg_catalog.pg_roles as role
where role.rolcanlogin
  and not role.rolsuper
order by role_name`,
  findings(rows) {
    const endless = rows.filter((row) => !row.has_limit).map((row) => row.role_name);
    const [first] = rows;
    if (endless.length === 0 || first === undefined) return [];
    return [
      {
        object: 'roles without CONNECTION LIMIT',
        severity: 'info',
        message: `${plural(endless.length, 'login has', 'logins have')} no connection limit: ${endless.slice(0, maxNamed).join(', ')}.`,
        measure: endless.length,
        evidence: [
          { label: 'Logins', value: formatCount(rows.length) },
          { label: 'max_connections', value: formatCount(first.max_connections) },
        ],
      },
    ];
  },
};
