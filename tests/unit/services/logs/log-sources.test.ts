import { beforeAll, describe, expect, it } from 'vitest';

import {
  type LogEntry,
  type Unreadable,
  detectLogFormat,
  logReader,
  messageShape,
} from '../../../../electron/plan-core/log/index.ts';
import { loadSqlParser, normaliseStatement } from '../../../../electron/postgres/sql-parser/index.ts';
import { LogDigest, type LogDigestResult } from '../../../../electron/services/logs/log-digest.ts';

// What collectors, daemons and settings make of the same log.

beforeAll(() => loadSqlParser());

function read(text: string): { entries: LogEntry[]; unreadable: Unreadable[] } {
  const lines = text.split('\n');
  const entries: LogEntry[] = [];
  const unreadable: Unreadable[] = [];
  const reader = logReader(detectLogFormat(lines), {
    entry: (entry) => entries.push(entry),
    unreadable: (bad) => unreadable.push(bad),
  });
  for (const line of lines) reader.push(line);
  reader.end();
  return { entries, unreadable };
}

function digest(text: string): LogDigestResult {
  const made = new LogDigest(normaliseStatement);
  for (const entry of read(text).entries) made.take(entry);
  return made.finish();
}

const prefix = '2026-11-29 18:07:36.590 UTC [77] ';
const plain = [
  `${prefix}LOG:  duration: 5.000 ms  statement: select a`,
  '\tfrom t where b = 1',
  `${prefix}LOG:  duration: 7.000 ms  execute <unnamed>: select c from t where d = $1`,
  `${prefix}DETAIL:  parameters: $1 = 'x'`,
  `${prefix}ERROR:  division by zero`,
  `${prefix}STATEMENT:  select 1/0`,
];
const told = [
  [1, 77, 'duration: 5.000 ms  statement: select a\nfrom t where b = 1', null, null],
  [3, 77, 'duration: 7.000 ms  execute <unnamed>: select c from t where d = $1', "parameters: $1 = 'x'", null],
  [5, 77, 'division by zero', null, 'select 1/0'],
];
const tell = (text: string) => {
  const { entries, unreadable } = read(text);
  expect(unreadable).toEqual([]);
  return entries.map(({ line, pid, message, detail, statement }) => [line, pid, message, detail, statement]);
};

describe('a log with log_error_verbosity = verbose', () => {
  it('has its SQLSTATEs, and messages without them', () => {
    const { entries } = read(
      [
        `${prefix}LOG:  00000: duration: 5.000 ms  statement: select 1`,
        `${prefix}LOCATION:  exec_simple_query, postgres.c:1234`,
        `${prefix}ERROR:  22012: division by zero at character 8`,
        `${prefix}LOCATION:  int4div, int.c:846`,
        `${prefix}STATEMENT:  select 1/0`,
        `${prefix}LOG:  08006: could not receive data from client`,
      ].join('\n'),
    );
    expect(entries.map(({ sqlstate, message, statement }) => [sqlstate, message, statement])).toEqual([
      ['00000', 'duration: 5.000 ms  statement: select 1', null],
      ['22012', 'division by zero', 'select 1/0'],
      ['08006', 'could not receive data from client', null],
    ]);
  });

  it('counts as any other', () => {
    const text = [
      `${prefix}LOG:  duration: 5.000 ms  statement: select 1`,
      `${prefix}LOG:  process 77 still waiting for ShareLock on transaction 9 after 1000.000 ms`,
      `${prefix}LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 1000`,
    ].join('\n');
    const { calls, lockWaits, tempBytes } = digest(text.replaceAll('LOG:  ', 'LOG:  00000: ')).report;
    expect([calls, lockWaits, tempBytes]).toEqual([1, 1, 1000]);
  });

  it('is told from messages that look like it', () => {
    const { entries } = read(
      [
        `${prefix}LOG:  x`,
        `${prefix}ERROR:  22012: of a function`,
        `${prefix}ERROR:  12345: of an application`,
        `${prefix}ERROR:  HELLO: of a user`,
      ].join('\n'),
    );
    expect(entries.map(({ sqlstate, message }) => [sqlstate, message])).toEqual([
      [null, 'x'],
      [null, '22012: of a function'],
      [null, '12345: of an application'],
      [null, 'HELLO: of a user'],
    ]);
  });
});

describe('syslog', () => {
  const syslog = (pid: number, count: string, text: string, ident = 'postgres') =>
    `Nov 29 18:07:36 db1 ${ident}[${pid}]: [${count}] ${text.replace('\t', '#011')}`;
  const counted = (ident: string) =>
    ['5-1', '5-2', '6-1', '6-2', '7-1', '7-2'].map((count, index) => syslog(77, count, plain[index] ?? '', ident));

  it.each(['postgres', 'pgsql', 'postgresql-15', 'postmaster', 'postgres@15-main', 'main-db'])(
    'of %s keeps the parts of a message apart',
    (ident) => expect(tell(counted(ident).join('\n'))).toEqual(told),
  );

  it('keeps them apart without a prefix, too, and takes no words of a statement for a part', () => {
    const { entries } = read(
      [
        syslog(77, '5-1', 'ERROR:  syntax error'),
        syslog(77, '5-2', "STATEMENT:  insert into notes values ('x"),
        syslog(77, '5-3', " y DETAIL:  no part of it')"),
      ].join('\n'),
    );
    expect(entries).toMatchObject([
      { message: 'syntax error', statement: "insert into notes values ('x y DETAIL:  no part of it')", detail: null },
    ]);
  });

  it('puts messages together whose processes write at the same time', () => {
    expect(
      tell(
        [
          syslog(1, '5-1', 'LOG:  duration: 7.000 ms  statement: select aa'),
          syslog(2, '9-1', 'LOG:  duration: 9.000 ms  statement: select zz'),
          syslog(1, '5-2', '\tfrom t1'),
          syslog(2, '9-2', '\tfrom t2'),
          syslog(1, '5-3', ' where x'),
          syslog(2, '9-3', "DETAIL:  parameters: $1 = '2'"),
          syslog(1, '6-1', 'LOG:  checkpoint starting: time'),
        ].join('\n'),
      ),
    ).toEqual([
      [1, 1, 'duration: 7.000 ms  statement: select aa\nfrom t1 where x', null, null],
      [2, 2, 'duration: 9.000 ms  statement: select zz\nfrom t2', "parameters: $1 = '2'", null],
      [7, 1, 'checkpoint starting: time', null, null],
    ]);
  });

  it('holds the messages of a bounded number of processes', () => {
    const entries: LogEntry[] = [];
    const reader = logReader('stderr', { entry: (entry) => entries.push(entry), unreadable: () => {} });
    for (let pid = 1; pid <= 1000; pid += 1) reader.push(syslog(pid, '1-1', 'LOG:  x'));
    expect(entries.length).toBeGreaterThan(900);
    reader.end();
    expect(entries).toHaveLength(1000);
  });
});

describe('lines of stderr in objects', () => {
  it('keep the parts of their messages, by Docker and by Google Cloud', () => {
    expect(tell(plain.map((line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr' })).join('\n'))).toEqual(told);
    const [first = '', tab = '', ...others] = plain;
    const payloads = [`${first}\n${tab}`, ...others];
    expect(tell(payloads.map((textPayload) => JSON.stringify({ textPayload })).join('\n'))).toEqual(
      told.map(([line, ...more]) => [line === 1 ? 1 : Number(line) - 1, ...more]),
    );
  });

  it('are joined where Docker cut them', () => {
    const long = `${prefix}LOG:  duration: 5.000 ms  statement: select '${'x'.repeat(40_000)}' as aa`;
    const pieces = [long.slice(0, 16_384), long.slice(16_384, 32_768), `${long.slice(32_768)}\n`];
    const { entries, unreadable } = read(
      [...pieces, `${prefix}DETAIL:  of it\n`].map((log) => JSON.stringify({ log, stream: 'stderr' })).join('\n'),
    );
    expect(unreadable).toEqual([]);
    expect(entries).toMatchObject([{ line: 1, message: long.slice(prefix.length + 6), detail: 'of it' }]);
  });

  it('are not joined where a collector took the line ends off', () => {
    const long = `${prefix}LOG:  ${'x'.repeat(5000)}`;
    const { entries } = read([`${prefix}LOG:  y`, long, long].map((log) => JSON.stringify({ log })).join('\n'));
    expect(entries).toHaveLength(3);
  });
});

describe('a prefix of a collector', () => {
  it.each([
    ['Docker Compose', 'db-1  | '],
    ['Docker Compose on a terminal', '\u001b[36mdb-1  |\u001b[0m '],
    ['docker logs -t', '2026-11-29T18:07:36.590000000Z '],
    ['Docker Compose with times', 'db-1  | 2026-11-29T18:07:36.59Z '],
    ['Kubernetes', '2026-11-29T18:07:36.590000000+01:00 stdout F '],
  ])('of %s does not cut messages', (_, before) => {
    expect(tell(plain.map((line) => `${before}${line}`).join('\n'))).toEqual(told);
  });

  it('of Kubernetes tells that a line goes on, and when it was where PostgreSQL does not', () => {
    const { entries } = read(
      [
        '2026-11-29T18:07:36.590Z stderr P LOG:  duration: 5.000 ms  statement: select ERR',
        '2026-11-29T18:07:36.590Z stderr F OR:  x',
        '2026-11-29T18:07:36.590Z stderr F LOG:  y',
      ].join('\n'),
    );
    expect(entries.map(({ message, atMs }) => [message, atMs])).toEqual([
      ['duration: 5.000 ms  statement: select ERROR:  x', Date.UTC(2026, 10, 29, 18, 7, 36, 590)],
      ['y', Date.UTC(2026, 10, 29, 18, 7, 36, 590)],
    ]);
  });
});

describe('a process without brackets', () => {
  it.each([
    ['2026-11-29 18:07:36.590 UTC 4711 ', 4711],
    ['2026-11-29 18:07:36 +03 4711 ada@shop ', 4711],
    ['2026-11-29 18:07:36 UTC:10.0.0.7(41312):ada@shop:[13365]:', 13_365],
    ['2026-11-29 18:07:36 UTC 10.0.0.7 ', null],
  ])('is found in "%s"', (before, pid) => {
    expect(read(`${before}LOG:  x`).entries[0]?.pid).toBe(pid);
  });

  it('has the durations of its own statements', () => {
    const at = (pid: number, text: string) => `2026-11-29 18:07:36.590 UTC ${pid} LOG:  ${text}`;
    const { statements } = digest(
      [
        at(1, 'statement: select a from t'),
        at(2, 'statement: select b from u'),
        at(1, 'duration: 100.000 ms'),
        at(2, 'duration: 1.000 ms'),
      ].join('\n'),
    );
    expect(statements.map(({ statement }) => [statement.sql, statement.totalMs])).toEqual([
      ['select a from t', 100],
      ['select b from u', 1],
    ]);
  });
});

describe('csvlog', () => {
  const csv = (message: string) =>
    `2026-11-29 18:07:36.590 UTC,"ada","shop",77,"10.0.0.1:5",5f1e.4d,3,"SELECT",2026-11-29 18:00:00 UTC,3/2,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0`;

  it('of a statement that quotes csvlog is whole', () => {
    const background = `2026-11-29 18:07:36.590 UTC,,,123,,5f1e.7b,1,,2026-11-29 18:00:00 UTC,,0,LOG,00000,""checkpoint starting: time"",,,,,,,,,"""",""checkpointer"",,0`;
    const statement = `select '\n2026-11-29 18:07:36.590 UTC,,,123,,x\n${background}\n' as a`;
    const { entries, unreadable } = read([csv(statement), csv('select 2 as z')].join('\n'));
    expect(unreadable).toEqual([]);
    expect(entries.map(({ message }) => message)).toEqual([statement.replaceAll('""', '"'), 'select 2 as z']);
  });
});

describe('other languages', () => {
  it.each([
    ['ФАТАЛЬНО', 'FATAL'],
    ['ПАНІКА', 'PANIC'],
    ['ВІДОМОСТІ', 'INFO'],
    ['PANICO', 'PANIC'],
    ['NOTIFICA', 'NOTICE'],
    ['손상', 'PANIC'],
  ])('say %s for %s', (word, severity) => {
    expect(read(`${prefix}${word}:  x`).entries).toMatchObject([{ severity, foreign: true }]);
  });

  it.each(['ІНСТРУКЦІЯ', 'УКАЗІВКА', 'KONTEXT', 'ЗАПИТ', 'CONSULTA', '명령 구문', '내용'])(
    'have %s as a part of a message',
    (word) => {
      const { entries, unreadable } = read(`${prefix}ERROR:  x\n${prefix}${word}:  y`);
      expect([entries.length, unreadable]).toEqual([1, []]);
    },
  );

  it.each([
    ['Relation »a« existiert nicht', 'Relation »b« existiert nicht'],
    ['la relation « a » n’existe pas', 'la relation « b » n’existe pas'],
    ['relacja „a” nie istnieje', 'relacja „b” nie istnieje'],
  ])('quote names: %s', (one, other) => {
    expect(messageShape(one)).toBe(messageShape(other));
  });
});
