import { expect, test } from 'vitest';

import { explainOptionsSchema } from '#contract/plans.ts';

import { explainSql } from '../../../../electron/services/plans/explain-sql.ts';

const defaults = explainOptionsSchema.parse({});
const first = (sql: string) => sql.split('\n')[0];

test('analyze asks for buffers and times unless told otherwise', () => {
  expect(first(explainSql('select 1', { ...defaults, analyze: true }, 180_000))).toBe(
    'explain (analyze, buffers on, timing on, settings, format text)',
  );
  expect(first(explainSql('select 1', { ...defaults, analyze: true, buffers: false, timing: false }, 90_600))).toBe(
    'explain (analyze, buffers off, timing off, format text)',
  );
});

test('what only analyze knows is left out without it, and the other way round', () => {
  const all = { ...defaults, wal: true, serialize: 'binary', memory: true, genericPlan: true, verbose: true } as const;
  expect(first(explainSql('select 1', { ...all, analyze: false }, 180_000))).toBe(
    'explain (verbose, settings, generic_plan, memory, format text)',
  );
  expect(first(explainSql('select 1', { ...all, analyze: true }, 180_000))).toBe(
    'explain (analyze, buffers on, timing on, verbose, settings, wal, memory, serialize binary, format text)',
  );
});

test.each([
  [110_000, 'explain (verbose, format text)'],
  [120_000, 'explain (verbose, settings, format text)'],
  [150_000, 'explain (verbose, settings, format text)'],
  [160_000, 'explain (verbose, settings, generic_plan, format text)'],
])('a server of version %i is only asked what it knows', (version, expected) => {
  const all = { ...defaults, wal: true, serialize: 'text', memory: true, genericPlan: true, verbose: true } as const;
  expect(first(explainSql('select 1', { ...all, analyze: false }, version))).toBe(expected);
});
