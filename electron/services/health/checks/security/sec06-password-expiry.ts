import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly role_name: string;
  readonly is_superuser: boolean;
  /** Seconds until the password expires, negative when it has; null where it never does or always had. */
  readonly seconds_left: number | null;
  /** Valid until -infinity. */
  readonly was_never_valid: boolean;
  readonly valid_until: string | null;
}

/** At most so many roles are named in one line. */
const maxNamed = 30;

export const passwordExpiry: HealthCheck<Row, 'warnDays'> = {
  id: 'SEC06',
  group: 'security',
  basis: 'catalog',
  title: 'Passwords that have expired, will soon, or never do',
  why: 'After VALID UNTIL a role cannot log in by password, and its application stops at the next connection. Where most roles of a server have such a date, those without one were usually forgotten.',
  thresholds: {
    warnDays: { usual: 14, unit: 'days', label: 'Days before a password expires from which it is reported' },
  },
  // Run on PostgreSQL 13 to 18. A role whose password a superuser can see to be unset logs in otherwise.
  sql: ({ isSuperuser }) => `
select
  quote_ident(role.rolname) as role_name,
  role.rolsuper as is_superuser,
  case when isfinite(role.rolvaliduntil) then extract(epoch from role.rolvaliduntil - now())::float8 end as seconds_left,
  role.rolvaliduntil is not distinct from '-infinity' as was_never_valid,
  role.rolvaliduntil::text as valid_until
from pg_catalog.pg_roles as role
where role.rolcanlogin
  ${isSuperuser ? 'and role.oid in (select secret.oid from pg_catalog.pg_authid as secret where secret.rolpassword is not null)' : ''}
order by role_name`,
  findings(rows, { facts, limits }) {
    const endless = rows.filter((row) => row.seconds_left === null && !row.was_never_valid).map((row) => row.role_name);
    const datedCount = rows.length - endless.length;
    const findings = rows.flatMap((row): HealthFinding[] => {
      const evidence = [{ label: 'Valid until', value: row.valid_until ?? '' }];
      const seconds = row.seconds_left;
      if (seconds === null && !row.was_never_valid) return [];
      const left = formatDuration(Math.abs(seconds ?? 0) * 1000);
      if (seconds === null || seconds <= 0) {
        return [
          {
            object: `role ${row.role_name}`,
            severity: 'info',
            message: `${facts.isSuperuser ? 'The' : 'Any'} password of ${row.role_name} ${seconds === null ? 'was never valid' : `expired ${left} ago`}: it cannot log in by password.`,
            ...(seconds === null ? {} : { measure: -seconds / 86_400 }),
            evidence,
            caution: 'Drop the role if nobody needs it, or set a new password with a new date.',
          },
        ];
      }
      if (seconds > limits.warnDays * 86_400) return [];
      return [
        {
          object: `role ${row.role_name}`,
          severity: 'warning',
          message: `${facts.isSuperuser ? 'The' : 'Any'} password of ${row.role_name} expires in ${left}: from then on it cannot log in by password.`,
          evidence,
          caution: 'Set a new password with a new date, in its applications as well.',
        },
      ];
    });
    if (datedCount === 0 || endless.length === 0) return findings;
    return [
      ...findings,
      {
        object: 'roles without VALID UNTIL',
        severity: 'info',
        message: `${formatCount(datedCount)} of ${formatCount(rows.length)} logins have passwords that expire; the others ${facts.isSuperuser ? 'never do' : 'have no such date, or no password'}: ${endless.slice(0, maxNamed).join(', ')}.`,
        measure: endless.length,
        evidence: [{ label: 'Logins without an end', value: endless.slice(0, maxNamed).join(', ') }],
        confidence: 'low',
        confidenceReason: 'Many teams let passwords live until they are known to be stolen.',
      },
    ];
  },
};
