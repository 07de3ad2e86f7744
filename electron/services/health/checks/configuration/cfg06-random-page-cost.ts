import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  isOfThisSession,
  settingEvidence,
  settingNamed,
  settingsSql,
  type SettingRow,
} from '../../setting-row.ts';

export const randomPageCost: HealthCheck<SettingRow, 'minCost'> = {
  id: 'CFG06',
  group: 'configuration',
  basis: 'catalog',
  title: 'random_page_cost for spinning disks',
  why: 'The default of 4 describes a disk with a moving head. On SSDs and in the cloud a random read costs little more than a sequential one, and the planner avoids indexes that would be faster.',
  thresholds: {
    minCost: { usual: 4, unit: 'ratio', label: 'Value of random_page_cost from which it is reported' },
  },
  sql: () => settingsSql(['random_page_cost', 'seq_page_cost']),
  findings(rows, { limits }) {
    const row = settingNamed(rows, 'random_page_cost');
    if (row === undefined || isOfThisSession(row) || Number(row.setting) < limits.minCost) return [];
    return [
      {
        object: row.name,
        severity: 'info',
        message: `random_page_cost is ${row.shown}, which fits spinning disks; 1.1 fits SSDs.`,
        evidence: rows.map(settingEvidence),
        ...alterSystem(row, '1.1'),
        caution: 'Plans may change; watch the slowest queries after it. Leave it on spinning disks.',
        confidence: 'medium',
        confidenceReason: 'The kind of disk cannot be seen from SQL.',
      },
    ];
  },
};
