import type { HealthFinding } from '#contract/health-model.ts';
import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { rowSecuritySql, type RowSecurityRow } from './row-security.ts';

export const policiesNotInForce: HealthCheck<RowSecurityRow> = {
  id: 'SEC16',
  group: 'security',
  basis: 'catalog',
  title: 'Policies that are not in force',
  why: 'Policies do nothing until row level security is enabled on their table. Somebody wrote them, and believes that rows are protected. A partition that is read by its own name has only its own.',
  sql: () => rowSecuritySql,
  // Reading the parent applies the parent's policies to all partitions; reading a partition applies the partition's own.
  // https://www.postgresql.org/docs/current/ddl-rowsecurity.html
  findings(rows) {
    return rows.flatMap((row): HealthFinding[] => {
      const enabling = {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        fixSql: `alter table ${row.table_name} enable row level security;`,
        undoSql: `alter table ${row.table_name} disable row level security;`,
        lock: lockTexts.accessExclusiveShort,
      };
      if (row.is_enabled) return [];
      if (row.policies.length > 0) {
        return [
          {
            ...enabling,
            severity: 'critical',
            message: `Table ${row.table_name} has ${plural(row.policies.length, 'policy', 'policies')}, but row level security is not enabled: all rows are visible.`,
            evidence: [{ label: 'Policies', value: row.policies.join(', ') }],
            caution: 'From then on a role that no policy names sees no rows.',
          },
        ];
      }
      const others = [...new Set([...row.readers, ...row.writers])];
      const deeds = [...(row.readers.length > 0 ? ['read'] : []), ...(row.writers.length > 0 ? ['change'] : [])].join(
        ' or ',
      );
      if (row.guarded_parent === null || others.length === 0) return [];
      return [
        {
          ...enabling,
          severity: 'warning',
          message: `${others.join(', ')} may ${deeds} ${row.table_name} by its own name, past the policies of ${row.guarded_parent}.`,
          evidence: [
            { label: row.is_partition ? 'Partition of' : 'Child of', value: row.guarded_parent },
            { label: 'Readers', value: row.readers.join(', ') || 'none' },
            { label: 'Writers', value: row.writers.join(', ') || 'none' },
          ],
          caution:
            'From then on it shows no rows by its own name, unless it gets policies; through its parent nothing changes.',
        },
      ];
    });
  },
};
