import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  judgeSettings,
  serverRows,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
} from '../../setting-row.ts';

export const randomPageCost: HealthCheck<SettingRow, 'minCost'> = {
  id: 'CFG06',
  group: 'configuration',
  basis: 'catalog',
  title: 'random_page_cost for spinning disks',
  why: 'The default of 4 describes a disk with a moving head. On SSDs and in the cloud a random read costs little more than a sequential one, and the planner avoids indexes that would be faster.',
  thresholds: {
    minCost: { usual: 4, unit: 'ratio', label: 'Times seq_page_cost from which random_page_cost is reported' },
  },
  ...aboutSettings('random_page_cost', 'seq_page_cost'),
  findings(rows, { limits }) {
    const costs = rows.filter(({ name }) => name === 'random_page_cost');
    const others = rows.filter(({ name }) => name !== 'random_page_cost');
    const sequential = settingNamed(serverRows(others), 'seq_page_cost');
    const unit = Number(sequential?.setting ?? 1);
    const better = String(Number((1.1 * unit).toPrecision(6)));
    return judgeSettings(costs, (row) =>
      Number(row.setting) < limits.minCost * unit
        ? []
        : [
            {
              object: row.name,
              severity: 'info',
              message: `random_page_cost is ${row.shown}${unit === 1 ? '' : `, seq_page_cost ${sequential?.shown ?? ''}`}, which fits spinning disks; ${better} fits SSDs.`,
              evidence: [row, ...others].map(settingEvidence),
              ...(limits.minCost <= 1.1
                ? {}
                : alterSystem(
                    row,
                    better,
                    'Plans may change; watch the slowest queries after it. Leave it on spinning disks.',
                  )),
              confidence: 'medium',
              confidenceReason: 'The kind of disk cannot be seen from SQL.',
            },
          ],
    );
  },
};
