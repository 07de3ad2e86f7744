import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly is_available: boolean;
  readonly is_installed: boolean;
  readonly is_loaded: boolean;
  /** Null where the user may not read the setting. */
  readonly preload: string | null;
}

export const statementStatisticsMissing: HealthCheck<Row> = {
  id: 'QRY07',
  group: 'queries',
  basis: 'catalog',
  title: 'Statement statistics not collected',
  why: 'pg_stat_statements counts calls, time and blocks of every statement. Without it nobody can say which queries cost most; only what runs at this moment can be seen.',
  // Run on PostgreSQL 13 to 18. Its settings exist only where the library is loaded.
  sql: () => `
select
  exists (select from pg_catalog.pg_available_extensions where name = 'pg_stat_statements') as is_available,
  exists (select from pg_catalog.pg_extension where extname = 'pg_stat_statements') as is_installed,
  pg_catalog.current_setting('pg_stat_statements.max', true) is not null as is_loaded,
  (select setting from pg_catalog.pg_settings where name = 'shared_preload_libraries') as preload`,
  findings([row], { facts }) {
    if (row === undefined || (row.is_installed && row.is_loaded)) return [];
    const libraries = (row.preload ?? '')
      .split(',')
      .map((library) => library.trim())
      .filter((library) => library !== '');
    const steps = [
      ...(row.is_loaded
        ? []
        : row.preload === null
          ? [
              '-- Add pg_stat_statements to shared_preload_libraries, beside what is there, and restart the server. Then:',
            ]
          : [
              `alter system set shared_preload_libraries = ${[...libraries, 'pg_stat_statements'].map((library) => `'${library}'`).join(', ')};`,
              '-- Restart the server, then:',
            ]),
      ...(row.is_installed ? [] : ['create extension pg_stat_statements;']),
    ];
    return [
      {
        object: 'pg_stat_statements',
        severity: 'info',
        message: row.is_loaded
          ? `pg_stat_statements is loaded, but not installed in ${facts.database}.`
          : `pg_stat_statements is not loaded${row.is_available ? '' : ' and its files are not on the server'}: no statistics of statements are collected.`,
        evidence: [
          { label: 'Loaded', value: row.is_loaded ? 'yes' : 'no' },
          { label: 'Installed here', value: row.is_installed ? 'yes' : 'no' },
          { label: 'Available on the server', value: row.is_available ? 'yes' : 'no: install the contrib package' },
          { label: 'shared_preload_libraries', value: row.preload === '' ? '(empty)' : (row.preload ?? '(hidden)') },
        ],
        fixSql: steps.join('\n'),
        ...(row.is_installed ? {} : { undoSql: 'drop extension pg_stat_statements;' }),
        lock: lockTexts.none,
        ...(row.is_loaded ? {} : { caution: 'Loading the library needs a restart of the server.' }),
        confidence: 'high',
      },
    ];
  },
};
