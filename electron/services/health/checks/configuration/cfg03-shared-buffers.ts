import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { settingBytes, settingEvidence, settingNamed, settingsSql, type SettingRow } from '../../setting-row.ts';

const defaultBytes = 128 * 1024 ** 2;

export const sharedBuffers: HealthCheck<SettingRow> = {
  id: 'CFG03',
  group: 'configuration',
  basis: 'catalog',
  title: 'shared_buffers at its default',
  why: 'The default of 128 MB is meant to start on any machine, not to serve one. A quarter of the memory of a dedicated server is the usual beginning.',
  sql: () => settingsSql(['shared_buffers', 'effective_cache_size']),
  findings(rows) {
    const row = settingNamed(rows, 'shared_buffers');
    if (row === undefined || settingBytes(row) > defaultBytes) return [];
    return [
      {
        object: row.name,
        severity: 'info',
        message: `shared_buffers is ${formatBytes(settingBytes(row))}${settingBytes(row) === defaultBytes ? ', the default' : ', less than the default'}.`,
        evidence: rows.map(settingEvidence),
        caution:
          'The right value depends on the memory of the server, which SQL does not show. Changing it needs a restart.',
        confidence: 'medium',
        confidenceReason: 'On a small machine the default can be right.',
      },
    ];
  },
};
