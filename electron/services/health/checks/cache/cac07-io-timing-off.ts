import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const ioTimingOff: HealthCheck<SettingRow> = {
  id: 'CAC07',
  group: 'cache',
  basis: 'catalog',
  title: 'I/O timing not measured',
  why: 'With track_io_timing off, plans and statistics show no time for reads and writes, so a slow disk looks like a slow query. On current hardware the cost of measuring is small; pg_test_timing shows it.',
  ...aboutSettings('track_io_timing'),
  findings(rows) {
    return judgeSettings(rows, (row) =>
      row.setting === 'off'
        ? [
            {
              object: row.name,
              severity: 'info',
              message: 'track_io_timing is off: times of reads and writes are not recorded.',
              evidence: [settingEvidence(row)],
              ...alterSystem(row, 'on'),
              confidence: 'high',
            },
          ]
        : [],
    );
  },
};
