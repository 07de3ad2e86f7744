import { formatBytes } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { settingBytes, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const hugePages: HealthCheck<SettingRow, 'minBytes'> = {
  id: 'CFG16',
  group: 'configuration',
  basis: 'catalog',
  title: 'Large shared memory without huge pages',
  why: 'Every session maps the shared buffers. With pages of 4 kB the tables for that can take gigabytes for many sessions, and the processor looks up addresses more often; huge pages avoid both.',
  thresholds: {
    // check_pgactivity reports any; below some gigabytes there is little to gain.
    minBytes: { usual: 8 * 1024 ** 3, unit: 'bytes', label: 'Size of shared_buffers from which it is reported' },
  },
  // huge_pages_status is there since 17: before it, "try" does not say whether it worked.
  ...aboutSettings('huge_pages', 'huge_pages_status', 'shared_buffers'),
  findings(rows, { limits }) {
    const asked = settingNamed(rows, 'huge_pages');
    const status = settingNamed(rows, 'huge_pages_status');
    const buffers = settingNamed(rows, 'shared_buffers');
    if (asked === undefined || buffers === undefined || settingBytes(buffers) < limits.minBytes) return [];
    if (status?.setting === 'on' || asked.setting === 'on') return [];
    if (asked.setting === 'try' && status?.setting !== 'off') {
      return cannotTell(
        `huge_pages is try, and whether the kernel had any to give is not to be seen before PostgreSQL 17; HugePages_Free in /proc/meminfo says it.`,
      );
    }
    return [
      {
        object: asked.name,
        severity: 'info',
        message: `shared_buffers is ${formatBytes(settingBytes(buffers))} and is not in huge pages.`,
        evidence: rows.map(settingEvidence),
        caution:
          asked.setting === 'off'
            ? 'Set vm.nr_hugepages of the kernel first, then huge_pages to try, and restart.'
            : 'The kernel had too few: set vm.nr_hugepages to shared_memory_size_in_huge_pages, and restart.',
        confidence: 'high',
      },
    ];
  },
};
