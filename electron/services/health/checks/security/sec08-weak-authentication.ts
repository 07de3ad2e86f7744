import type { HealthFinding, Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { effectiveRules, hbaSeverity, remoteCells, type EffectiveRule } from './effective-hba-rules.ts';
import {
  addressText,
  certificateOf,
  grantHbaRules,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
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
      const remote = isRemote ? remoteCells(rule) : [];
      const weakness = weaknessOf(rule, remote.length > 0);
      if (weakness === undefined) return [];
      return [
        {
          object: hbaLine(row),
          message: `${upperFirst(hbaLine(row))} uses ${row.auth_method ?? ''} for ${row.type ?? ''} connections${row.type === 'local' ? '' : ` from ${addressText(row)}`}: it ${weakness.consequence}.`,
          evidence: hbaEvidence(row),
          caution:
            'Change the method to scram-sha-256 in the file and reload; passwords stored as MD5 must be set again first.',
          ...hbaSeverity(remote.length > 0 ? remote : rule.cells, weakness.severity, rows),
        } satisfies HealthFinding,
      ];
    });
  },
};

interface Weakness {
  readonly severity: Severity;
  readonly consequence: string;
}

/** A certificate in the name of the role proves who comes; any of the CA keeps out only those who have none. */
function weaknessOf(rule: EffectiveRule, isRemote: boolean): Weakness | undefined {
  const certificate = certificateOf(rule.row);
  const weakness = certificate === 'of the role' ? undefined : methodWeakness(rule, isRemote);
  if (weakness === undefined || certificate === undefined) return weakness;
  return rule.row.auth_method === 'trust'
    ? {
        severity: isRemote ? 'warning' : 'info',
        consequence: 'lets in whoever has a client certificate of the CA, as any of its roles',
      }
    : {
        severity: 'info',
        consequence: `${weakness.consequence}, though only from whoever has a client certificate of the CA`,
      };
}

/** On the machine itself others have other ways in, so there it weighs less. */
function methodWeakness(rule: EffectiveRule, isRemote: boolean): Weakness | undefined {
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
  return text.startsWith('pg_hba.conf line ') ? `Line ${text.split(' line ')[1] ?? ''} of pg_hba.conf` : text;
}
