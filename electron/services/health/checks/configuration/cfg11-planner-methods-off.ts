import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, settingsSql, type SettingRow } from '../../setting-row.ts';

export const plannerMethodsOff: HealthCheck<SettingRow> = {
  id: 'CFG11',
  group: 'configuration',
  basis: 'catalog',
  title: 'Planner methods switched off',
  why: 'The enable_ switches are for experiments in one session. Left off for everybody they make the planner avoid a method that some query needs.',
  // Run on PostgreSQL 13 to 18. A few of them are off by default.
  sql: (facts) =>
    settingsSql(
      { where: `setting.name like 'enable\\_%' and setting.vartype = 'bool' and setting.boot_val = 'on'` },
      facts,
    ),
  findings(rows) {
    return judgeSettings(rows, (row) =>
      row.setting === 'off'
        ? [
            {
              object: row.name,
              severity: 'info',
              message: `${row.name} is off (${row.source}).`,
              evidence: [settingEvidence(row)],
              ...alterSystem(row, 'on', 'Plans may change; find out first for which query it was switched off.'),
              confidence: 'high',
            },
          ]
        : [],
    );
  },
};
