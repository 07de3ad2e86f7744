import { formatBytes, formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';

interface Row {
  readonly database_name: string;
  readonly files: string;
  readonly bytes: string;
  readonly stats_reset: string | null;
  readonly age_hours: number | null;
  readonly work_mem: string;
}

export const temporaryFiles: HealthCheck<Row> = {
  id: 'CAC05',
  group: 'cache',
  basis: 'statistics',
  title: 'Temporary files',
  why: 'A sort or hash that does not fit into work_mem goes to disk and becomes many times slower. log_temp_files names the queries.',
  // Run on PostgreSQL 13 to 18. Where statistics were never reset, the server's own start of counting stands in.
  sql: () => `
select
  quote_ident(usage.datname) as database_name,
  usage.temp_files as files,
  usage.temp_bytes as bytes,
  usage.stats_reset::text as stats_reset,
  extract(epoch from clock_timestamp() - coalesce(usage.stats_reset, (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 / 3600 as age_hours,
  pg_catalog.current_setting('work_mem') as work_mem
from pg_catalog.pg_stat_database as usage
where usage.datname = current_database()`,
  findings([row]) {
    if (row === undefined || Number(row.files) === 0) return [];
    if (row.age_hours === null || row.age_hours < 1) {
      return cannotTell(
        `${formatCount(row.files)} temporary files so far, but statistics cover less than an hour: too short for a rate.`,
      );
    }
    const filesPerHour = Number(row.files) / row.age_hours;
    const bytesPerHour = Number(row.bytes) / row.age_hours;
    const gigabyte = 1024 ** 3;
    if (filesPerHour < 5 && bytesPerHour < gigabyte) return [];
    return [
      {
        object: `database ${row.database_name}`,
        severity:
          bytesPerHour >= 5 * gigabyte
            ? 'critical'
            : bytesPerHour >= gigabyte || filesPerHour >= 20
              ? 'warning'
              : 'info',
        message: `Queries wrote ${formatBytes(row.bytes)} in ${formatCount(row.files)} temporary files in ${formatDuration(row.age_hours * 3_600_000)} (${formatBytes(bytesPerHour)} an hour).`,
        evidence: [
          { label: 'Temporary files', value: formatCount(row.files) },
          { label: 'Written', value: formatBytes(row.bytes) },
          { label: 'Statistics since', value: row.stats_reset ?? 'never reset' },
          { label: 'work_mem', value: row.work_mem },
        ],
        caution: 'Raise work_mem for the role or the query that needs it: it counts per sort and per session.',
        confidence: row.stats_reset === null ? 'medium' : 'high',
        ...(row.stats_reset === null
          ? { confidenceReason: 'Statistics were never reset, so the time they cover is an upper bound.' }
          : {}),
      },
    ];
  },
};
