import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { detectLogFormat, logReader } from '../../../../electron/plan-core/log/index.ts';
import { loadSqlParser, normaliseStatement } from '../../../../electron/postgres/sql-parser/index.ts';
import { DurationHistogram } from '../../../../electron/services/logs/duration-histogram.ts';
import { logAdvice } from '../../../../electron/services/logs/log-advice.ts';
import { LogDigest, type LogDigestResult } from '../../../../electron/services/logs/log-digest.ts';
import { SampleBudget, StatementSamples } from '../../../../electron/services/logs/log-samples.ts';
import { redactParameters } from '../../../../electron/services/logs/redact-parameters.ts';
import { redactStatement } from '../../../../electron/services/query/index.ts';
import { statementId, statementKey } from '../../../../electron/services/logs/statement-key.ts';
import { Timeline } from '../../../../electron/services/logs/timeline.ts';

beforeAll(() => loadSqlParser());

function digest(text: string): LogDigestResult {
  const lines = text.split('\n');
  const made = new LogDigest(normaliseStatement);
  const reader = logReader(detectLogFormat(lines), { entry: (entry) => made.take(entry), unreadable: () => {} });
  for (const line of lines) reader.push(line);
  reader.end();
  return made.finish();
}

let minute = 0;
const at = (pid: number, text: string, second = 0) =>
  `2026-11-29 18:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000 UTC [${pid}] ${text}`;

describe('statements', () => {
  it('take parse and bind into the execution that follows, session by session', () => {
    const { statements, report } = digest(
      [
        at(1, 'LOG:  duration: 1.000 ms  parse <unnamed>: select $1'),
        at(2, 'LOG:  duration: 10.000 ms  parse <unnamed>: select $1'),
        at(1, 'LOG:  duration: 2.000 ms  bind <unnamed>: select $1'),
        at(1, "DETAIL:  Parameters: $1 = 'a'"),
        at(2, 'LOG:  duration: 20.000 ms  bind <unnamed>: select $1'),
        at(1, 'LOG:  duration: 4.000 ms  execute <unnamed>: select $1'),
        at(1, "DETAIL:  Parameters: $1 = 'a'"),
        at(2, 'LOG:  duration: 40.000 ms  execute <unnamed>: select $1'),
        at(3, 'LOG:  duration: 100.000 ms  bind <unnamed>: select $1'),
        at(3, 'LOG:  duration: 1000.000 ms  execute fetch from <unnamed>: select $1'),
      ].join('\n'),
    );
    expect(statements).toHaveLength(1);
    expect(statements[0]?.statement).toMatchObject({ calls: 2, totalMs: 1177, parseMs: 11, bindMs: 122, maxMs: 70 });
    expect(statements[0]?.samples.map(({ durationMs, parameters }) => [durationMs, parameters])).toEqual([
      [70, null],
      [7, ['a']],
    ]);
    expect(report).toMatchObject({ calls: 2, totalMs: 1177 });
  });

  it('give bare durations to the statement that the same session logged before, and to no other', () => {
    const { statements, report } = digest(
      [
        at(1, 'LOG:  statement: select 1'),
        at(2, 'LOG:  statement: select 2 from t'),
        at(1, 'LOG:  duration: 3.000 ms'),
        at(3, 'LOG:  duration: 500.000 ms'),
        at(2, 'LOG:  duration: 5.000 ms'),
      ].join('\n'),
    );
    expect(statements.map(({ statement }) => [statement.sql, statement.calls, statement.totalMs])).toEqual([
      ['select $1 from t', 1, 5],
      ['select $1', 1, 3],
    ]);
    expect(report.bareDurations).toEqual({ count: 1, totalMs: 500 });
  });

  it('without a process in the prefix pair a bare duration with the line before only', () => {
    const { statements, report } = digest(
      [
        'LOG:  statement: select 1',
        'LOG:  duration: 3.000 ms',
        'LOG:  statement: select 1',
        'ERROR:  x',
        'LOG:  duration: 9.000 ms',
      ].join('\n'),
    );
    expect(statements[0]?.statement).toMatchObject({ calls: 1, totalMs: 3 });
    expect(report.bareDurations.count).toBe(1);
  });

  it('count once where auto_explain logs them, too', () => {
    const plan = (ms: number) =>
      at(1, `LOG:  duration: ${ms} ms  plan:\n\tQuery Text: select 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)`);
    expect(
      digest([plan(4), at(1, 'LOG:  duration: 5.000 ms  statement: select 1')].join('\n')).statements[0]?.statement,
    ).toMatchObject({ calls: 1, totalMs: 5, plans: 1, fromPlans: false });
    const only = digest([plan(4), plan(6)].join('\n'));
    expect(only.statements[0]?.statement).toMatchObject({ calls: 2, totalMs: 10, plans: 2, fromPlans: true });
    expect(only.report.timeline.steps).toMatchObject([{ calls: 2, durationMs: 10 }]);
  });

  it('of different tables stay apart, although pg_query takes t1 and t2 for one', () => {
    const { statements } = digest(
      [1, 2, 1]
        .map((n) => at(1, `LOG:  duration: ${n}.000 ms  statement: select * from t${n} where a = ${n}`))
        .join('\n'),
    );
    expect(statements.map(({ statement }) => [statement.sql, statement.calls]).toSorted()).toEqual([
      ['select * from t1 where a = $1', 2],
      ['select * from t2 where a = $1', 1],
    ]);
  });

  it('that were prepared by SQL are known by what was prepared', () => {
    const { statements } = digest(
      [
        at(1, "LOG:  duration: 1.000 ms  statement: execute p(7, 'it''s', null)"),
        at(1, 'DETAIL:  prepare: prepare p(int, text, int) as select * from t where a = $1'),
      ].join('\n'),
    );
    expect(statements[0]).toMatchObject({
      statement: { sql: 'select * from t where a = $1' },
      samples: [{ parameters: ['7', "it's", null], sql: 'select * from t where a = $1' }],
    });
  });

  it('that were prepared with types that have parentheses are known as well', () => {
    const { statements } = digest(
      [
        at(1, 'LOG:  duration: 1.000 ms  statement: execute p(7)'),
        at(1, 'DETAIL:  prepare: prepare p(numeric(10, 2), text) as select * from t where a = $1'),
      ].join('\n'),
    );
    expect(statements[0]?.statement.sql).toBe('select * from t where a = $1');
  });

  it('whose names hold colons are known by what was prepared', () => {
    const { statements } = digest(
      [
        at(1, 'LOG:  duration: 1.000 ms  parse user:by-id: select a from t where b = $1'),
        at(1, 'LOG:  duration: 2.000 ms  bind user:by-id: select a from t where b = $1'),
        at(1, 'LOG:  duration: 4.000 ms  execute user:by-id: select a from t where b = $1'),
        at(1, 'LOG:  duration: 5.000 ms  execute users: all: x/C_2: select c from t'),
        at(1, "LOG:  duration: 6.000 ms  execute find: y: select 'd: e' from t"),
        at(1, "LOG:  execute users: all: select f from t where g = 'h: i'"),
        at(1, 'LOG:  duration: 8.000 ms'),
      ].join('\n'),
    );
    expect(statements.map(({ statement }) => [statement.sql, statement.calls, statement.totalMs])).toEqual([
      ['select f from t where g = $1', 1, 8],
      ['select a from t where b = $1', 1, 7],
      ['select $1 from t', 1, 6],
      ['select c from t', 1, 5],
    ]);
    expect(statements[2]?.samples[0]?.sql).toBe("select 'd: e' from t");
  });

  it('whose names hold colons are kept where they were cut', () => {
    const { statements } = digest(at(1, "LOG:  duration: 4.000 ms  execute user:by-id: select 'a: b"));
    expect(statements[0]?.statement).toMatchObject({
      sql: "select 'a: b",
      fingerprint: expect.stringMatching(/^text:/),
    });
  });

  it.each(["select 'abc", 'select "abc', 'select 1 /* abc', 'select $$abc'])(
    'that end inside of something are themselves, and not what the parser says of them: %s',
    (sql) => {
      const { statements } = digest(at(1, `LOG:  duration: 4.000 ms  statement: ${sql}`));
      expect(statements.map(({ statement }) => [statement.sql, statement.fingerprint])).toEqual([
        [sql, expect.stringMatching(/^text:[0-9a-f]{32}$/)],
      ]);
    },
  );

  it('that only name a place in a session are one, whatever the name', () => {
    const { statements } = digest(
      [
        ...[1, 2, 3].flatMap((number) => [
          `savepoint sp_${number}`,
          `release savepoint "sp ${number}"`,
          `rollback to sp_${number};`,
          `deallocate s${number}`,
        ]),
        'deallocate all',
      ]
        .map((sql) => at(1, `LOG:  duration: 1.000 ms  statement: ${sql}`))
        .join('\n'),
    );
    expect(statements.map(({ statement }) => statement.calls).toSorted()).toEqual([1, 3, 3, 3, 3]);
  });

  it('that fail do not get the duration of the next one', () => {
    const { statements, report } = digest(
      [
        at(1, 'LOG:  statement: insert into t values (1)'),
        at(1, 'ERROR:  duplicate key value violates unique constraint "t_pkey"'),
        at(1, 'LOG:  duration: 900.000 ms'),
      ].join('\n'),
    );
    expect(statements).toEqual([]);
    expect(report.bareDurations).toEqual({ count: 1, totalMs: 900 });
  });

  it.each([
    ['text', `Query Text: select 1 from t where a = $1\n\tQuery Parameters: $1 = 'it''s "x"'\n\tSeq Scan on t`],
    [
      'JSON',
      `{\n\t  "Query Text": "select 1 from t where a = $1",\n\t  "Query Parameters": "$1 = 'it''s \\"x\\"'",\n\t  "Plan": {}\n\t}`,
    ],
    [
      'XML',
      `<explain xmlns="http://www.postgresql.org/2009/explain">\n\t  <Query-Text>select 1 from t where a = $1</Query-Text>\n\t  <Query-Parameters>$1 = &apos;it&apos;&apos;s &quot;x&quot;&apos;</Query-Parameters>\n\t</explain>`,
    ],
    ['YAML', `Query Text: "select 1 from t where a = $1"\n\tQuery Parameters: "$1 = 'it''s \\"x\\"'"\n\tPlan: `],
  ])('have the parameters that auto_explain logs as %s', (_, body) => {
    const { statements } = digest(at(1, `LOG:  duration: 2000.000 ms  plan:\n\t${body}`));
    expect(statements[0]?.samples[0]?.parameters).toEqual([`it's "x"`]);
  });

  it('whose parse and bind alone were logged count in the timeline as well', () => {
    const { report } = digest(at(1, 'LOG:  duration: 30.000 ms  bind <unnamed>: select $1'));
    expect(report.timeline?.steps.reduce((sum, step) => sum + step.durationMs, 0)).toBe(30);
  });

  it('are counted once, however often they come back after they were let go of', () => {
    const lines = Array.from({ length: 64_000 }, (_, index) =>
      at(1, `LOG:  duration: 1.000 ms  statement: select c${index % 21_000} from t`),
    );
    const { report } = digest(lines.join('\n'));
    expect([report.statements, report.calls]).toEqual([21_000, 64_000]);
  });

  it('keep exact sums when there are more than can be listed', () => {
    const lines = Array.from({ length: 45_000 }, (_, index) =>
      at(1, `LOG:  duration: 1.000 ms  statement: select c${index} from t`),
    );
    const { statements, report } = digest(lines.join('\n'));
    expect(statements).toHaveLength(5000);
    expect([report.calls, Math.round(report.totalMs)]).toEqual([45_000, 45_000]);
    expect(report.leftOut.calls).toBe(40_000);
  });
});

describe('everything else', () => {
  it('counts errors, temporary files, waits, deadlocks, maintenance and connections', () => {
    const { report } = digest(
      [
        at(1, 'ERROR:  relation "a" does not exist'),
        at(1, 'STATEMENT:  select * from a'),
        at(1, 'ERROR:  relation "b" does not exist'),
        at(1, 'WARNING:  there is no transaction in progress'),
        at(1, 'LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 1000'),
        at(1, 'STATEMENT:  select * from t order by 1'),
        at(1, 'LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp1.1", size 500'),
        at(2, 'LOG:  process 2 still waiting for ShareLock on transaction 9 after 1000.000 ms'),
        at(2, 'DETAIL:  Process holding the lock: 1. Wait queue: 2.'),
        at(2, 'STATEMENT:  update t set a = 1'),
        at(2, 'LOG:  process 2 acquired ShareLock on transaction 9 after 4500.000 ms'),
        at(3, 'LOG:  process 3 detected deadlock while waiting for ShareLock on transaction 8 after 1000.000 ms'),
        at(3, 'ERROR:  deadlock detected'),
        at(3, 'DETAIL:  Process 3 waits for ShareLock on transaction 8; blocked by process 4.'),
        at(5, 'LOG:  checkpoint starting: wal'),
        at(
          5,
          'LOG:  checkpoint complete: wrote 10 buffers (0.1%); 0 WAL file(s) added, 0 removed, 0 recycled; write=1.500 s, sync=0.100 s, total=2.000 s; sync files=1, longest=0.100 s, average=0.100 s; distance=10 kB, estimate=10 kB',
        ),
        at(5, 'LOG:  checkpoint starting: time'),
        at(
          5,
          'LOG:  checkpoint complete: wrote 5 buffers (0.1%); 0 WAL file(s) added, 0 removed, 0 recycled; write=1.500 s, sync=0.100 s, total=1.000 s; sync files=1, longest=0.100 s, average=0.100 s; distance=10 kB, estimate=10 kB',
        ),
        at(6, 'LOG:  connection received: host=10.0.0.1 port=1'),
        at(6, 'LOG:  connection authorized: user=ada database=shop application_name=psql'),
        at(6, 'LOG:  disconnection: session time: 0:00:10.000 user=ada database=shop host=10.0.0.1 port=1'),
      ].join('\n'),
    );
    expect(report).toMatchObject({ errors: 3, tempFiles: 2, tempBytes: 1500, lockWaits: 2, deadlocks: 1 });
    expect(report.errorGroups.map(({ severity, shape, count }) => [severity, shape, count])).toEqual([
      ['ERROR', 'relation "…" does not exist', 2],
      ['ERROR', 'deadlock detected', 1],
      ['WARNING', 'there is no transaction in progress', 1],
    ]);
    expect(report.locks.map(({ pid, waitedMs, outcome, holders }) => [pid, waitedMs, outcome, holders])).toEqual([
      [2, 4500, 'acquired', [1]],
      [3, 1000, 'deadlock', []],
    ]);
    expect(report.temp.map(({ sql, totalBytes }) => [sql, totalBytes])).toEqual([
      ['select * from t order by 1', 1000],
      [null, 500],
    ]);
    expect(report.checkpoints).toMatchObject({ count: 2, requested: 1, totalBuffers: 15, maxMs: 2000 });
    expect(report.connections).toMatchObject({
      received: 1,
      authorized: 1,
      ended: 1,
      meanSessionMs: 10_000,
      by: [{ user: 'ada', database: 'shop', count: 1 }],
    });
  });

  it('names that are longer than PostgreSQL’s do not stop the import', () => {
    const long = '"\\'.repeat(5000);
    const { report } = digest(
      [1, 2].map((pid) => at(pid, `LOG:  connection authorized: user=${long} database=shop`)).join('\n'),
    );
    expect(report.connections.by).toEqual([{ user: long.slice(0, 200), database: 'shop', client: null, count: 2 }]);
  });

  it('a wait that fails is over: the next one is another', () => {
    const waits = (pid: number) =>
      at(
        pid,
        `LOG:  process ${pid} still waiting for AccessExclusiveLock on relation 16384 of database 5 after 1000.000 ms`,
      );
    const { report } = digest(
      [
        waits(1),
        at(1, 'ERROR:  canceling statement due to lock timeout'),
        waits(1),
        at(2, 'ERROR:  of another'),
        at(1, 'LOG:  process 1 acquired AccessExclusiveLock on relation 16384 of database 5 after 3000.000 ms'),
        waits(3),
        at(3, 'LOG:  disconnection: session time: 0:00:10.000 user=ada database=shop host=10.0.0.1 port=1'),
        waits(4),
        at(4, 'FATAL:  terminating connection due to administrator command'),
        waits(5),
      ].join('\n'),
    );
    expect(report.lockWaits).toBe(5);
    expect(report.locks.map(({ pid, outcome }) => `${pid} ${outcome}`).toSorted()).toEqual([
      '1 acquired',
      '1 failed',
      '3 failed',
      '4 failed',
      '5 waiting',
    ]);
  });

  it('a wait that lasts stays, however many short ones come and go', () => {
    const waits = (pid: number, ms: number, how: string) =>
      at(pid, `LOG:  process ${pid} ${how} ShareLock on transaction ${pid} after ${ms}.000 ms`);
    const { report } = digest(
      [
        waits(1, 1000, 'still waiting for'),
        ...Array.from({ length: 6000 }, (_, number) => [
          waits(number + 2, 1000, 'still waiting for'),
          waits(number + 2, 1500, 'acquired'),
        ]).flat(),
        waits(1, 900_000, 'acquired'),
      ].join('\n'),
    );
    expect([report.lockWaits, report.locks.length]).toEqual([6001, 1000]);
    expect(report.locks[0]).toMatchObject({ pid: 1, waitedMs: 900_000, outcome: 'acquired' });
  });

  it('advises only what the log does not have', () => {
    const advised = (text: string) => {
      const { report, hints } = digest(text);
      return logAdvice(report, hints, ['stderr']).map(({ id, state }) => `${id} ${state}`);
    };
    expect(advised(at(1, 'LOG:  x'))).toContain('durations missing');
    expect(advised(at(1, 'LOG:  duration: 3.000 ms'))).toContain('bare-durations missing');
    expect(advised(at(1, 'LOG:  duration: 3.000 ms  statement: select 1'))).toEqual([
      'plans unsure',
      'lock-waits unsure',
      'temp-files unsure',
      'checkpoints unsure',
      'autovacuum unsure',
      'connections unsure',
    ]);
    expect(advised(at(1, 'FEHLER:  Division durch Null'))).toContain('language missing');
    expect(advised('')).toEqual([]);
  });
});

describe('secrets', () => {
  it('do not stay in statements, values, errors or plans', () => {
    const text = [
      at(1, "LOG:  duration: 9.000 ms  statement: alter role x password 'hunter2'"),
      at(1, 'LOG:  duration: 9.000 ms  execute <unnamed>: update users set password = $1 where id = $2'),
      at(1, "DETAIL:  Parameters: $1 = 'hunter2', $2 = '5'"),
      at(1, 'LOG:  duration: 9.000 ms  execute <unnamed>: insert into users (id, api_key) values ($1, $2)'),
      at(1, "DETAIL:  Parameters: $1 = '5', $2 = 'hunter2'"),
      at(1, 'ERROR:  syntax error at or near "\'hunter2\'"'),
      at(1, "STATEMENT:  create role y passwor 'a' password 'hunter2'"),
      at(1, 'ERROR:  x'),
      at(1, "CONTEXT:  unnamed portal with parameters: $1 = 'hunter2'"),
      at(1, 'STATEMENT:  select crypt($1, pw) from users where password is not null'),
      at(
        1,
        "LOG:  duration: 9.000 ms  plan:\n\tQuery Text: select 1 from u where secret = 'hunter2'\n\tResult  (cost=0.00..0.01 rows=1 width=4)",
      ),
      at(1, "LOG:  duration: 9.000 ms  statement: select dblink('host=a password=hunter2')"),
    ].join('\n');
    expect(JSON.stringify(digest(text))).not.toContain('hunter2');
  });

  it('are told from other values', () => {
    expect(redactParameters('select * from t where name = $1 and t.token = $2', ['a', 'b'])).toEqual(['a', '********']);
    expect(redactParameters('insert into t (a, "password_hash", c) values ($1, $2, $3)', ['a', 'b', null])).toEqual([
      'a',
      '********',
      null,
    ]);
    expect(redactStatement("select 1 where api_key = 'x' and name = 'y'")).toBe(
      "select 1 where api_key = '********' and name = 'y'",
    );
  });
});

describe('bounded numbers', () => {
  it('quantiles are off by one per cent at most', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = new DurationHistogram();
          for (const value of values) histogram.add(value);
          const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1] ?? 0;
          const [found] = histogram.quantiles([share]);
          expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThanOrEqual(0.0100001);
        },
      ),
    );
    expect(new DurationHistogram().quantiles([0.5])).toEqual([null]);
  });

  it('samples are the slowest three and a few others, within the budget', () => {
    const samples = new StatementSamples();
    const budget = new SampleBudget();
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (const ms of [5, 1, 9, 7, 3, 8, 2, 6, 4])
      samples.add(ms, random, budget, () => ({
        at: null,
        durationMs: ms,
        sql: 'x',
        parameters: null,
        cut: false,
        user: null,
        database: null,
        application: null,
      }));
    expect(samples.all.slice(0, 3).map(({ durationMs }) => durationMs)).toEqual([9, 8, 7]);
    expect(samples.all).toHaveLength(7);
    expect(new Set(samples.all).size).toBe(7);
    samples.release(budget);
    expect(budget.characters).toBe(0);
  });

  it('a timeline has a thousand steps at most, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e12, max: 4e12 }), { maxLength: 3000 }), (times) => {
        const timeline = new Timeline();
        for (const time of times) timeline.at(time).calls += 1;
        const { steps, stepMs } = timeline.finish(false);
        expect(steps.length).toBeLessThanOrEqual(1000);
        expect(steps.reduce((sum, { calls }) => sum + calls, 0)).toBe(times.length);
        expect(steps.every((step, index) => index === 0 || step.at - (steps[index - 1]?.at ?? 0) >= stepMs)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('keys are the same for statements that differ in constants, comments and layout only', () => {
    const key = statementKey(
      "select  a -- one\n from t where b = 1 and c in (1, 2) and d = 'x''y' and e = E'\\'z' and f = $$it's$$",
    );
    expect(statementKey("select a from t where b = 22 and c in (5,6,7) and d = '' and e = E'q' and f = $a$z$a$")).toBe(
      key,
    );
    expect(statementKey('select "a 1" from t')).not.toBe(statementKey('select "a 2" from t'));
    expect(statementKey('select $1')).not.toBe(statementKey('select 1'));
    expect(statementId('0123456789abcdef', 'k', 'select 1 from t')).toBe('0123456789abcdef');
    expect(statementId('0123456789abcdef', 'k', 'select 1 from T1')).toBe(
      statementId('0123456789abcdef', 'k', 'select 2 from t1'),
    );
  });
});
