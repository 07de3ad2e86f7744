import { describe, expect, it } from 'vitest';

import { DumpProgress } from '../../../electron/services/backups/dump-progress.ts';
import { backupName } from '../../../electron/services/backups/manifest.ts';
import { chooseClientTools } from '../../../electron/postgres/client-tools.ts';

describe('DumpProgress', () => {
  const tables = [
    { name: 'public.small', oid: 1, sizeBytes: 0, estimatedRows: 0 },
    { name: 'public.large', oid: 2, sizeBytes: 81_920_000, estimatedRows: 1000 },
  ];

  it('knows nothing before the first table, then counts by size and rows, and never goes back', () => {
    const progress = new DumpProgress(tables);
    expect(progress.fraction).toBeNull();
    progress.begin('public.small');
    expect(progress.fraction).toBe(0);
    progress.begin('public.large');
    progress.rows([{ oid: 2, rows: 500 }]);
    expect(progress.fraction).toBeCloseTo(0.5, 2);
    progress.rows([{ oid: 2, rows: 5000 }]);
    expect(progress.fraction).toBeLessThan(1);
    const highest = progress.fraction ?? 0;
    progress.rows([{ oid: 2, rows: 10 }]);
    expect(progress.fraction).toBe(highest);
    progress.rows([]);
    expect(progress.fraction).toBe(1);
    expect(progress.counts).toEqual({ started: 2, total: 2 });
  });

  it('passes over what it was not told of', () => {
    const progress = new DumpProgress(tables);
    progress.begin('public.unknown');
    progress.rows([{ oid: 99, rows: 1 }]);
    expect(progress.fraction).toBeNull();
  });
});

describe('backupName', () => {
  const at = new Date(2026, 10, 23, 4, 5, 6);
  it.each([
    ['shop', 'shop_20261123_040506'],
    ['../../etc/passwd', 'etc_passwd_20261123_040506'],
    ['a;b "c"', 'a_b_c_20261123_040506'],
    ['Ünïcode', 'U_ni_code_20261123_040506'],
    ['😀', 'database_20261123_040506'],
    ['-rf', 'rf_20261123_040506'],
    ['x'.repeat(200), `${'x'.repeat(80)}_20261123_040506`],
  ])('%s', (database, name) => {
    expect(backupName(database, at)).toBe(name);
  });
});

it('takes the tools of the server’s major, else the nearest newer, never an older', () => {
  const tools = [18, 16, 14].map((major) => ({ major, version: `${major}.1`, directory: `/${major}` }));
  expect(chooseClientTools(tools, 16)?.major).toBe(16);
  expect(chooseClientTools(tools, 15)?.major).toBe(16);
  expect(chooseClientTools(tools, 17)?.major).toBe(18);
  expect(chooseClientTools(tools, 19)).toBeUndefined();
});
