import { expect, test } from 'vitest';

import type { MigrationEntry, MigrationSql } from '#contract/migrations.ts';

import {
  cautionsOf,
  countStates,
  firstToShow,
  newestApplied,
  pathTail,
  pendingUpTo,
  scriptOf,
} from '../../../../../renderer/src/features/migrations/migration-words.ts';

function entry(name: string, state: MigrationEntry['state'], appliedAt: string | null = null): MigrationEntry {
  return { name, state, file: state === 'missing' ? null : `/m/${name}.ts`, appliedAt };
}

const entries = [
  entry('001', 'applied', '2026-11-01 10:00:00+00'),
  entry('002', 'changed', '2026-11-02 10:00:00+00'),
  entry('003', 'missing', '2026-11-02 10:00:00+00'),
  entry('004', 'pending'),
  entry('005', 'pending'),
  entry('006', 'pending'),
];

test('applying goes up to the chosen one, or through all where it is not pending', () => {
  const names = (name: string | null) => pendingUpTo(entries, name).map((one) => one.name);
  expect([names('005'), names('001'), names(null)]).toEqual([
    ['004', '005'],
    ['004', '005', '006'],
    ['004', '005', '006'],
  ]);
});

test('the newest is the one applied last; of one second, the later name', () => {
  expect(newestApplied(entries)?.name).toBe('003');
  expect(
    newestApplied([
      entry('002', 'applied', '2026-11-03 10:00:00+00'),
      entry('001', 'applied', '2026-11-04 10:00:00+00'),
    ])?.name,
  ).toBe('001');
  expect(newestApplied([entry('001', 'pending')])).toBe(null);
});

test('what is pending is looked at first, else what was applied last', () => {
  expect([firstToShow(entries), firstToShow(entries.slice(0, 2)), firstToShow([])]).toEqual(['004', '002', null]);
});

test('the states are counted, what needs attention first', () => {
  expect([countStates(entries), countStates([])]).toEqual([
    '3 pending, 1 changed, 1 missing, 1 applied',
    'nothing here',
  ]);
});

test('statements become one script, each with one semicolon', () => {
  expect(scriptOf(['create table a (id int)', ' drop table b; '])).toBe('create table a (id int);\n\ndrop table b;');
});

test('the indentation of the code is taken off, but never inside a literal', () => {
  expect(scriptOf(['create table a (\n        id int\n      )'])).toBe('create table a (\n  id int\n);');
  expect(scriptOf(['alter table a\n        add b int'])).toBe('alter table a\n  add b int;');
  const literal = "insert into a values ('x\n        y')";
  const body = 'create function f() returns int as $$\n        select 1\n      $$ language sql';
  expect(scriptOf([literal, body])).toBe(`${literal};\n\n${body};`);
});

test('what is unusual about a migration is said', () => {
  const plain: MigrationSql = {
    name: '001',
    up: [],
    down: [],
    reversible: true,
    transactional: true,
    dynamic: false,
    error: null,
  };
  expect(cautionsOf(plain)).toEqual([]);
  expect(cautionsOf({ ...plain, reversible: false, transactional: false, dynamic: true })).toHaveLength(3);
});

test('a path is told by its end', () => {
  expect([pathTail('/home/me/app/migrations'), pathTail('/tmp/m'), pathTail('C:\\app\\db\\migrations')]).toEqual([
    '…/app/migrations',
    '/tmp/m',
    '…/db/migrations',
  ]);
});
