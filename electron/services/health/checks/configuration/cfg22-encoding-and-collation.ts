import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { counterMeasure } from '../cache/database-counters.ts';

interface Row {
  readonly database_name: string;
  readonly is_current: boolean;
  readonly encoding: string;
  readonly collate: string;
  readonly recorded_version: string | null;
  readonly actual_version: string | null;
  readonly size_bytes: string | null;
}

/** Beyond so many relations, adding up their files takes long; their number in pg_class is itself an estimate. */
const maxRelations = 100_000;

/** What sorts texts: since 15 it may be another provider than the operating system. */
function localeOf(versionNum: number): string {
  if (versionNum < 150_000) return 'database.datcollate';
  const own = versionNum >= 170_000 ? 'database.datlocale' : 'database.daticulocale';
  return `case database.datlocprovider when 'c' then database.datcollate else ${own} end`;
}

export const encodingAndCollation: HealthCheck<Row> = {
  id: 'CFG22',
  group: 'configuration',
  basis: 'catalog',
  title: 'Encodings and collations of databases',
  why: 'SQL_ASCII stores any bytes, so that texts of several encodings mix and nobody can tell them apart later. When the operating system sorts otherwise than it did when an index was built, the index misses rows and lets duplicates in.',
  // Run on PostgreSQL 13 to 18. A database records the version of its collation since 15.
  sql: ({ versionNum }) => `
select
  quote_ident(database.datname) as database_name,
  database.datname = current_database() as is_current,
  pg_catalog.pg_encoding_to_char(database.encoding) as encoding,
  ${localeOf(versionNum)} as collate,
  ${
    versionNum >= 150_000
      ? `database.datcollversion as recorded_version,
  pg_catalog.pg_database_collation_actual_version(database.oid) as actual_version`
      : `null::text as recorded_version,
  null::text as actual_version`
  },
  case
    when database.datname = current_database()
      and (select reltuples from pg_catalog.pg_class where oid = 'pg_catalog.pg_class'::regclass) < ${maxRelations}
      then pg_catalog.pg_database_size(database.oid)
  end as size_bytes
from pg_catalog.pg_database as database
where database.datallowconn
  and database.datconnlimit <> -2
order by database.datname`,
  findings(rows) {
    return rows.flatMap((row): HealthFinding[] => [
      ...(row.encoding === 'SQL_ASCII'
        ? [
            {
              object: `database ${row.database_name}`,
              severity: 'warning' as const,
              message: `Database ${row.database_name} has the encoding SQL_ASCII: it takes any bytes for text and converts nothing.`,
              evidence: [
                { label: 'Encoding', value: row.encoding },
                { label: 'Collation', value: row.collate },
              ],
              caution: 'Only a dump and a restore into a new database changes it, after all texts were converted.',
              confidence: 'high' as const,
            },
          ]
        : []),
      ...(row.recorded_version !== null && row.actual_version !== null && row.recorded_version !== row.actual_version
        ? [collationFinding(row, row.recorded_version, row.actual_version)]
        : []),
    ]);
  },
  measures(rows) {
    return rows.flatMap((row) =>
      row.size_bytes === null
        ? []
        : [counterMeasure('database.size', `Size of ${row.database_name}`, row.size_bytes, 'bytes')],
    );
  },
};

function collationFinding(row: Row, recorded: string, actual: string): HealthFinding {
  return {
    object: `database ${row.database_name}`,
    severity: 'warning',
    message: `Database ${row.database_name} was made with version ${recorded} of its collation, and the server now sorts by ${actual}: indexes on text may miss rows.`,
    evidence: [
      { label: 'Collation', value: row.collate },
      { label: 'Recorded version', value: recorded },
      { label: 'Version now', value: actual },
    ],
    ...(row.is_current
      ? {
          fixSql: `reindex database concurrently ${row.database_name};\nalter database ${row.database_name} refresh collation version;`,
          lock: lockTexts.shareUpdateExclusive,
          caution:
            'Rebuilds every index and needs the space of the largest one. Unique indexes may find duplicates that came in meanwhile; partition bounds and constraints on text have to be looked at too.',
        }
      : { caution: `To be reindexed from a connection to ${row.database_name}, before its version is refreshed.` }),
    confidence: 'high',
  };
}
