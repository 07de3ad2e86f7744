import type { HealthFinding } from '#contract/health-model.ts';
import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  serverRows,
  settingBytes,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';
import { serverMemory } from './server-memory.ts';

type LimitName =
  | 'serverMemoryBytes'
  | 'cacheShare'
  | 'minIoConcurrency'
  | 'minWalBuffers'
  | 'minStatisticsTarget'
  | 'maxStatisticsTarget';

export const plannerAndIoSettings: HealthCheck<SettingRow, LimitName> = {
  id: 'CFG08',
  group: 'configuration',
  basis: 'catalog',
  title: 'Settings of planner and I/O that do not fit',
  why: 'effective_cache_size tells the planner how much of the data is in memory somewhere; too small a value makes it avoid indexes. The others bound how much is read ahead, how much WAL is gathered, and how well the planner knows the data.',
  thresholds: {
    serverMemoryBytes: serverMemory,
    // PgTune: three quarters; half is too little for a dedicated server.
    cacheShare: { usual: 0.5, unit: 'ratio', label: 'Share of the memory that effective_cache_size should have' },
    // The default is 1 before 18 and 16 since.
    minIoConcurrency: { usual: 2, unit: 'count', label: 'Least effective_io_concurrency' },
    minWalBuffers: { usual: 1024 ** 2, unit: 'bytes', label: 'Least wal_buffers' },
    minStatisticsTarget: { usual: 100, unit: 'count', label: 'Least default_statistics_target' },
    maxStatisticsTarget: { usual: 1000, unit: 'count', label: 'Most default_statistics_target' },
  },
  ...aboutSettings(
    'effective_cache_size',
    'shared_buffers',
    'effective_io_concurrency',
    'wal_buffers',
    'default_statistics_target',
  ),
  findings(seen, { limits }) {
    const rows = serverRows(seen);
    const findings = [
      ...cacheFindings(rows, limits.serverMemoryBytes, limits.cacheShare),
      ...ioFindings(rows, limits.minIoConcurrency),
      ...walBufferFindings(rows, limits.minWalBuffers),
      ...statisticsFindings(rows, limits.minStatisticsTarget, limits.maxStatisticsTarget),
    ];
    return withHiddenValues(findings, seen);
  },
};

function cacheFindings(rows: readonly SettingRow[], memoryBytes: number, cacheShare: number): HealthFinding[] {
  const cache = settingNamed(rows, 'effective_cache_size');
  const buffers = settingNamed(rows, 'shared_buffers');
  if (cache === undefined || buffers === undefined) return [];
  const evidence = [settingEvidence(cache), settingEvidence(buffers)];
  // What is in shared buffers alone is cached already.
  if (settingBytes(cache) < settingBytes(buffers)) {
    return [
      {
        object: cache.name,
        severity: 'warning',
        message: `effective_cache_size (${cache.shown}) is smaller than shared_buffers (${buffers.shown}): the planner believes that less is cached than there is.`,
        evidence,
        ...alterSystem(cache, `${String(Math.ceil((2 * settingBytes(buffers)) / 1024 ** 2))}MB`),
        confidence: 'high',
      },
    ];
  }
  if (memoryBytes <= 0 || settingBytes(cache) >= cacheShare * memoryBytes) return [];
  return [
    {
      object: cache.name,
      severity: 'info',
      message: `effective_cache_size is ${cache.shown}, ${formatPercent(settingBytes(cache) / memoryBytes)} of the ${formatBytes(memoryBytes)} of the server.`,
      evidence,
      ...alterSystem(
        cache,
        `${String(Math.floor((0.75 * memoryBytes) / 1024 ** 2))}MB`,
        'Plans may change. A server that shares its machine with others has less.',
      ),
      confidence: 'medium',
    },
  ];
}

function ioFindings(rows: readonly SettingRow[], minimum: number): HealthFinding[] {
  const io = settingNamed(rows, 'effective_io_concurrency');
  // Where the platform cannot read ahead, nothing but 0 is accepted.
  if (io === undefined || Number(io.setting) >= minimum || io.boot_val === '0') return [];
  return [
    {
      object: io.name,
      severity: 'info',
      message: `effective_io_concurrency is ${io.shown}: bitmap scans hardly read ahead, which SSDs and cloud disks are good at.`,
      evidence: [settingEvidence(io)],
      ...alterSystem(io, String(Math.max(16, minimum)), 'Leave it on a single spinning disk.'),
      confidence: 'low',
      confidenceReason: 'The kind of disk cannot be seen from SQL.',
    },
  ];
}

function walBufferFindings(rows: readonly SettingRow[], minimum: number): HealthFinding[] {
  const wal = settingNamed(rows, 'wal_buffers');
  if (wal === undefined || settingBytes(wal) >= minimum) return [];
  return [
    {
      object: wal.name,
      severity: 'info',
      message: `wal_buffers is ${formatBytes(settingBytes(wal))}: sessions that write much wait for each other to write WAL out.`,
      evidence: [settingEvidence(wal)],
      ...alterSystem(wal, `${String(Math.max(16, Math.ceil(minimum / 1024 ** 2)))}MB`),
      confidence: 'medium',
      confidenceReason: 'Where little is written it does not matter.',
    },
  ];
}

function statisticsFindings(rows: readonly SettingRow[], minimum: number, maximum: number): HealthFinding[] {
  const target = settingNamed(rows, 'default_statistics_target');
  if (target === undefined) return [];
  const value = Number(target.setting);
  if (value >= minimum && value <= maximum) return [];
  const isLow = value < minimum;
  return [
    {
      object: target.name,
      severity: isLow ? 'warning' : 'info',
      message: `default_statistics_target is ${target.shown}: ${isLow ? 'the planner knows less of every column than by default' : 'analyze and planning take long for every column'}.`,
      evidence: [settingEvidence(target)],
      ...alterSystem(
        target,
        String(Math.min(Math.max(100, minimum), maximum)),
        'Takes effect at the next analyze of each table. Single columns can have a target of their own.',
      ),
      confidence: 'medium',
    },
  ];
}
