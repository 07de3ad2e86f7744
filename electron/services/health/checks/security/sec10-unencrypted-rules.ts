import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { effectiveRules, hbaSeverity, remoteCells } from './effective-hba-rules.ts';
import {
  addressText,
  admits,
  grantHbaRules,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
  type HbaRow,
} from './hba-rules.ts';

export const unencryptedRules: HealthCheck<HbaRow> = {
  id: 'SEC10',
  group: 'security',
  basis: 'catalog',
  title: 'Rules of pg_hba.conf without encryption, or with errors',
  why: 'A host line takes connections with and without TLS, so the client decides whether the data can be read on the way. A line with an error makes the server keep the rules it had: changes below it are not in force.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  // Where TLS is off altogether, SEC11 says so.
  sql: hbaRulesSql,
  unlockSql: grantHbaRules,
  findings(rows) {
    const errors = rows
      .filter((row) => row.error !== null || row.type === null)
      .map((row) => errorFinding(row, row.error ?? 'the server does not say why'));
    if (!listensRemotely(rows) || rows[0]?.ssl !== 'on') return errors;
    const unencrypted = effectiveRules(rows)
      .filter((rule) => admits(rule.row))
      .map((rule) => ({ row: rule.row, plain: remoteCells(rule).filter(({ transport }) => transport === 'plain') }))
      .filter(({ plain }) => plain.length > 0)
      .map(({ row, plain }): HealthFinding => ({
        object: hbaLine(row),
        message: `${hbaLine(row)} takes connections from ${addressText(row)} without TLS, although TLS is on.`,
        evidence: hbaEvidence(row),
        caution: `Write hostssl in place of ${row.type ?? 'host'}; clients with sslmode=disable can then not connect.`,
        ...hbaSeverity(plain, 'warning', rows),
      }));
    return [...errors, ...unencrypted];
  },
};

/** A line that was understood and has an error all the same can never match, such as hostssl while TLS is off. */
function errorFinding(row: HbaRow, error: string): HealthFinding {
  const isRead = row.type !== null;
  return {
    object: hbaLine(row),
    severity: isRead ? 'info' : 'warning',
    message: isRead
      ? `${hbaLine(row)} never matches: ${error}.`
      : `${hbaLine(row)} cannot be read (${error}): the server keeps the rules that it had, and will not start with this file.`,
    evidence: [{ label: 'Error', value: error }, ...(isRead ? hbaEvidence(row) : [])],
    ...(isRead ? {} : { caution: 'After the line is mended, reload the configuration.' }),
  };
}
