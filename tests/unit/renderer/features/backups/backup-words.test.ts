import { expect, test } from 'vitest';

import {
  levelWords,
  nameProblem,
  proposedName,
  toolWords,
} from '../../../../../renderer/src/features/backups/backup-words.ts';

test('the proposed name says what it was and when it was restored', () => {
  expect(proposedName('portfolio', new Date(2026, 10, 3))).toBe('portfolio_restored_20261103');
});

test('the proposed name is cut by bytes and never inside a character', () => {
  const name = proposedName('ü'.repeat(31), new Date(2026, 0, 1));
  expect(name).toBe(`${'ü'.repeat(22)}_restored_20260101`);
  expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(63);
});

test('a name must be there and fit into 63 bytes', () => {
  expect([nameProblem('shop_restored'), nameProblem(' '), nameProblem('ü'.repeat(32))]).toEqual([
    null,
    'Give the new database a name',
    'PostgreSQL cuts names after 63 bytes',
  ]);
});

test('a file that is gone proves nothing, whatever was proven before', () => {
  expect(levelWords({ level: 'restored', present: false }).word).toBe('File missing');
  expect(
    (['written', 'readable', 'restored'] as const).map((level) => levelWords({ level, present: true }).word),
  ).toEqual(['Written', 'Readable', 'Restored']);
});

test('the tool says its version and its limit, or what to install', () => {
  expect(
    toolWords({
      kind: 'built-in',
      version: '18.3',
      limitBytes: 268_435_456,
      why: 'There is no pg_dump on this machine',
    }),
  ).toEqual({
    title: 'Built-in pg_dump 18.3',
    words: 'There is no pg_dump on this machine. The built-in one writes plain SQL, and takes databases up to 256 MB.',
  });
  expect(toolWords({ kind: 'none', why: 'There is no pg_dump', install: 'Install it.' }).words).toBe(
    'There is no pg_dump. Install it.',
  );
});
