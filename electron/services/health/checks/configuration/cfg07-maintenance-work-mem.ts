import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  judgeSettings,
  settingBytes,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
} from '../../setting-row.ts';

export const maintenanceWorkMem: HealthCheck<SettingRow, 'minBytes' | 'maxBytes'> = {
  id: 'CFG07',
  group: 'configuration',
  basis: 'catalog',
  title: 'maintenance_work_mem out of range',
  why: 'Vacuum and index builds use it. Too little makes vacuum read every index several times; before PostgreSQL 17 vacuum cannot use more than 1 GB.',
  thresholds: {
    // fresha/pgdoctor: 32 MB and 4 GB.
    minBytes: { usual: 32 * 1024 ** 2, unit: 'bytes', label: 'Least maintenance_work_mem' },
    maxBytes: { usual: 4 * 1024 ** 3, unit: 'bytes', label: 'Most maintenance_work_mem' },
  },
  ...aboutSettings('maintenance_work_mem', 'autovacuum_work_mem', 'autovacuum_max_workers'),
  findings(rows, { limits }) {
    const asked = rows.filter(({ name }) => name === 'maintenance_work_mem');
    const others = rows.filter(({ name }) => name !== 'maintenance_work_mem');
    return judgeSettings(asked, (row) => {
      const bytes = settingBytes(row);
      if (bytes >= limits.minBytes && bytes <= limits.maxBytes) return [];
      const isLow = bytes < limits.minBytes;
      // -1, the default: autovacuum takes what maintenance_work_mem says.
      const isForAll = Number(settingNamed(others, 'autovacuum_work_mem')?.setting ?? -1) < 0;
      const consequence = isLow
        ? `${isForAll ? 'vacuum' : 'VACUUM by hand'} of large tables needs several passes`
        : `each ${isForAll ? 'autovacuum worker' : 'VACUUM and index build'} may take as much`;
      return [
        {
          object: row.name,
          severity: isLow ? 'warning' : 'info',
          message: `maintenance_work_mem is ${formatBytes(bytes)}: ${consequence}.`,
          evidence: [row, ...others].map(settingEvidence),
          ...alterSystem(
            row,
            isLow
              ? megabytes(Math.max(64 * 1024 ** 2, limits.minBytes))
              : megabytes(Math.min(1024 ** 3, limits.maxBytes)),
          ),
          confidence: 'medium',
        },
      ];
    });
  },
};

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024 ** 2))}MB`;
}
