import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly role_name: string;
  readonly can_login: boolean;
}

export const md5Passwords: HealthCheck<Row> = {
  id: 'SEC04',
  group: 'security',
  basis: 'catalog',
  title: 'Passwords stored as MD5',
  why: 'An MD5 hash of a password can be used to log in as it is, and is cheap to guess. PostgreSQL 18 warns about it and a later version will refuse it.',
  requires: { privilege: 'superuser' },
  // Run on PostgreSQL 13 to 18. Only a superuser can see how passwords are stored; the hash itself is not read.
  sql: () => `
select
  quote_ident(role.rolname) as role_name,
  role.rolcanlogin as can_login
from pg_catalog.pg_authid as role
where role.rolpassword like 'md5%'
order by role_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `role ${row.role_name}`,
      severity: 'warning' as const,
      message: `The password of ${row.role_name} is stored as MD5${row.can_login ? '' : ', though it cannot log in'}.`,
      evidence: [{ label: 'Can log in', value: row.can_login ? 'yes' : 'no' }],
      caution:
        'Set the password again with password_encryption = scram-sha-256, for example with \\password in psql. Very old clients do not know SCRAM.',
    }));
  },
};
