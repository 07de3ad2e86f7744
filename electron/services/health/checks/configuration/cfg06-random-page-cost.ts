import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, settingsSql, type SettingRow } from '../../setting-row.ts';

export const randomPageCost: HealthCheck<SettingRow, 'minCost'> = {
  id: 'CFG06',
  group: 'configuration',
  basis: 'catalog',
  title: 'random_page_cost for spinning disks',
  why: 'The default of 4 describes a disk with a moving head. On SSDs and in the cloud a random read costs little more than a sequential one, and the planner avoids indexes that would be faster.',
  thresholds: {
    minCost: { usual: 4, unit: 'ratio', label: 'Value of random_page_cost from which it is reported' },
  },
  sql: (facts) => settingsSql(['random_page_cost', 'seq_page_cost'], facts),
  findings(rows, { limits }) {
    const costs = rows.filter(({ name }) => name === 'random_page_cost');
    const others = rows.filter(({ name }) => name !== 'random_page_cost');
    return judgeSettings(costs, (row) =>
      Number(row.setting) < limits.minCost
        ? []
        : [
            {
              object: row.name,
              severity: 'info',
              message: `random_page_cost is ${row.shown}, which fits spinning disks; 1.1 fits SSDs.`,
              evidence: [row, ...others].map(settingEvidence),
              ...alterSystem(
                row,
                '1.1',
                'Plans may change; watch the slowest queries after it. Leave it on spinning disks.',
              ),
              confidence: 'medium',
              confidenceReason: 'The kind of disk cannot be seen from SQL.',
            },
          ],
    );
  },
};
