import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { settingBytes, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';
import { serverMemory } from './server-memory.ts';

type LimitName = 'serverMemoryBytes' | 'defaultBytes' | 'lowShare' | 'enoughBytes' | 'highShare';

export const sharedBuffers: HealthCheck<SettingRow, LimitName> = {
  id: 'CFG03',
  group: 'configuration',
  basis: 'catalog',
  title: 'Size of shared_buffers',
  why: 'The default of 128 MB is meant to start on any machine, not to serve one. A quarter of the memory of a dedicated server is the usual beginning; far more leaves too little for sorts and for the operating system.',
  thresholds: {
    serverMemoryBytes: serverMemory,
    defaultBytes: { usual: 128 * 1024 ** 2, unit: 'bytes', label: 'Size up to which it is reported, memory unknown' },
    // postgres-checkup: 20 and 80 %; pganalyze: 8 GB is enough for any server.
    lowShare: { usual: 0.2, unit: 'ratio', label: 'Share of the memory below which it is reported' },
    enoughBytes: { usual: 8 * 1024 ** 3, unit: 'bytes', label: 'Size that is never too low' },
    highShare: { usual: 0.8, unit: 'ratio', label: 'Share of the memory above which it is a warning' },
  },
  ...aboutSettings('shared_buffers', 'effective_cache_size'),
  findings(rows, { limits }) {
    const row = settingNamed(rows, 'shared_buffers');
    if (row === undefined) return [];
    const bytes = settingBytes(row);
    const evidence = rows.map(settingEvidence);
    if (limits.serverMemoryBytes > 0) {
      const share = bytes / limits.serverMemoryBytes;
      const isHigh = share > limits.highShare;
      if (!isHigh && (share >= limits.lowShare || bytes >= limits.enoughBytes)) return [];
      return [
        {
          object: row.name,
          severity: 'warning',
          message: `shared_buffers is ${formatBytes(bytes)}, ${formatPercent(share)} of the ${formatBytes(limits.serverMemoryBytes)} of the server.`,
          measure: isHigh ? share : -share,
          evidence: [...evidence, { label: 'Memory of the server', value: formatBytes(limits.serverMemoryBytes) }],
          caution: 'Changing it needs a restart. A server that shares its machine with others needs less.',
          confidence: 'high',
        },
      ];
    }
    if (bytes > limits.defaultBytes) return [];
    return [
      {
        object: row.name,
        severity: 'info',
        message: `shared_buffers is ${formatBytes(bytes)}${row.source === 'default' || row.setting === row.boot_val ? ', the default' : ''}.`,
        evidence,
        caution:
          'The right value depends on the memory of the server, which SQL does not show. Changing it needs a restart.',
        confidence: 'medium',
        confidenceReason: 'On a small machine the default can be right.',
      },
    ];
  },
};
