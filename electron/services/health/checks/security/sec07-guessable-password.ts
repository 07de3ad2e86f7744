import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly role_name: string;
  readonly guess: 'empty' | 'name';
}

export const guessablePassword: HealthCheck<Row> = {
  id: 'SEC07',
  group: 'security',
  basis: 'catalog',
  title: 'Passwords equal to the role name',
  why: 'The name of the role is the first guess of everybody who tries.',
  requires: { privilege: 'superuser' },
  // Run on PostgreSQL 13 to 18. The server compares MD5 hashes itself, and no hash leaves it. A SCRAM secret takes
  // thousands of rounds to compare, which SQL cannot do.
  sql: () => `
select
  quote_ident(role.rolname) as role_name,
  case
    when role.rolpassword = 'md5' || md5(role.rolname) then 'empty'
    else 'name'
  end as guess
from pg_catalog.pg_authid as role
where role.rolcanlogin
  and role.rolpassword in ('md5' || md5(role.rolname), 'md5' || md5(role.rolname || role.rolname))
order by role_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `role ${row.role_name}`,
      severity: 'critical' as const,
      message: `The password of ${row.role_name} is ${row.guess === 'empty' ? 'empty' : 'its own name'}.`,
      evidence: [{ label: 'Stored as', value: 'MD5' }],
      fixSql: `alter role ${row.role_name} password null;`,
      lock: lockTexts.none,
      caution: 'The role cannot log in by password until a new one is set.',
      confidence: 'high' as const,
    }));
  },
};
