import { formatCount } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';

interface Row {
  readonly database_name: string;
  readonly failures: string | null;
  readonly last_failure: string | null;
  readonly checksums: string;
}

export const checksumFailures: HealthCheck<Row> = {
  id: 'CAC10',
  group: 'cache',
  basis: 'statistics',
  title: 'Checksum failures',
  why: 'A block whose checksum does not match was damaged by disk, memory or file system. Rows on it may be lost, and more may follow.',
  // Run on PostgreSQL 13 to 18. The row without a database stands for what all databases share.
  sql: () => `
select
  coalesce(quote_ident(usage.datname), 'shared objects') as database_name,
  usage.checksum_failures as failures,
  usage.checksum_last_failure::text as last_failure,
  pg_catalog.current_setting('data_checksums') as checksums
from pg_catalog.pg_stat_database as usage
order by 1`,
  findings(rows) {
    if (rows.some((row) => row.checksums === 'off')) {
      return cannotTell('Data checksums are off, so damaged blocks are not noticed (CFG15).');
    }
    return rows
      .filter((row) => Number(row.failures ?? 0) > 0)
      .map((row) => ({
        object: row.database_name === 'shared objects' ? row.database_name : `database ${row.database_name}`,
        severity: 'critical' as const,
        message: `${formatCount(row.failures ?? 0)} blocks failed their checksum in ${row.database_name}, the last one at ${row.last_failure ?? 'an unknown time'}.`,
        evidence: [
          { label: 'Failures', value: formatCount(row.failures ?? 0) },
          { label: 'Last failure', value: row.last_failure ?? 'unknown' },
        ],
        caution:
          'Take a copy of the data directory before anything else, then check the hardware, and restore from a good backup.',
        confidence: 'high' as const,
      }));
  },
};
