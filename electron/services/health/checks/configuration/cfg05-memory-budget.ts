import { formatBytes } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { settingBytes, settingNamed, settingsSql, type SettingRow } from '../../setting-row.ts';

export const memoryBudget: HealthCheck<SettingRow> = {
  id: 'CFG05',
  group: 'configuration',
  basis: 'catalog',
  title: 'Memory that the settings allow',
  why: 'Shared buffers, every session’s sorts and the autovacuum workers can add up to more than the machine has. The kernel then ends PostgreSQL.',
  sql: () =>
    settingsSql([
      'shared_buffers',
      'work_mem',
      'max_connections',
      'autovacuum_max_workers',
      'autovacuum_work_mem',
      'maintenance_work_mem',
    ]),
  findings(rows) {
    const budget = memoryBudgetBytes(rows);
    if (budget === undefined) return cannotTell('A setting that the sum needs is hidden.');
    return cannotTell(
      `The settings allow about ${formatBytes(budget)} (shared_buffers, two work_mem for each of max_connections, autovacuum); the memory of the server cannot be read through SQL to compare.`,
    );
  },
};

/** shared_buffers + 2 · work_mem · max_connections + autovacuum workers; undefined where a setting is missing. */
export function memoryBudgetBytes(rows: readonly SettingRow[]): number | undefined {
  const [buffers, work, connections, workers, workerMemory, maintenance] = [
    'shared_buffers',
    'work_mem',
    'max_connections',
    'autovacuum_max_workers',
    'autovacuum_work_mem',
    'maintenance_work_mem',
  ].map((name) => settingNamed(rows, name));
  if (!buffers || !work || !connections || !workers || !workerMemory || !maintenance) return undefined;
  const perWorker = Number(workerMemory.setting) === -1 ? maintenance : workerMemory;
  return (
    settingBytes(buffers) +
    2 * settingBytes(work) * Number(connections.setting) +
    settingBytes(perWorker) * Number(workers.setting)
  );
}
