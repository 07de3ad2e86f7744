import type { HealthFinding } from '#contract/health-model.ts';
import { preloadChange, preloadColumns, type PreloadRow } from '../../../../postgres/preload-libraries.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row extends PreloadRow {
  readonly is_available: boolean;
  readonly is_installed: boolean;
  readonly is_loaded: boolean;
}

export const statementStatisticsMissing: HealthCheck<Row> = {
  id: 'QRY07',
  group: 'queries',
  basis: 'catalog',
  title: 'Statement statistics not collected',
  why: 'pg_stat_statements counts calls, time and blocks of every statement. Without it nobody can say which queries cost most; only what runs at this moment can be seen.',
  // Run on PostgreSQL 13 to 18. Its settings exist only where the library is loaded.
  sql: ({ isSuperuser }) => `
select
  exists (select from pg_catalog.pg_available_extensions where name = 'pg_stat_statements') as is_available,
  exists (select from pg_catalog.pg_extension where extname = 'pg_stat_statements') as is_installed,
  pg_catalog.current_setting('pg_stat_statements.max', true) is not null as is_loaded,
  ${preloadColumns(isSuperuser)}`,
  findings([row], { facts }) {
    if (row === undefined || (row.is_installed && row.is_loaded)) return [];
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
        ...remedy(row),
        confidence: 'high',
      },
    ];
  },
};

function remedy(row: Row): Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'> {
  // With a library in the list that is not there the server does not start.
  if (!row.is_available) return { caution: 'Install the contrib package on the server first.' };
  const create = row.is_installed ? [] : ['create extension pg_stat_statements;'];
  const drop = row.is_installed ? [] : ['drop extension pg_stat_statements;'];
  if (row.is_loaded) return { fixSql: create.join('\n'), undoSql: drop.join('\n'), lock: lockTexts.none };
  const change = preloadChange(row, 'pg_stat_statements');
  const restart = 'Loading the library needs a restart of the server.';
  switch (change.kind) {
    case 'command line':
      return {
        caution: `shared_preload_libraries is set by the command line of the server, which no SQL changes: add pg_stat_statements where that starts, restart, then CREATE EXTENSION. ${restart}`,
      };
    case 'hidden':
      return {
        caution: `What the next start of the server will load is not known here, and ALTER SYSTEM would replace it: add pg_stat_statements to shared_preload_libraries beside what stands in the configuration, restart, then CREATE EXTENSION. ${restart}`,
      };
    case 'waiting':
      return {
        ...(create.length === 0 ? {} : { fixSql: create.join('\n'), undoSql: drop.join('\n'), lock: lockTexts.none }),
        caution: 'It is in shared_preload_libraries already: the server has not been restarted since.',
      };
    case 'sql':
      return {
        fixSql: [change.sql, ...(create.length === 0 ? [] : ['-- Restart the server, then:', ...create])].join('\n'),
        ...(change.undoSql === undefined ? {} : { undoSql: [...drop, change.undoSql].join('\n') }),
        lock: lockTexts.none,
        caution: restart,
      };
  }
}
