import type { Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { grantHbaRules } from './hba-rules.ts';

interface Row {
  readonly line_number: number;
  readonly type: string | null;
  readonly databases: readonly string[] | null;
  readonly users: readonly string[] | null;
  readonly address: string | null;
  readonly auth_method: string;
}

const weaknesses: Readonly<Record<string, readonly [Severity, string]>> = {
  trust: ['critical', 'lets everybody in without a password'],
  password: ['critical', 'sends passwords in clear text'],
  md5: ['warning', 'accepts MD5, which is cheap to guess'],
  ident: ['warning', 'believes what the client’s machine says'],
};

export const weakAuthentication: HealthCheck<Row> = {
  id: 'SEC08',
  group: 'security',
  basis: 'catalog',
  title: 'Weak authentication in pg_hba.conf',
  why: 'pg_hba.conf decides who must prove what. trust asks for nothing, password sends it readable, and md5 and ident are easily passed.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  // Run on PostgreSQL 13 to 18. Whoever may not read the view is told so by the server, and the engine names the grant.
  sql: () => `
select
  rule.line_number,
  rule.type,
  rule.database as databases,
  rule.user_name as users,
  nullif(concat_ws('/', rule.address, rule.netmask), '') as address,
  rule.auth_method
from pg_catalog.pg_hba_file_rules as rule
where rule.auth_method in ('trust', 'password', 'md5', 'ident')
order by rule.line_number`,
  unlockSql: grantHbaRules,
  findings(rows) {
    return rows.flatMap((row) => {
      const [severity, consequence] = weaknesses[row.auth_method] ?? [];
      if (severity === undefined || consequence === undefined) return [];
      const isLocal = row.type === 'local' || /^(127\.|::1|localhost)/.test(row.address ?? '');
      return [
        {
          object: `pg_hba.conf line ${String(row.line_number)}`,
          // On the machine itself others have other ways in.
          severity: isLocal && severity === 'critical' ? ('warning' as const) : isLocal ? ('info' as const) : severity,
          message: `Line ${String(row.line_number)} of pg_hba.conf uses ${row.auth_method} for ${row.type ?? ''} connections${row.address === null ? '' : ` from ${row.address}`}: it ${consequence}.`,
          evidence: [
            { label: 'Databases', value: (row.databases ?? []).join(', ') },
            { label: 'Users', value: (row.users ?? []).join(', ') },
            { label: 'Address', value: row.address ?? 'local socket' },
          ],
          caution:
            'Change the method to scram-sha-256 in the file and reload; passwords stored as MD5 must be set again first.',
          confidence: 'high' as const,
        },
      ];
    });
  },
};
