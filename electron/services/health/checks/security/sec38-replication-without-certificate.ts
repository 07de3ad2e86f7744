import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { effectiveRules, hbaSeverity, remoteCells } from './effective-hba-rules.ts';
import {
  addressText,
  admits,
  certificateOf,
  grantHbaRules,
  hbaEvidence,
  hbaLine,
  hbaRulesSql,
  listensRemotely,
  type HbaRow,
} from './hba-rules.ts';

export const replicationWithoutCertificate: HealthCheck<HbaRow> = {
  id: 'SEC38',
  group: 'security',
  basis: 'catalog',
  title: 'Replication that asks for no client certificate',
  why: 'Whoever may replicate can copy every byte of the cluster, whatever the rights in its databases say. A client certificate ties that to a machine; a password alone can be tried from anywhere.',
  requires: { privilege: 'superuser, or two grants on pg_hba_file_rules' },
  sql: hbaRulesSql,
  unlockSql: grantHbaRules,
  findings(rows) {
    if (!listensRemotely(rows)) return [];
    return effectiveRules(rows)
      .filter(
        (rule) =>
          (rule.row.databases ?? []).includes('replication') &&
          admits(rule.row) &&
          remoteCells(rule).length > 0 &&
          certificateOf(rule.row) === undefined,
      )
      .map((rule): HealthFinding => {
        const { row } = rule;
        const isPlain = remoteCells(rule).some(({ transport }) => transport === 'plain');
        return {
          object: hbaLine(row),
          message: `${hbaLine(row)} lets ${(row.users ?? []).join(', ')} replicate from ${addressText(row)} without a client certificate${isPlain ? ', and without TLS if the client wants so' : ''}.`,
          evidence: hbaEvidence(row),
          caution: 'Give the standbys certificates first, then write hostssl and clientcert=verify-full.',
          ...hbaSeverity(remoteCells(rule), 'info', rows),
        };
      });
  },
};
