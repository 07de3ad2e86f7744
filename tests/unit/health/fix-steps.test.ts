import { describe, expect, it } from 'vitest';

import { estimateStep, fixSteps } from '../../../electron/services/health/fix/fix-steps.ts';
import { builtIndex, dropUnprovenConstraint } from '../../../electron/services/health/fix/leftovers.ts';

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

  it('a constraint that rows break is dropped where the fix itself has added it', () => {
    const steps = fixSteps([
      'alter table app."a b" add constraint "c validate constraint d" foreign key (a) references u not valid',
      'alter table app."a b" validate constraint "c validate constraint d"',
      'alter table app.t validate constraint c',
    ]);
    expect([0, 1, 2, 3].map((at) => dropUnprovenConstraint(steps, at))).toEqual([
      undefined,
      'alter table app."a b" drop constraint if exists "c validate constraint d"',
      undefined,
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
    ['create index concurrently i on t (a)', 'i'],
    ['create unique index concurrently if not exists "A ""b""" on t (a)', 'A "b"'],
    ['CREATE INDEX CONCURRENTLY Orders_Idx ON t (a)', 'orders_idx'],
    ['create index i on t (a)', undefined],
    ['drop index concurrently i', undefined],
  ])('the index that %s builds', (sql, name) => {
    expect(builtIndex(sql)).toBe(name);
  });
});
