import { describe, expect, it } from 'vitest';

import { spreadWithoutSlowest } from '../../../electron/services/health/checks/queries/qry04-unsteady-statements.ts';
import { planningDominates } from '../../../electron/services/health/checks/queries/qry05-planning-dominates.ts';
import { jitDominates } from '../../../electron/services/health/checks/queries/qry06-jit-dominates.ts';
import { heavyStatements } from '../../../electron/services/health/checks/queries/qry03-heavy-statements.ts';
import {
  identifiersOf,
  readsAllPartitions,
} from '../../../electron/services/health/checks/queries/qry12-partition-key-not-used.ts';
import {
  isUtility,
  statementsSql,
  type StatementRow,
} from '../../../electron/services/health/checks/queries/statements-sql.ts';
import { statementStatisticsMissing } from '../../../electron/services/health/checks/queries/qry07-statement-statistics-missing.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const facts = healthFacts({ extensions: new Map([['pg_stat_statements', { schema: 'public', version: '1.12' }]]) });

const row: StatementRow = {
  is_loaded: true,
  tracks_planning: true,
  database_ms: 1_000_000,
  partitioned: null,
  query_id: '1',
  query: 'select $1',
  query_length: 9,
  calls: '100',
  total_ms: 1000,
  slowest_ms: 10,
  squares: 10_000,
  rows: '100',
  blocks_read: '0',
  temp_blocks_written: '0',
  wal_bytes: '0',
  plans: '0',
  total_plan_ms: 0,
  jit_ms: 0,
  block_bytes: 8192,
};

describe('statements', () => {
  it('vary without their slowest call, or they do not vary', () => {
    const of = (times: readonly number[]): StatementRow => ({
      ...row,
      calls: String(times.length),
      total_ms: times.reduce((sum, time) => sum + time, 0),
      slowest_ms: Math.max(...times),
      squares: times.reduce((sum, time) => sum + time ** 2, 0),
    });
    const steady = Array.from({ length: 99 }, () => 10);
    const outlier = spreadWithoutSlowest(of([...steady, 10_000]));
    const fast = Array.from({ length: 95 }, () => 1);
    const skewed = spreadWithoutSlowest(of([...fast, 5000, 5000, 5000, 5000, 5000]));
    expect(outlier).toBeCloseTo(0, 3);
    expect(skewed).toBeGreaterThan(3);
    expect(spreadWithoutSlowest(of([5]))).toBe(0);
  });

  it('are heavy by what one call moves, maintenance apart', () => {
    const judge = (different: Partial<StatementRow>) =>
      heavyStatements.findings([{ ...row, ...different }], contextOf(heavyStatements, { facts }));
    expect(judge({ rows: '999999' })).toEqual([]);
    expect(judge({ rows: '1000000', query: 'copy public.t to stdout' })).toEqual([]);
    expect(judge({ rows: '1000000', temp_blocks_written: '100000' })).toMatchObject([
      {
        severity: 'info',
        message: 'On average one call of a statement writes 7.8 MB of temporary files, handles 10,000 rows.',
      },
    ]);
    expect(judge({ wal_bytes: String(100 * 1024 ** 2), blocks_read: '100000' })).toMatchObject([
      { message: 'On average one call of a statement reads 7.8 MB from outside shared buffers, writes 1 MB of WAL.' },
    ]);
    expect(judge({ rows: '1000000', calls: '19' })).toEqual([]);
  });

  it('plan longer than they run only where planning is measured', () => {
    const judge = (different: Partial<StatementRow>) =>
      planningDominates.findings([{ ...row, ...different }], contextOf(planningDominates, { facts }));
    expect(judge({ plans: '100', total_plan_ms: 1000 })).toEqual([]);
    expect(judge({ plans: '100', total_plan_ms: 1001 })).toMatchObject([{ severity: 'info' }]);
    expect(judge({ tracks_planning: false })).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'alter system set pg_stat_statements.track_planning = on;\nselect pg_catalog.pg_reload_conf();',
    });
  });

  it('compile for a share of their time', () => {
    const judge = (jit_ms: number, different: Partial<StatementRow> = {}) =>
      jitDominates.findings([{ ...row, total_ms: 10_000, jit_ms, ...different }], contextOf(jitDominates, { facts }));
    expect([judge(2999), judge(999, { total_ms: 1000 })]).toEqual([[], []]);
    expect(judge(3000)).toMatchObject([{ severity: 'info' }]);
  });

  it('are maintenance by their first word, comments before it or not', () => {
    expect(
      ['vacuum t', '/* x */ COPY t to stdout', '-- a\n create index on t (a)', ' fetch 100 from c'].map(isUtility),
    ).toEqual([true, true, true, true]);
    expect(
      ['select vacuum from t', 'with c as (select 1) select * from c', 'insert into created values (1)', null].map(
        isUtility,
      ),
    ).toEqual([false, false, false, false]);
  });

  it('name a partition key, in whatever spelling, or they do not', () => {
    expect(identifiersOf(`select e."Key ""x""", 'happened' from Events as e -- happened`)).toEqual(
      new Set(['select', 'e', 'Key "x"', 'from', 'events', 'as']),
    );
    const table = {
      schema: 'public',
      name: 'events',
      oid: 1,
      display: 'public.events',
      key: ['happened'],
      partitions: 9,
    };
    const reads = (query: string, different: Partial<StatementRow> = {}) =>
      readsAllPartitions({ ...row, query, query_length: query.length, ...different }, table, identifiersOf(query));
    expect([
      reads('select * from events where id = $1'),
      reads('select * from events where Happened = $1'),
      reads('select * from events where "happened" = $1'),
      reads('insert into events values ($1)'),
      reads('select * from event_log where id = $1'),
      reads('select * from events natural join days'),
      reads('select * from events where id = $1', { query_length: 9000 }),
    ]).toEqual([true, false, false, false, false, false, false]);
  });

  it('are asked of the schema where the extension is, in the columns that its version has', () => {
    const sql = (version: string) =>
      statementsSql(healthFacts({ extensions: new Map([['pg_stat_statements', { schema: 'my "stats', version }]]) }));
    expect(sql('1.10')).toContain('from "my ""stats".pg_stat_statements as statement');
    expect([
      sql('1.10').includes('jit_'),
      sql('1.9').includes('jit_generation'),
      sql('1.8').includes('toplevel'),
    ]).toEqual([true, false, false]);
    expect(sql('1.7')).not.toContain('"my');
  });
});

it('QRY07: loads no library whose files are not there', () => {
  const outcome = statementStatisticsMissing.findings(
    [
      {
        is_available: false,
        is_installed: false,
        is_loaded: false,
        preload: '',
        preload_source: 'default',
        preload_reads_files: true,
        preload_pending: null,
        preload_auto: null,
      },
    ],
    contextOf(statementStatisticsMissing),
  );
  expect('kind' in outcome ? [] : outcome.map(({ fixSql, caution }) => [fixSql, caution])).toEqual([
    [undefined, 'Install the contrib package on the server first.'],
  ]);
});
