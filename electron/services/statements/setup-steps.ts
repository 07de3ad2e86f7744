import type { SetupStep } from '#contract/statements.ts';

import { preloadChange } from '../../postgres/preload-libraries.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { extensionVersionOf, type SetupRow } from './statements-sql.ts';

export interface SetupFacts {
  readonly versionNum: number;
  readonly user: string;
  readonly isSuperuser: boolean;
  readonly database: string;
}

const superuser = 'A superuser';

/** What is to be done for statistics of statements, in order; done steps are told too. Pure. */
export function setupSteps(row: SetupRow, facts: SetupFacts): SetupStep[] {
  const schema = row.extension_schema;
  const isOld = row.extension_version !== null && extensionVersionOf(row.extension_version) < 108;
  const steps: SetupStep[] = [preloadStep(row)];
  if (row.available_version === null && row.extension_version === null) {
    steps.unshift({
      id: 'package',
      title: 'Install the files of the extension on the server',
      state: 'todo',
      why: 'pg_stat_statements comes with PostgreSQL, in its package of contributed modules (postgresql-contrib).',
      sql: null,
      needs: 'nothing',
      who: 'Whoever administers the machine',
    });
  }
  if (facts.versionNum >= 140_000) {
    const isOff = row.compute_query_id === 'off';
    steps.push({
      id: 'query-id',
      title: 'Let the server number its statements',
      state: isOff ? 'todo' : 'done',
      why: isOff
        ? 'compute_query_id is off: statements get no number, and without one they are not counted.'
        : `compute_query_id is ${row.compute_query_id ?? 'not known'}.`,
      sql: isOff ? "alter system set compute_query_id = 'auto';\nselect pg_reload_conf();" : null,
      needs: 'reload',
      who: superuser,
    });
  }
  if (row.track === 'none') {
    steps.push({
      id: 'track',
      title: 'Count statements',
      state: 'todo',
      why: 'pg_stat_statements.track is none: the library is loaded and counts nothing.',
      sql: "alter system set pg_stat_statements.track = 'top';\nselect pg_reload_conf();",
      needs: 'reload',
      who: superuser,
    });
  }
  steps.push({
    id: 'extension',
    title: `Create the extension in ${facts.database}`,
    state: row.extension_version === null ? 'todo' : 'done',
    why:
      schema === null
        ? 'Its view shows the statements of all databases. It is needed in each one that it is read from.'
        : `pg_stat_statements ${row.extension_version} is in schema ${schema}.`,
    sql:
      row.extension_version === null && row.available_version !== null ? 'create extension pg_stat_statements;' : null,
    needs: 'nothing',
    // It is not trusted: the right to create in the database is not enough.
    who: superuser,
  });
  if (isOld) {
    steps.push({
      id: 'update',
      title: 'Update the extension',
      state: 'todo',
      why: `Version ${row.extension_version} is from a server before 13: its columns have other names.`,
      sql: 'alter extension pg_stat_statements update;',
      needs: 'nothing',
      who: 'The owner of the extension, or a superuser',
    });
  }
  if (schema !== null && row.may_use_schema === false) {
    steps.push({
      id: 'schema',
      title: 'Let this role look into the schema of the extension',
      state: 'todo',
      why: `The extension is in schema ${schema}, which ${facts.user} may not use.`,
      sql: `grant usage on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(facts.user)};`,
      needs: 'nothing',
      who: 'The owner of the schema, or a superuser',
    });
  }
  steps.push(
    {
      id: 'rights',
      title: 'See statements of all users',
      state: row.reads_all ? 'done' : 'optional',
      why: row.reads_all
        ? `${facts.user} may read all statistics.`
        : `${facts.user} sees its own statements only. Those of others are counted without their text or number.`,
      sql: row.reads_all ? null : `grant pg_read_all_stats to ${quoteIdentifier(facts.user)};`,
      needs: 'nothing',
      who: 'A role with ADMIN OPTION on pg_read_all_stats, or a superuser',
    },
    // Its settings cannot be set before the library is loaded.
    ...(row.is_loaded ? [planningStep(row)] : []),
    {
      id: 'io-timing',
      title: 'Time reads and writes',
      state: row.track_io_timing === 'on' ? 'done' : 'optional',
      why:
        row.track_io_timing === 'on'
          ? 'track_io_timing is on.'
          : 'Without it blocks are counted, but not how long they took. Look with pg_test_timing first: on most machines it costs nothing that can be measured.',
      sql: row.track_io_timing === 'on' ? null : 'alter system set track_io_timing = on;\nselect pg_reload_conf();',
      needs: 'reload',
      who: superuser,
    },
  );
  return steps;
}

function planningStep(row: SetupRow): SetupStep {
  return {
    id: 'planning',
    title: 'Count planning too',
    state: row.track_planning === 'on' ? 'done' : 'optional',
    why:
      row.track_planning === 'on'
        ? 'pg_stat_statements.track_planning is on.'
        : 'Without it the time that the planner takes is not seen. It costs a little with many short statements that run at the same time.',
    sql:
      row.track_planning === 'on'
        ? null
        : 'alter system set pg_stat_statements.track_planning = on;\nselect pg_reload_conf();',
    needs: 'reload',
    who: superuser,
  };
}

function preloadStep(row: SetupRow): SetupStep {
  const change = preloadChange(row, 'pg_stat_statements');
  const needed = 'Counting needs shared memory, which is taken at the start only.';
  const isThere = row.available_version !== null;
  const [why, sql] = row.is_loaded
    ? ['pg_stat_statements is in shared_preload_libraries.', null]
    : change.kind === 'waiting'
      ? ['It is in shared_preload_libraries already: the server has not been restarted since.', null]
      : !isThere
        ? [`${needed} First the files: with a library in the list that is not there the server does not start.`, null]
        : change.kind === 'command line'
          ? [`${needed} The command line of the server sets the list, which no SQL changes: add it there.`, null]
          : change.kind === 'hidden'
            ? [
                `${needed} This role may not see what the next start will load: keep it, beside pg_stat_statements.`,
                "-- In postgresql.conf, after what stands there:\n-- shared_preload_libraries = '…, pg_stat_statements'",
              ]
            : [needed, change.sql];
  return {
    id: 'preload',
    title: 'Load the library when the server starts',
    state: row.is_loaded ? 'done' : 'todo',
    why,
    sql,
    needs: 'restart',
    who: `${superuser}; whoever administers the machine restarts the server`,
  };
}

/** How managed servers do it: there ALTER SYSTEM and restarts are theirs. */
export function managedWords(provider: string | null): string | null {
  switch (provider) {
    case 'rds':
      return 'This is Amazon RDS or Aurora: settings are in the DB parameter group, and the library is loaded unless it was taken out of shared_preload_libraries there. A role of rds_superuser creates the extension and grants pg_read_all_stats.';
    case 'cloudsql':
    case 'alloydb':
      return 'This is Google Cloud SQL or AlloyDB: the library is loaded, and settings are flags of the instance. A role of cloudsqlsuperuser or alloydbsuperuser creates the extension and grants pg_read_all_stats.';
    case 'azure':
      return 'This is Azure Database for PostgreSQL: allow pg_stat_statements in azure.extensions and add it to shared_preload_libraries, both under Server parameters. A role of azure_pg_admin creates the extension.';
    case 'neon':
      return 'This is Neon: the library is loaded. Its counters begin anew whenever the compute starts. The owner of the database creates the extension.';
    case 'aiven':
      return 'This is Aiven: the library is loaded, and settings are in the advanced configuration of the service. avnadmin creates the extension.';
    default:
      return null;
  }
}

/** Whether something is still to be done before statements can be read. */
export function isMissing(steps: readonly SetupStep[]): boolean {
  return steps.some(({ state }) => state === 'todo');
}
