import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  addressText,
  admits,
  effectiveRules,
  grantHbaRules,
  hbaConfidence,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
  remoteCells,
  wantsCertificate,
  type AddressRange,
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
        .map((rule) => ({ role, row: rule.row, isEverywhere: remoteCells(rule).some(({ range }) => isWhole(range)) })),
    );
    return [...Map.groupBy(open, ({ row }) => row)].map(([row, entries]): HealthFinding => {
      const names = entries.map(({ role }) => quoteIdentifier(role.name)).toSorted();
      const isEverywhere = entries.some((entry) => entry.isEverywhere);
      const from = isEverywhere ? 'anywhere' : addressText(row);
      return {
        object: hbaLine(row),
        severity: wantsCertificate(row) ? 'info' : isEverywhere ? 'critical' : 'warning',
        message: `${names.length === 1 ? 'Superuser' : 'Superusers'} ${names.join(', ')} may connect from ${from} (${hbaLine(row)}, ${row.auth_method ?? ''}).`,
        measure: names.length,
        evidence: [{ label: 'Superusers', value: names.join(', ') }, ...hbaEvidence(row)],
        caution: `Put a reject line for them in front of it, and keep a way in: local, or one address.`,
        ...hbaConfidence(rows),
      };
    });
  },
};

function isWhole(range: AddressRange): boolean {
  return 'prefix' in range && range.prefix === 0;
}
