import type { HealthCheck } from '../../health-check.ts';
import { settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const checksumsOff: HealthCheck<SettingRow> = {
  id: 'CFG15',
  group: 'configuration',
  basis: 'catalog',
  title: 'Data checksums off',
  why: 'Without checksums a block that the disk damaged is handed out as data, and copied into backups. PostgreSQL 18 switches them on for new clusters.',
  ...aboutSettings('data_checksums'),
  findings(rows) {
    const row = settingNamed(rows, 'data_checksums');
    if (row === undefined || row.setting !== 'off') return [];
    return [
      {
        object: row.name,
        severity: 'info',
        message: 'Data checksums are off: damaged blocks are not noticed.',
        evidence: [settingEvidence(row)],
        caution: 'Switched on with pg_checksums --enable while the server is stopped; it rewrites every block.',
        confidence: 'high',
      },
    ];
  },
};
