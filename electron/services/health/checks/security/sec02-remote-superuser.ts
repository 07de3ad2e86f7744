import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFinding, Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { effectiveRules, hbaSeverity, remoteCells } from './effective-hba-rules.ts';
import { isWhole } from './hba-addresses.ts';
import {
  addressText,
  admits,
  certificateOf,
  grantHbaRules,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
  methodText,
  type HbaRow,
} from './hba-rules.ts';

export const remoteSuperuser: HealthCheck<HbaRow> = {
  id: 'SEC02',
  group: 'security',
  basis: 'catalog',
  title: 'Superusers that may connect from other machines',
  why: 'A superuser’s password is the key to everything, the files of the machine included. Where it works over the network, everybody who reaches the port can try it.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  // Run on PostgreSQL 13 to 18. The first rule that matches decides: an earlier reject takes addresses from later ones.
  sql: hbaRulesSql,
  unlockSql: grantHbaRules,
  findings(rows) {
    if (!listensRemotely(rows)) return [];
    const open = (rows[0]?.superusers ?? []).flatMap((role) =>
      effectiveRules(rows, role)
        .filter((rule) => admits(rule.row) && remoteCells(rule).length > 0)
        .map((rule) => ({ role, row: rule.row, cells: remoteCells(rule) })),
    );
    return [...Map.groupBy(open, ({ row }) => row)].map(([row, entries]): HealthFinding => {
      const names = entries.map(({ role }) => quoteIdentifier(role)).toSorted();
      const cells = entries.flatMap((entry) => entry.cells);
      const whole = cells.filter(({ range }) => isWhole(range));
      const isEverywhere = whole.length > 0;
      const from = isEverywhere ? 'anywhere' : addressText(row);
      return {
        object: hbaLine(row),
        message: `${names.length === 1 ? 'Superuser' : 'Superusers'} ${names.join(', ')} may connect from ${from} (${hbaLine(row)}, ${methodText(row)}).`,
        measure: names.length,
        evidence: [{ label: 'Superusers', value: names.join(', ') }, ...hbaEvidence(row)],
        caution: `Put a reject line for them in front of it, and keep a way in: local, or one address.`,
        ...hbaSeverity(isEverywhere ? whole : cells, severityOf(row, isEverywhere), rows),
      };
    });
  },
};

/** Any certificate of the CA in place of a password is more than nothing; with a password it is a second lock. */
function severityOf(row: HbaRow, isEverywhere: boolean): Severity {
  const certificate = certificateOf(row);
  if (certificate === undefined) return isEverywhere ? 'critical' : 'warning';
  return certificate === 'of the CA' && row.auth_method === 'trust' ? 'warning' : 'info';
}
