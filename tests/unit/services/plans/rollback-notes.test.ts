import { expect, test } from 'vitest';

import { rollbackNotes } from '../../../../electron/services/plans/rollback-notes.ts';
import type { WriteFacts } from '../../../../electron/services/plans/rollback-notes.ts';

const nothing: WriteFacts = { sequences: [], triggers: [], foreignTables: [], functions: [] };
const staying = (facts: Partial<WriteFacts>) =>
  rollbackNotes(true, { ...nothing, ...facts })
    .filter(({ stays }) => stays)
    .map(({ kind, message }) => [kind, message]);

test('numbers of a sequence are not given back', () => {
  expect(staying({ sequences: ['orders_id_seq', 'log_id_seq'] })).toEqual([
    ['sequence', 'Numbers taken from orders_id_seq and log_id_seq are not given back: later rows have a gap.'],
  ]);
  expect(staying({ functions: [{ name: 'nextval', extension: null, trusted: true }] })).toEqual([
    ['sequence', 'What nextval() does to a sequence is not taken back.'],
  ]);
  expect(
    staying({ sequences: ['a_id_seq'], functions: [{ name: 'setval', extension: null, trusted: true }] }),
  ).toHaveLength(2);
});

test('what works over a connection of its own, or on other sessions, stays', () => {
  expect(
    staying({
      functions: [
        { name: 'dblink_exec', extension: 'dblink', trusted: false },
        { name: 'pg_terminate_backend', extension: null, trusted: true },
        { name: 'mail', extension: null, trusted: false },
      ],
    }).map(([kind]) => kind),
  ).toEqual(['outside', 'outside', 'outside']);
});

test('a table of another PostgreSQL is rolled back there too; of other wrappers that is not known', () => {
  const tables = (wrapper: string) => staying({ foreignTables: [{ name: 'remote', wrapper }] });
  expect(tables('postgres_fdw')).toEqual([]);
  expect(tables('mysql_fdw')).toEqual([
    ['foreign-table', 'remote is a foreign table of mysql_fdw: whether that takes changes back is not known.'],
  ]);
});

test('triggers are named: those that can reach outside stay, the others are taken back', () => {
  const triggers = (trusted: boolean) => [{ name: 'audit', function: 'f', trusted }];
  expect(staying({ triggers: triggers(true) })).toEqual([]);
  expect(staying({ triggers: triggers(false) }).map(([kind]) => kind)).toEqual(['trigger']);
});

test('pg_notify and functions in PL/pgSQL do not alarm', () => {
  const notes = rollbackNotes(false, {
    ...nothing,
    functions: [
      { name: 'pg_notify', extension: null, trusted: true },
      { name: 'price', extension: null, trusted: true },
    ],
  });
  expect(notes.map(({ kind, stays }) => [kind, stays])).toEqual([
    ['outside', false],
    ['notify', false],
  ]);
  expect(notes[0]?.message).toBe('price() runs too. What a function calls in turn is not looked into.');
});

test('a statement that changes nothing and calls nothing has nothing to be told', () => {
  expect(rollbackNotes(false, nothing)).toEqual([]);
});
