import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  isOfThisSession,
  settingBytes,
  settingEvidence,
  settingNamed,
  settingsSql,
  type SettingRow,
} from '../../setting-row.ts';

export const maintenanceWorkMem: HealthCheck<SettingRow> = {
  id: 'CFG07',
  group: 'configuration',
  basis: 'catalog',
  title: 'maintenance_work_mem out of range',
  why: 'Vacuum and index builds use it. Too little makes vacuum read every index several times; before PostgreSQL 17 vacuum cannot use more than 1 GB.',
  sql: () => settingsSql(['maintenance_work_mem', 'autovacuum_work_mem', 'autovacuum_max_workers']),
  findings(rows) {
    const row = settingNamed(rows, 'maintenance_work_mem');
    if (row === undefined || isOfThisSession(row)) return [];
    const bytes = settingBytes(row);
    const megabyte = 1024 ** 2;
    if (bytes >= 32 * megabyte && bytes <= 4096 * megabyte) return [];
    const isLow = bytes < 32 * megabyte;
    return [
      {
        object: row.name,
        severity: isLow ? 'warning' : 'info',
        message: `maintenance_work_mem is ${formatBytes(bytes)}${isLow ? ': vacuum of large tables needs several passes' : ': each autovacuum worker may take as much'}.`,
        evidence: rows.map(settingEvidence),
        ...alterSystem(row, isLow ? '64MB' : '1GB'),
        confidence: 'medium',
      },
    ];
  },
};
