import type { Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, aboutSettings, type SettingRow } from '../../setting-row.ts';

const dangers: Readonly<Record<string, readonly [Severity, string]>> = {
  fsync: ['critical', 'a crash of the machine can damage the whole cluster beyond repair'],
  full_page_writes: ['critical', 'a crash in the middle of a write can leave damaged pages that nothing repairs'],
  synchronous_commit: ['warning', 'a crash loses the last commits that were already confirmed'],
};

export const durabilityOff: HealthCheck<SettingRow> = {
  id: 'CFG10',
  group: 'configuration',
  basis: 'catalog',
  title: 'Durability switched off',
  why: 'These settings trade safety for speed. They belong on a server whose data can be thrown away, and nowhere else.',
  ...aboutSettings(...Object.keys(dangers)),
  findings(rows) {
    return judgeSettings(rows, (row) => {
      if (row.setting !== 'off') return [];
      const [severity, consequence] = dangers[row.name] ?? ['warning', ''];
      return [
        {
          object: row.name,
          severity,
          message: `${row.name} is off: ${consequence}.`,
          evidence: [settingEvidence(row)],
          ...alterSystem(row, 'on'),
          confidence: 'high',
        },
      ];
    });
  },
};
