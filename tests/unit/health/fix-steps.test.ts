import { describe, expect, it } from 'vitest';

import { estimateStep, fixSteps } from '../../../electron/services/health/fix/fix-steps.ts';
import { concurrentBuild, createdIndex, isRebuildName } from '../../../electron/services/health/fix/index-builds.ts';
import { dropUnprovenConstraint } from '../../../electron/services/health/fix/leftovers.ts';

describe('the steps of a fix', () => {
  it.each([
    ['create index concurrently i on t (a)', true, 'build index'],
    ['CREATE UNIQUE INDEX CONCURRENTLY i ON t USING btree (a)', true, 'build index'],
    ['create index i on t (a)', false, 'build index'],
    ['drop index concurrently public.i', true, 'definition'],
    ['drop index public.i', false, 'definition'],
    ['reindex index concurrently public.i', true, 'build index'],
    ['reindex table t', true, 'build index'],
    ['vacuum (freeze) public.t', true, 'vacuum'],
    ['vacuum full public.t', true, 'rewrite'],
    ['analyze public.t', false, 'analyze'],
    [`alter system set work_mem = '8MB'`, true, 'definition'],
    ['select pg_catalog.pg_reload_conf()', false, 'other'],
    [`rollback prepared 'x'`, true, 'other'],
    ['alter table t validate constraint c', false, 'scan'],
    ['alter table t alter column a type bigint', false, 'rewrite'],
    ['alter table t set logged', false, 'rewrite'],
    ['alter table t set (autovacuum_enabled = on)', false, 'definition'],
    ['alter table t add constraint c check (a > 0) not valid', false, 'definition'],
    ['alter table t add constraint c check (a > 0)', false, 'scan'],
    ['alter table t add primary key (a)', false, 'build index'],
    ['alter table t detach partition p concurrently', true, 'definition'],
    ['alter table public."a;b" detach partition "p;q" concurrently', true, 'definition'],
    ['alter table t alter column "my amount" type numeric(19, 2)', false, 'rewrite'],
    ['alter table t alter "my ""amount""" set data type bigint', false, 'rewrite'],
    ['alter table t add constraint "my key" primary key (a)', false, 'build index'],
    ['alter table t add constraint "a not valid b" check (a > 0)', false, 'scan'],
    ['alter table "validate constraint" set (fillfactor = 90)', false, 'definition'],
    ['cluster "my table"', true, 'rewrite'],
    ['cluster "my table" on i', false, 'rewrite'],
    ['vacuum "full"', true, 'vacuum'],
    ['alter role app connection limit 10', false, 'definition'],
    ['revoke create on schema public from public', false, 'definition'],
  ])('%s', (sql, outsideTransaction, kind) => {
    expect(fixSteps([sql])).toMatchObject([{ sql, outsideTransaction, kind }]);
  });

  it('what reads a whole table does not do it under the locks of the steps before', () => {
    const steps = fixSteps([
      'alter table t add constraint c foreign key (a) references u not valid',
      'alter table t validate constraint c',
    ]);
    expect(steps.map(({ startsAnew }) => startsAnew)).toEqual([false, true]);
  });

  it('a name with a semicolon does not keep the lock', () => {
    const [step] = fixSteps(['alter table sc."or;ders" validate constraint "c;d"']);
    expect(step).toMatchObject({ startsAnew: true, kind: 'scan' });
  });

  it.each([
    ['create index concurrently i on t (a)', true],
    ['vacuum (freeze) public."full"', true],
    ['vacuum full public.t', false],
    ['reindex table "concurrently"', false],
    ['alter table t set logged', false],
  ])('whether %s may wait for its locks', (sql, isGentle) => {
    expect(fixSteps([sql])).toMatchObject([{ isGentle }]);
  });

  it('a constraint that rows break is dropped where the fix itself has added it', () => {
    const steps = fixSteps([
      'alter table app."a b" add constraint "c validate constraint d" foreign key (a) references u not valid',
      'alter table app."a b" validate constraint "c validate constraint d"',
      'alter table app.t validate constraint c',
      'alter table app."x validate constraint y" add constraint c foreign key (a) references u not valid',
      'alter table app."x validate constraint y" validate constraint c',
    ]);
    expect([0, 1, 2, 3, 4, 5].map((at) => dropUnprovenConstraint(steps, at))).toEqual([
      undefined,
      'alter table app."a b" drop constraint if exists "c validate constraint d"',
      undefined,
      undefined,
      'alter table app."x validate constraint y" drop constraint if exists c',
      undefined,
    ]);
  });

  it('time follows from size where size decides, and only there', () => {
    const relation = { tableBytes: 1e9, indexBytes: 1e9 };
    const [build, definition, other] = fixSteps([
      'create index concurrently i on t (a)',
      'alter table t set (fillfactor = 90)',
      'select 1',
    ]);
    if (!build || !definition || !other) throw new Error('three');
    const small = estimateStep(build, { tableBytes: 1e6, indexBytes: 0 });
    const large = estimateStep(build, relation);
    expect(large?.toMs).toBe((small?.toMs ?? 0) * 1000);
    expect(large?.fromMs).toBeLessThan(large?.toMs ?? 0);
    expect(estimateStep(definition, relation)).toEqual(estimateStep(definition, undefined));
    expect(estimateStep(other, relation)).toBeNull();
    expect(estimateStep(build, undefined)).toBeNull();
  });

  it.each([
    ['create index concurrently i on app.t (a)', { kind: 'create', relation: 'app.t', name: 'i' }],
    [
      'create unique index concurrently if not exists "A ""b""" on app."x on y" (a)',
      { kind: 'create', relation: 'app."x on y"', name: 'A "b"' },
    ],
    ['CREATE INDEX CONCURRENTLY Orders_Idx ON ONLY t(a);', { kind: 'create', relation: 't', name: 'orders_idx' }],
    ['create index "concurrently" on t (a)', undefined],
    ['reindex index concurrently app."i;j";', { kind: 'reindex index', relation: 'app."i;j"' }],
    ['reindex database concurrently shop', { kind: 'reindex database', relation: 'shop' }],
    ['reindex index app.i', undefined],
    ['drop index concurrently i', undefined],
  ])('what %s builds', (sql, build) => {
    expect(concurrentBuild(sql)).toEqual(build);
  });

  it.each([
    ['i_ccnew', 'i', true],
    ['i_ccnew2', 'i', true],
    ['ij_ccnew', 'i', false],
    ['i', 'i', false],
    [`${'x'.repeat(57)}_ccnew`, 'x'.repeat(63), true],
    ['anything_ccnew', undefined, true],
    ['anything', undefined, false],
  ])('%s is what a rebuild of %s is called meanwhile: %s', (name, index, is) => {
    expect(isRebuildName(name, index)).toBe(is);
  });

  it.each([
    [
      'create index concurrently i on app.t (a, "merge")',
      'CREATE INDEX j ON app.t USING btree (a, merge)',
      'using btree (a, merge)',
    ],
    [
      'create unique index i on app.t using gin (a)',
      'CREATE UNIQUE INDEX i ON app.t USING gin (a)',
      'unique using gin (a)',
    ],
    [
      'CREATE INDEX CONCURRENTLY i ON app.t USING btree (a) TABLESPACE "fast disk" WHERE (a > 0)',
      'CREATE INDEX i ON app.t USING btree (a) WHERE (a > 0)',
      'using btree (a) WHERE (a > 0)',
    ],
  ])('%s is the same as what the server prints', (written, printed, definition) => {
    expect([createdIndex(written)?.definition, createdIndex(printed)?.definition]).toEqual([definition, definition]);
  });
});
