import { formatBytes, formatPercent } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import {
  serverRows,
  settingBytes,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';
import { howToTellMemory, serverMemory } from './server-memory.ts';

/** In the order in which `memoryBudgetBytes` takes them. */
const summedSettings = [
  'shared_buffers',
  'work_mem',
  'max_connections',
  'autovacuum_max_workers',
  'autovacuum_work_mem',
  'maintenance_work_mem',
];

export const memoryBudget: HealthCheck<SettingRow, 'serverMemoryBytes' | 'budgetShare'> = {
  id: 'CFG05',
  group: 'configuration',
  basis: 'estimate',
  title: 'Memory that the settings allow',
  why: 'Shared buffers, every session’s sorts and the autovacuum workers can add up to more than the machine has. The kernel then ends PostgreSQL.',
  thresholds: {
    serverMemoryBytes: serverMemory,
    // postgres-checkup: 90 %.
    budgetShare: { usual: 0.9, unit: 'ratio', label: 'Share of the memory that is a warning' },
  },
  ...aboutSettings(...summedSettings),
  findings(seen, { limits }) {
    const rows = serverRows(seen);
    if (rows.length < seen.length) return withHiddenValues([], seen);
    const budget = memoryBudgetBytes(rows);
    if (budget === undefined) return cannotTell('A setting that the sum needs is hidden.');
    const sum = 'shared_buffers, two work_mem for each of max_connections, autovacuum';
    if (limits.serverMemoryBytes <= 0) {
      return cannotTell(`The settings allow about ${formatBytes(budget)} (${sum}). ${howToTellMemory('CFG05')}`);
    }
    const share = budget / limits.serverMemoryBytes;
    if (share < limits.budgetShare) return [];
    return [
      {
        object: 'memory settings',
        severity: 'warning',
        message: `The settings allow about ${formatBytes(budget)}, ${formatPercent(share)} of the ${formatBytes(limits.serverMemoryBytes)} of the server (${sum}).`,
        measure: share,
        evidence: rows.map(settingEvidence),
        caution: 'Fewer connections behind a pooler lower the sum most; a server rarely uses all of it at once.',
        confidence: 'medium',
        confidenceReason: 'A sum of what could be: sessions that sort all at the same time are rare.',
      },
    ];
  },
};

/** shared_buffers + 2 · work_mem · max_connections + autovacuum workers; undefined where a setting is missing. */
export function memoryBudgetBytes(rows: readonly SettingRow[]): number | undefined {
  const [buffers, work, connections, workers, workerMemory, maintenance] = summedSettings.map((name) =>
    settingNamed(rows, name),
  );
  if (!buffers || !work || !connections || !workers || !workerMemory || !maintenance) return undefined;
  const perWorker = Number(workerMemory.setting) === -1 ? maintenance : workerMemory;
  return (
    settingBytes(buffers) +
    2 * settingBytes(work) * Number(connections.setting) +
    settingBytes(perWorker) * Number(workers.setting)
  );
}
