import { describe, expect, it } from 'vitest';

import { isMissing, managedWords, setupSteps } from '../../../../electron/services/statements/setup-steps.ts';
import {
  counterExpressions,
  extensionVersionOf,
  type SetupRow,
} from '../../../../electron/services/statements/statements-sql.ts';

const ready: SetupRow = {
  extension_version: '1.12',
  extension_schema: 'public',
  available_version: '1.12',
  may_use_schema: true,
  is_loaded: true,
  preload: 'pg_stat_statements',
  preload_source: 'configuration file',
  preload_reads_files: true,
  preload_pending: 'pg_stat_statements',
  preload_auto: null,
  reads_all: true,
  may_create: true,
  track: 'top',
  track_planning: 'on',
  track_io_timing: 'on',
  compute_query_id: 'auto',
  max_statements: '5000',
  provider: null,
};
const facts = { versionNum: 180_000, user: 'ada', isSuperuser: true, database: 'shop' };
const todo = (row: Partial<SetupRow>, other: Partial<typeof facts> = {}) =>
  setupSteps({ ...ready, ...row }, { ...facts, ...other })
    .filter(({ state }) => state !== 'done')
    .map(({ id, state, sql, needs }) => [id, state, sql, needs]);

describe('the steps', () => {
  it('are all done where everything is there', () => {
    expect(todo({})).toEqual([]);
    expect(isMissing(setupSteps(ready, facts))).toBe(false);
  });

  it('keep what is loaded already, in their order', () => {
    expect(
      todo({
        is_loaded: false,
        preload: 'auto_explain',
        preload_pending: 'auto_explain, "pg_cron"',
        extension_version: null,
        extension_schema: null,
        may_use_schema: null,
        track: null,
        max_statements: null,
      }),
    ).toEqual([
      [
        'preload',
        'todo',
        "alter system set shared_preload_libraries = 'auto_explain', 'pg_cron', 'pg_stat_statements';",
        'restart',
      ],
      ['extension', 'todo', 'create extension pg_stat_statements;', 'nothing'],
    ]);
  });

  it('do not replace a list that this role may not see', () => {
    const [step] = setupSteps({ ...ready, is_loaded: false, preload: null, preload_reads_files: false }, facts);
    expect(step?.sql).toMatch(/^-- In postgresql.conf/);
    expect(step?.sql).not.toMatch(/^[^-]/m);
  });

  it('load nothing that has no files, and nothing against the command line', () => {
    const empty = { ...ready, is_loaded: false, preload: '', preload_pending: null };
    const sqlOf = (row: SetupRow) => setupSteps(row, facts).find(({ id }) => id === 'preload')?.sql;
    expect(sqlOf(empty)).toBe("alter system set shared_preload_libraries = 'pg_stat_statements';");
    expect(sqlOf({ ...empty, available_version: null })).toBeNull();
    expect(sqlOf({ ...empty, preload_source: 'command line' })).toBeNull();
  });

  it('say that only a restart is missing where the library is in the list', () => {
    expect(todo({ is_loaded: false })).toEqual([['preload', 'todo', null, 'restart']]);
  });

  it('ask for the package where the server has no files', () => {
    const steps = setupSteps(
      { ...ready, available_version: null, extension_version: null, extension_schema: null },
      facts,
    );
    expect(steps[0]).toMatchObject({ id: 'package', state: 'todo', sql: null });
  });

  it('number statements from 14 on', () => {
    expect(todo({ compute_query_id: 'off' })).toEqual([
      ['query-id', 'todo', "alter system set compute_query_id = 'auto';\nselect pg_reload_conf();", 'reload'],
    ]);
    expect(todo({ compute_query_id: null }, { versionNum: 130_000 })).toEqual([]);
  });

  it('quote hostile names', () => {
    const sql = setupSteps(
      { ...ready, extension_schema: 'Odd "place', may_use_schema: false, reads_all: false },
      { ...facts, user: 'x"; drop role y' },
    ).flatMap((step) => (step.sql === null ? [] : [step.sql]));
    expect(sql).toEqual([
      'grant usage on schema "Odd ""place" to "x""; drop role y";',
      'grant pg_read_all_stats to "x""; drop role y";',
    ]);
  });

  it('are worth having, not needed, for rights, planning and I/O times', () => {
    const row = { reads_all: false, track_planning: 'off', track_io_timing: 'off' };
    expect(todo(row).map(([id, state]) => [id, state])).toEqual([
      ['rights', 'optional'],
      ['planning', 'optional'],
      ['io-timing', 'optional'],
    ]);
    expect(isMissing(setupSteps({ ...ready, ...row }, facts))).toBe(false);
  });

  it('update an extension from before 13, and count again where nothing is tracked', () => {
    expect(todo({ extension_version: '1.7', track: 'none' })).toEqual([
      ['track', 'todo', "alter system set pg_stat_statements.track = 'top';\nselect pg_reload_conf();", 'reload'],
      ['update', 'todo', 'alter extension pg_stat_statements update;', 'nothing'],
    ]);
  });
});

it('knows how managed servers do it', () => {
  for (const provider of ['rds', 'cloudsql', 'alloydb', 'azure', 'neon', 'aiven'])
    expect(managedWords(provider)).toMatch(/^This is .+\.$/);
  expect(managedWords(null)).toBeNull();
});

it('asks each version of the extension for the columns that it has', () => {
  expect(['1.8', '1.10', '2.0'].map(extensionVersionOf)).toEqual([108, 110, 200]);
  const columns = (version: number) =>
    Object.values(counterExpressions(version)).filter((expression) => expression !== null);
  expect([108, 109, 110, 111, 112].map((version) => columns(version).length)).toEqual([26, 26, 36, 40, 43]);
  expect(counterExpressions(110).readMs).toBe('blk_read_time');
  expect(counterExpressions(111).readMs).toBe('shared_blk_read_time + local_blk_read_time');
});
