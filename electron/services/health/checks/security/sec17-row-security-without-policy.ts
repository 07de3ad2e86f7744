import type { HealthCheck } from '../../health-check.ts';
import { rowSecuritySql, type RowSecurityRow } from './row-security.ts';

export const rowSecurityWithoutPolicy: HealthCheck<RowSecurityRow> = {
  id: 'SEC17',
  group: 'security',
  basis: 'catalog',
  title: 'Row level security without a policy',
  why: 'With row level security and no policy only the owner and superusers see rows; everybody else sees an empty table. It is safe, and often a surprise.',
  sql: () => rowSecuritySql,
  // A partition without policies is closed on purpose: its rows are reached through the parent.
  findings(rows) {
    return rows
      .filter((row) => row.is_enabled && Number(row.permissive) === 0 && !row.is_partition)
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'info' as const,
        message: `Table ${row.table_name} has row level security and ${row.policies.length === 0 ? 'no policy' : 'no permissive policy'}: ${row.binds_owner ? 'nobody but superusers sees rows, not even its owner' : 'roles other than its owner see no rows'}.`,
        evidence: [
          { label: 'Policies', value: row.policies.length === 0 ? 'none' : `${row.policies.join(', ')} (restrictive)` },
        ],
        caution: 'Write a permissive policy, or leave it if the table is meant for its owner only.',
      }));
  },
};
