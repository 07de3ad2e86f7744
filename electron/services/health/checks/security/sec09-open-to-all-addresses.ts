import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { effectiveRules, hbaSeverity, isForEverybody, remoteCells } from './effective-hba-rules.ts';
import { addressCount, isWhole } from './hba-addresses.ts';
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

export const openToAllAddresses: HealthCheck<HbaRow, 'maxAddresses' | 'minPrefix'> = {
  id: 'SEC09',
  group: 'security',
  basis: 'catalog',
  title: 'Rules of pg_hba.conf that are wide open',
  why: 'A rule for all addresses leaves it to a firewall, and to every change of the firewall, who can try passwords. A rule for the networks that need it holds by itself.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  thresholds: {
    // pgdsat 5.10 warns above 65,536 addresses.
    maxAddresses: { usual: 65_536, unit: 'count', label: 'Most IPv4 addresses of a rule that is not reported' },
    // A site is given a /48 (RFC 6177).
    minPrefix: { usual: 48, unit: 'count', label: 'Shortest IPv6 prefix of a rule that is not reported' },
  },
  sql: hbaRulesSql,
  unlockSql: grantHbaRules,
  findings(rows, { limits }) {
    if (!listensRemotely(rows)) return [];
    return effectiveRules(rows).flatMap((rule): HealthFinding[] => {
      const { row } = rule;
      const most = {
        4: BigInt(Math.floor(limits.maxAddresses)),
        6: 1n << BigInt(128 - Math.floor(limits.minPrefix)),
      };
      const wide = remoteCells(rule).filter(
        ({ range }) => 'mask' in range && (addressCount(range) ?? 0n) > most[range.family],
      );
      if (!admits(row) || wide.length === 0) return [];
      const whole = wide.filter(({ range }) => isWhole(range));
      const isEverywhere = whole.length > 0;
      const isForAll = isForEverybody(row);
      const certificate = certificateOf(row);
      const isWeak = ['trust', 'password'].includes(row.auth_method ?? '') && certificate !== 'of the role';
      const isCritical = isEverywhere && isWeak && certificate === undefined;
      const v4 = wide.find(({ range }) => range.family === 4);
      return [
        {
          object: hbaLine(row),
          message: `${hbaLine(row)} lets ${isForAll ? 'every role into every database' : `${(row.users ?? []).join(', ')} into ${(row.databases ?? []).join(', ')}`} from ${isEverywhere ? 'every address' : addressText(row)} by ${methodText(row)}.`,
          evidence: [
            ...hbaEvidence(row),
            ...(v4 === undefined
              ? []
              : [{ label: 'IPv4 addresses', value: formatCount(String(addressCount(v4.range) ?? 0n)) }]),
          ],
          caution: 'Write a line for each network that needs it before this one goes.',
          ...hbaSeverity(
            isEverywhere ? whole : wide,
            isCritical ? 'critical' : isForAll || isWeak ? 'warning' : 'info',
            rows,
          ),
        },
      ];
    });
  },
};
