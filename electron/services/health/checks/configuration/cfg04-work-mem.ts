import type { HealthCheck } from '../../health-check.ts';
import {
  serverRows,
  settingBytes,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';

export const workMem: HealthCheck<SettingRow, 'maxBytes'> = {
  id: 'CFG04',
  group: 'configuration',
  basis: 'catalog',
  title: 'work_mem at its default',
  why: 'Each sort and hash gets this much memory before it writes temporary files. 4 MB is careful; reporting roles usually want more, a server with hundreds of active sessions may not.',
  thresholds: {
    // rails-pg-extras, pgFirstAid: the default of 4 MB.
    maxBytes: { usual: 4 * 1024 ** 2, unit: 'bytes', label: 'Value of work_mem up to which it is reported' },
  },
  ...aboutSettings('work_mem', 'hash_mem_multiplier'),
  findings(rows, { limits }) {
    const asked = rows.filter(({ name }) => name === 'work_mem');
    const row = settingNamed(serverRows(asked), 'work_mem');
    if (row === undefined || settingBytes(row) > limits.maxBytes) return withHiddenValues([], asked);
    return [
      {
        object: row.name,
        severity: 'info',
        message: `work_mem is ${row.shown}${row.source === 'default' ? ', the default' : ''}.`,
        evidence: [row, ...rows.filter(({ name }) => name !== row.name)].map(settingEvidence),
        caution:
          'Raise it for the roles that need it, not for all: it counts per sort and per session. CAC05 shows whether it is short.',
        confidence: 'low',
        confidenceReason: 'Without temporary files there is nothing to gain.',
      },
    ];
  },
};
