import { formatBytes, formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure, currentDatabase, databaseCountersSql, type DatabaseCountersRow } from './database-counters.ts';

const hourMs = 3_600_000;

type LimitName = 'filesPerHour' | 'manyFilesPerHour' | 'bytesPerHour' | 'manyBytesPerHour' | 'minSeconds';

export const temporaryFiles: HealthCheck<DatabaseCountersRow, LimitName> = {
  id: 'CAC05',
  group: 'cache',
  basis: 'statistics',
  title: 'Temporary files',
  why: 'A sort or hash that does not fit into work_mem goes to disk and becomes many times slower. log_temp_files names the queries.',
  thresholds: {
    // fresha/pgdoctor: 5 or 20 files, 1 or 5 GB an hour.
    filesPerHour: { usual: 5, unit: 'count', label: 'Files an hour that are reported' },
    manyFilesPerHour: { usual: 20, unit: 'count', label: 'Files an hour that are a warning' },
    bytesPerHour: { usual: 1024 ** 3, unit: 'bytes', label: 'Volume an hour that is a warning' },
    manyBytesPerHour: { usual: 5 * 1024 ** 3, unit: 'bytes', label: 'Volume an hour that is critical' },
    minSeconds: { usual: 3600, unit: 'seconds', label: 'Shortest time to take a rate from' },
  },
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    const { limits } = context;
    const row = currentDatabase(rows);
    if (row === undefined || Number(row.temp_files) === 0) return [];
    const gains = gainsSince(
      {
        files: { key: 'temp.files', value: Number(row.temp_files) },
        bytes: { key: 'temp.bytes', value: Number(row.temp_bytes) },
      },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms ?? 0 } },
    );
    const recent = gains !== undefined && gains.windowMs >= limits.minSeconds * 1000 ? gains : undefined;
    const windowMs = recent?.windowMs ?? row.age_ms;
    if (windowMs === null || windowMs < limits.minSeconds * 1000) {
      return cannotTell(
        `${formatCount(row.temp_files)} temporary files so far, but statistics cover less than ${formatDuration(limits.minSeconds * 1000)}: too short for a rate.`,
      );
    }
    const files = recent?.gained.files ?? Number(row.temp_files);
    const bytes = recent?.gained.bytes ?? Number(row.temp_bytes);
    const filesPerHour = (files * hourMs) / windowMs;
    const bytesPerHour = (bytes * hourMs) / windowMs;
    if (filesPerHour < limits.filesPerHour && bytesPerHour < limits.bytesPerHour) return [];
    return [
      {
        object: `database ${row.database_name}`,
        severity:
          bytesPerHour >= limits.manyBytesPerHour
            ? 'critical'
            : bytesPerHour >= limits.bytesPerHour || filesPerHour >= limits.manyFilesPerHour
              ? 'warning'
              : 'info',
        message: `Queries wrote ${formatBytes(bytes)} in ${formatCount(files)} temporary files in ${formatDuration(windowMs)}${recent ? ' since the last report' : ''} (${formatBytes(bytesPerHour)} an hour).`,
        measure: bytesPerHour,
        evidence: [
          { label: 'Temporary files', value: formatCount(files) },
          { label: 'Written', value: formatBytes(bytes) },
          ...(recent ? [] : [{ label: 'Statistics since', value: row.stats_reset ?? 'never reset' }]),
          { label: 'work_mem', value: row.work_mem },
        ],
        caution:
          'Raise work_mem for the role or the query that needs it: it counts per sort and per session. Index builds and materialized views write temporary files too.',
        ...(recent
          ? { confidence: 'high' as const }
          : {
              confidence: 'medium' as const,
              confidenceReason:
                row.stats_reset === null
                  ? 'Statistics were never reset, so the time they cover is an upper bound.'
                  : 'A mean over all time does not say when they were written.',
            }),
      },
    ];
  },
  measures(rows) {
    const row = currentDatabase(rows);
    if (row === undefined) return [];
    return [
      counterMeasure('temp.files', 'Temporary files', row.temp_files),
      counterMeasure('temp.bytes', 'Volume of temporary files', row.temp_bytes, 'bytes'),
    ];
  },
};
