import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  type LogEntry,
  type LogFormat,
  type Unreadable,
  detectLogFormat,
  logReader,
  messageShape,
  readParameters,
  understand,
} from '../../../../electron/plan-core/log/index.ts';
import { analyzePlans } from '../../../../electron/plan-core/index.ts';

function read(text: string, format?: LogFormat): { entries: LogEntry[]; unreadable: Unreadable[]; format: LogFormat } {
  const lines = text.split('\n');
  const chosen = format ?? detectLogFormat(lines);
  const entries: LogEntry[] = [];
  const unreadable: Unreadable[] = [];
  const reader = logReader(chosen, {
    entry: (entry) => entries.push(entry),
    unreadable: (bad) => unreadable.push(bad),
  });
  for (const line of lines) reader.push(line);
  reader.end();
  return { entries, unreadable, format: chosen };
}

const csv = (message: string, more: { detail?: string; statement?: string; user?: string } = {}) =>
  `2026-11-29 18:07:33.553 UTC,${more.user === undefined ? '"ada"' : `"${more.user}"`},"shop",13306,"10.0.0.7:34964",6b0c69e5.33fa,3,"SELECT",2026-11-29 18:07:33 UTC,3/0,0,LOG,00000,"${message.replaceAll('"', '""')}",${more.detail === undefined ? '' : `"${more.detail}"`},,,,,${more.statement === undefined ? '' : `"${more.statement}"`},,,"web","client backend",,0`;

describe('stderr', () => {
  it.each([
    ['%m [%p] ', '2026-11-29 18:07:36.590 UTC [13365] ', { pid: 13365, zone: 'UTC', user: null }],
    [
      '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
      '2026-11-29 18:07:36 CET [13365]: [7-1] user=ada,db=shop,app=psql - x, y,client=10.0.0.7 ',
      { pid: 13365, zone: 'CET', user: 'ada', database: 'shop', application: 'psql - x, y', client: '10.0.0.7' },
    ],
    ['', '', { pid: null, atMs: null, user: null }],
    [
      'of RDS: %t:%r:%u@%d:[%p]:',
      '2026-11-29 18:07:36 UTC:10.0.0.7(41312):ada@shop:[13365]:',
      { pid: 13365, user: 'ada', database: 'shop' },
    ],
    [
      '%m [%p] %q%u@%d ',
      '2026-11-29 18:07:36.590 +03 [13365] ada@shop ',
      { zone: '+03', user: 'ada', database: 'shop' },
    ],
    ['%n %c ', '1795975656.590 6b0c69e8.3435 ', { pid: 0x3435, atMs: 1_795_975_656_590 }],
    [
      'nobody yet',
      '2026-11-29 18:07:36 UTC [9]: [1-1] user=[unknown],db=[unknown],app=[unknown],client=10.0.0.7 ',
      { user: null, database: null, application: null, client: '10.0.0.7' },
    ],
  ])('is read with the prefix %s', (_, prefix, expected) => {
    const { entries, unreadable } = read(
      `${prefix}LOG:  duration: 0.239 ms  bind q1: select *\n\t  from t\n\t where a = $1\n${prefix}DETAIL:  Parameters: $1 = 'it''s\n\t\ttab'\n${prefix}LOG:  x`,
    );
    expect(unreadable).toEqual([]);
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({
      ...expected,
      line: 1,
      message: 'duration: 0.239 ms  bind q1: select *\n  from t\n where a = $1',
      detail: "Parameters: $1 = 'it''s\n\ttab'",
    });
  });

  it('keeps going over lines that are no messages, and tells them', () => {
    const { entries, unreadable } = read(
      [
        '\t of a statement whose beginning was rotated away',
        '2026-11-29 18:07:36.590 UTC [1] STATEMENT:  of a message that was',
        '2026-11-29 18:07:36.590 UTC [1] LOG:  duration: 1.5 ms  statement: select 1',
        '\t + 1',
        'segfault at 0 ip 000',
        '2026-11-29 18:07:36.590 UTC [1] LOG:  duration: 2.5 ms  statement: select 2',
      ].join('\n'),
      'stderr',
    );
    expect(entries.map(({ message }) => message)).toEqual([
      'duration: 1.5 ms  statement: select 1\n + 1',
      'duration: 2.5 ms  statement: select 2',
    ]);
    expect(unreadable.map(({ line, lines }) => [line, lines])).toEqual([
      [1, 1],
      [2, 1],
      [5, 1],
    ]);
  });

  it('is read through syslog, with its cut lines', () => {
    const { entries } = read(
      [
        'Nov 29 18:07:36 db1 postgres[77]: [5-1] LOG:  duration: 3.5 ms  statement: select a,',
        'Nov 29 18:07:36 db1 postgres[77]: [5-2] #011 b fr',
        'Nov 29 18:07:36 db1 postgres[77]: [5-3] om t',
      ].join('\n'),
    );
    expect(entries).toMatchObject([{ pid: 77, message: 'duration: 3.5 ms  statement: select a,\n b from t' }]);
  });

  it('is not misled by an application that is called like a message', () => {
    const prefix = (app: string) => `2026-11-29 18:07:36 UTC [9]: [1-1] user=ada,db=shop,app=${app},client=10.0.0.7 `;
    const { entries } = read(
      [
        `${prefix('web')}LOG:  duration: 1 ms  statement: select 1`,
        `${prefix('x LOG:  duration: 99999 ms  statement: drop')}LOG:  duration: 2 ms  statement: select 'ERROR:  x'`,
      ].join('\n'),
    );
    expect(entries.map(({ message }) => message)).toEqual([
      'duration: 1 ms  statement: select 1',
      "duration: 2 ms  statement: select 'ERROR:  x'",
    ]);
  });

  it('tells an error without its place in the statement, as other formats do', () => {
    const { entries } = read('2026-11-29 18:07:36 UTC [9] ERROR:  relation "a" does not exist at character 15');
    expect(entries[0]?.message).toBe('relation "a" does not exist');
  });

  it('in another language tells severities, and that its words are not read', () => {
    const { entries } = read(
      [
        '2026-11-29 18:07:36 CET [9] FEHLER:  Division durch Null',
        '2026-11-29 18:07:36 CET [9] ANWEISUNG:  select 1/0',
        '2026-11-29 18:07:36 CET [9] LOG:  Dauer: 0.4 ms  Anweisung: select 1',
        '2026-11-29 18:07:36 CET [9] ERREUR : division par zéro',
        '2026-11-29 18:07:36 CET [9] ОШИБКА:  деление на ноль',
      ].join('\n'),
      'stderr',
    );
    expect(entries.map((entry) => [entry.severity, entry.foreign, understand(entry).kind])).toEqual([
      ['ERROR', true, 'problem'],
      ['LOG', false, 'foreign'],
      ['ERROR', true, 'problem'],
      ['ERROR', true, 'problem'],
    ]);
  });
});

describe('csvlog', () => {
  it('is read over line ends and quotes', () => {
    const { entries, unreadable, format } = read(
      `${csv('duration: 1.5 ms  statement: select "a"\n  from t')}\n${csv('x', { detail: 'y', statement: 'select 1' })}`,
    );
    expect([format, unreadable]).toEqual(['csv', []]);
    expect(entries).toMatchObject([
      {
        line: 1,
        user: 'ada',
        database: 'shop',
        client: '10.0.0.7',
        application: 'web',
        message: 'duration: 1.5 ms  statement: select "a"\n  from t',
      },
      { line: 3, detail: 'y', statement: 'select 1', sqlstate: '00000' },
    ]);
  });

  it('goes on after a record that is cut, in quotes or not', () => {
    const whole = csv('duration: 1.5 ms  statement: select 1');
    const inQuotes = csv('duration: 9 ms  statement: select 2\n from t').slice(0, 190);
    const before = whole.slice(0, 60);
    const { entries, unreadable } = read([whole, inQuotes, whole, before, whole, whole].join('\n'), 'csv');
    expect(entries).toHaveLength(4);
    expect(unreadable.map(({ line, lines }) => [line, lines])).toEqual([
      [2, 2],
      [5, 1],
    ]);
  });

  it('takes a log inside of a statement for a part of the statement', () => {
    const quoted = csv('x').replaceAll('"', '""');
    const { entries, unreadable } = read(
      csv(`duration: 2 ms  statement: insert into l values ('\n${'@'}')`).replace('@', quoted),
      'csv',
    );
    expect([entries.length, unreadable]).toEqual([1, []]);
  });
});

describe('jsonlog', () => {
  it('is read, and so is what collectors make of logs', () => {
    const { entries, unreadable, format } = read(
      [
        '{"timestamp":"2026-11-29 18:07:36.591 UTC","user":"ada","dbname":"shop","pid":7,"remote_host":"10.0.0.7","error_severity":"ERROR","state_code":"22012","message":"division by zero","statement":"select 1/0","application_name":"web"}',
        '{"level":"info","logger":"postgres","record":{"log_time":"2026-11-29 18:07:36.591 UTC","user_name":"ada","database_name":"shop","process_id":"8","connection_from":"10.0.0.7:99","error_severity":"LOG","sql_state_code":"00000","message":"duration: 1 ms  statement: select 1"}}',
        '{"textPayload":"2026-11-29 18:07:36.591 UTC [9] LOG:  duration: 2 ms  statement: select 2"}',
        '{"timestamp":"2026-11-29 18:07:36.591 UTC","error_sev',
        '{"other":"program"}',
      ].join('\n'),
    );
    expect(format).toBe('json');
    expect(entries.map(({ pid, user, message, line }) => [pid, user, message, line])).toEqual([
      [7, 'ada', 'division by zero', 1],
      [8, 'ada', 'duration: 1 ms  statement: select 1', 2],
      [9, null, 'duration: 2 ms  statement: select 2', 3],
    ]);
    expect(unreadable.map(({ line }) => line)).toEqual([4, 5]);
  });
});

describe('messages', () => {
  const event = (message: string, detail: string | null = null) =>
    understand({ severity: 'LOG', message, detail, foreign: false });

  it('are understood', () => {
    expect(event('duration: 0.056 ms  execute S_1/C_2: select 1')).toEqual({
      kind: 'duration',
      ms: 0.056,
      phase: 'execute',
      text: 'select 1',
    });
    expect(event('duration: 5 ms  execute fetch from S_1/C_2: select 1')).toMatchObject({ phase: 'fetch' });
    expect(event('duration: 5.000 ms')).toMatchObject({ phase: 'bare' });
    expect(event('execute <unnamed>: select 1')).toEqual({ kind: 'logged', text: 'select 1' });
    expect(event('temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 5799936')).toEqual({
      kind: 'temp-file',
      sizeBytes: 5_799_936,
    });
    expect(
      event(
        'process 7 still waiting for ShareLock on transaction 489 after 50.165 ms',
        'Processes holding the lock: 1, 2. Wait queue: 7, 8.',
      ),
    ).toMatchObject({
      state: 'waiting',
      pid: 7,
      mode: 'ShareLock',
      object: 'transaction 489',
      ms: 50.165,
      holders: [1, 2],
      queue: [7, 8],
    });
    expect(
      event(
        'automatic vacuum of table "shop.public.t": index scans: 1\npages: 0 removed, 1 remain, 1 scanned (100.00% of total)\ntuples: 5 removed, 6 remain, 2 are dead but not yet removable\nbuffer usage: 9 hits, 3 reads, 1 dirtied\nWAL usage: 3 records, 1 full page images, 812 bytes\nsystem usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 1.25 s',
      ),
    ).toMatchObject({
      kind: 'vacuum',
      table: 'shop.public.t',
      elapsedMs: 1250,
      tuplesRemoved: 5,
      tuplesRemain: 6,
      tuplesDead: 2,
      walBytes: 812,
      readBlocks: 3,
      indexScans: 1,
    });
    expect(event('automatic aggressive vacuum to prevent wraparound of table "a.b.c": index scans: 0')).toMatchObject({
      aggressive: true,
      toPreventWraparound: true,
    });
    expect(
      event('automatic analyze of table "a.b.c" system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s'),
    ).toMatchObject({ kind: 'analyze', elapsedMs: 10 });
    expect(
      event(
        'checkpoint complete: wrote 1039 buffers (25.4%), wrote 3 SLRU buffers; 0 WAL file(s) added, 0 removed, 1 recycled; write=0.007 s, sync=0.001 s, total=0.008 s; sync files=0, longest=0.000 s, average=0.000 s; distance=12 kB, estimate=12 kB',
      ),
    ).toMatchObject({ buffers: 1039, writeMs: 7, syncMs: 1, totalMs: 8, distanceBytes: 12_288, walRecycled: 1 });
    expect(event('disconnection: session time: 1:00:00.568 user=a database=b host=c')).toMatchObject({
      sessionMs: 3_600_568,
    });
  });

  it('of auto_explain tell their statement in every format', () => {
    const sql = 'select "a"\n  from t\n where b < 1 and c = \'x\'';
    for (const body of [
      `Query Text: ${sql}\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)`,
      `Query Text: ${sql}\nQuery Parameters: $1 = '7'\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)`,
      `{\n  "Query Text": ${JSON.stringify(sql)},\n  "Plan": {}\n}`,
      `Query Text: ${JSON.stringify(sql)}\nPlan: \n  Node Type: "Seq Scan"`,
      `<explain xmlns="x">\n  <Query-Text>${sql.replaceAll('<', '&lt;').replaceAll('"', '&quot;')}</Query-Text>\n</explain>`,
    ])
      expect(event(`duration: 12.5 ms  plan:\n${body}`)).toEqual({ kind: 'plan', ms: 12.5, body, queryText: sql });
  });

  it('give their parameters', () => {
    expect(readParameters("parameters: $1 = '5', $2 = 'it''s\n\ttab', $3 = NULL")).toEqual({
      values: ['5', "it's\n\ttab", null],
      cut: false,
    });
    expect(readParameters("unnamed portal with parameters: $1 = '0'")).toEqual({ values: ['0'], cut: false });
    expect(readParameters("Parameters: $1 = 'abc...'")).toEqual({ values: ['abc...'], cut: true });
    expect(readParameters("Parameters: $1 = 'abc")).toEqual({ values: [], cut: true });
    expect(readParameters('Key (id)=(1) already exists.')).toBeNull();
  });

  it('that are alike have one shape', () => {
    expect(messageShape('duplicate key value violates unique constraint "a_pkey"')).toBe(
      messageShape('duplicate key value violates unique constraint "b ""x"" pkey"'),
    );
    expect(messageShape('canceling statement 12 after 3.5 s')).toBe('canceling statement … after … s');
    expect(messageShape('relation "a" does not exist')).not.toBe(messageShape('column "a" does not exist'));
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '2026-11-29 18:07:36.590 UTC [1] LOG:  ',
      'duration: 1.5 ms  ',
      'statement: select 1',
      'plan:\n\tQuery Text: select 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)',
      "DETAIL:  parameters: $1 = '",
      'process 7 still waiting for ShareLock on transaction 489 after 50.165 ms',
      'automatic vacuum of table "',
      'checkpoint complete: wrote ',
      '\n',
      '\t',
      '"',
      ',',
      '{"timestamp":"2026-11-29 18:07:36.591 UTC","error_severity":"LOG","message":"',
      '"}',
      csv('duration: 1 ms  statement: select 1'),
      'Nov 29 18:07:36 db1 postgres[77]: [5-2] #011',
      'FEHLER:  ',
    ),
  );
  const log = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

  it.each(['stderr', 'csv', 'json'] as const)(
    'is read as %s without throwing, and every line is counted at most once',
    (format) => {
      fc.assert(
        fc.property(log, (text) => {
          const { entries, unreadable } = read(text, format);
          const lines = text.split('\n').length;
          for (const entry of entries) {
            understand(entry);
            readParameters(entry.detail);
            expect(messageShape(entry.message).length).toBeLessThanOrEqual(400);
            expect(entry.line).toBeGreaterThan(0);
            expect(entry.line).toBeLessThanOrEqual(lines);
          }
          const bad = unreadable.flatMap(({ line, lines: count }) =>
            Array.from({ length: count }, (_, index) => line + index),
          );
          expect(bad.every((line) => line >= 1 && line <= lines)).toBe(true);
        }),
        { numRuns: 400 },
      );
    },
  );

  it.each(['stderr', 'csv', 'json'] as const)('of %s takes time that grows with its length only', (format) => {
    const hostile = [
      '"',
      ',',
      '2026-11-29 18:07:36.590 UTC,"',
      'LOG:  '.repeat(3000),
      '$'.repeat(50_000),
      `user=${'a,'.repeat(20_000)}LOG:  x`,
      '{'.repeat(50_000),
      `duration: ${'1'.repeat(50_000)}`,
    ];
    for (const line of hostile)
      for (let times = 0; times < 20; times += 1)
        read(`${line}\n${line}`, format).entries.forEach((entry) => understand(entry));
  });
});

describe('a pasted log with plans', () => {
  const plan = (ms: number, body: string) =>
    `2026-11-29 18:07:36.590 UTC [1] LOG:  duration: ${ms} ms  plan:\n\tQuery Text: select 1\n\t${body}\n`;
  const whole = 'Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.001 rows=1 loops=1)';
  const cut = `Limit  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n\t  ->  Seq Scan on t  (cost=0.00..1.0`;

  it('shows the plans that are whole, and tells those that are cut', () => {
    const unreadable: [number, string][] = [];
    const plans = analyzePlans(plan(1, whole) + plan(2, cut) + plan(3, whole), {}, ({ line, message }) =>
      unreadable.push([line, message]),
    );
    expect(plans).toHaveLength(2);
    expect(unreadable).toEqual([[7, expect.stringContaining('cut off')]]);
  });

  it('is refused where no plan is whole', () => {
    expect(() => analyzePlans(plan(2, cut))).toThrow(/cut off/);
  });
});
