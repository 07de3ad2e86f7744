import type { HealthFinding, Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  addressText,
  effectiveRules,
  grantHbaRules,
  hbaConfidence,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
  remoteCells,
  wantsCertificate,
  type EffectiveRule,
  type HbaRow,
} from './hba-rules.ts';

export const weakAuthentication: HealthCheck<HbaRow> = {
  id: 'SEC08',
  group: 'security',
  basis: 'catalog',
  title: 'Weak authentication in pg_hba.conf',
  why: 'pg_hba.conf decides who must prove what. trust asks for nothing, password sends it readable, and md5 and ident are easily passed.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  // Run on PostgreSQL 13 to 18. Whoever may not read the view is told so by the server, and the engine names the grant.
  sql: hbaRulesSql,
  unlockSql: grantHbaRules,
  findings(rows) {
    const isRemote = listensRemotely(rows);
    return effectiveRules(rows).flatMap((rule) => {
      const { row } = rule;
      const weakness = weaknessOf(rule, isRemote && remoteCells(rule).length > 0);
      if (weakness === undefined || wantsCertificate(row)) return [];
      return [
        {
          object: hbaLine(row),
          severity: weakness.severity,
          message: `${upperFirst(hbaLine(row))} uses ${row.auth_method ?? ''} for ${row.type ?? ''} connections${row.type === 'local' ? '' : ` from ${addressText(row)}`}: it ${weakness.consequence}.`,
          evidence: hbaEvidence(row),
          caution:
            'Change the method to scram-sha-256 in the file and reload; passwords stored as MD5 must be set again first.',
          ...hbaConfidence(rows),
        } satisfies HealthFinding,
      ];
    });
  },
};

/** On the machine itself others have other ways in, so there it weighs less. */
function weaknessOf(
  rule: EffectiveRule,
  isRemote: boolean,
): { readonly severity: Severity; readonly consequence: string } | undefined {
  switch (rule.row.auth_method) {
    case 'trust':
      return { severity: isRemote ? 'critical' : 'warning', consequence: 'lets everybody in without a password' };
    case 'password': {
      const isReadable = rule.cells.some(({ transport }) => transport === 'plain');
      const severity = isRemote ? (isReadable ? 'critical' : 'warning') : 'info';
      return {
        severity,
        consequence: isReadable ? 'sends passwords in clear text' : 'hands the password itself to the server',
      };
    }
    case 'md5':
      // With secrets of SCRAM alone the method md5 asks for SCRAM.
      if (rule.row.md5_passwords === 0)
        return { severity: 'info', consequence: 'would accept MD5, although no password is stored so now' };
      return { severity: isRemote ? 'warning' : 'info', consequence: 'accepts MD5, which is cheap to guess' };
    case 'ident':
      return { severity: isRemote ? 'warning' : 'info', consequence: 'believes what the client’s machine says' };
    default:
      return undefined;
  }
}

function upperFirst(text: string): string {
  return text.startsWith('pg_hba') ? `Line ${text.split(' line ')[1] ?? ''} of pg_hba.conf` : text;
}
