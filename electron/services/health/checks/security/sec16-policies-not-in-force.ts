import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { rowSecuritySql, type RowSecurityRow } from './row-security.ts';

export const policiesNotInForce: HealthCheck<RowSecurityRow> = {
  id: 'SEC16',
  group: 'security',
  basis: 'catalog',
  title: 'Policies that are not in force',
  why: 'Policies do nothing until row level security is enabled on their table. Somebody wrote them, and believes that rows are protected.',
  sql: () => rowSecuritySql,
  findings(rows) {
    return rows
      .filter((row) => !row.is_enabled && row.policies.length > 0)
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'critical' as const,
        message: `Table ${row.table_name} has ${plural(row.policies.length, 'policy', 'policies')}, but row level security is not enabled: all rows are visible.`,
        evidence: [{ label: 'Policies', value: row.policies.join(', ') }],
        fixSql: `alter table ${row.table_name} enable row level security;`,
        undoSql: `alter table ${row.table_name} disable row level security;`,
        lock: lockTexts.accessExclusiveShort,
        caution: 'From then on a role that no policy names sees no rows.',
        confidence: 'high' as const,
      }));
  },
};
