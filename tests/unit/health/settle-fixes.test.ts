import { describe, expect, it } from 'vitest';

import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';
import { settleFixes } from '../../../electron/services/health/settle-fixes.ts';

const result = (id: string, ...findings: readonly Partial<HealthFinding>[]): HealthCheckResult => ({
  id,
  group: 'indexes',
  title: '',
  why: '',
  status: 'finding',
  durationMs: 0,
  sql: '',
  findings: findings.map((finding) => ({
    object: 'app.i',
    severity: 'info',
    message: '',
    evidence: [],
    lock: 'some',
    undoSql: 'undo',
    ...finding,
  })),
});

/** Of each finding its check, and what is left of its fix: the SQL, or why there is none. */
const left = (...checks: readonly HealthCheckResult[]) =>
  settleFixes(checks).flatMap(({ id, findings }) =>
    findings.map(({ fixSql, undoSql, lock, caution }) => [id, fixSql ?? caution, undoSql ?? lock ?? 'no fix']),
  );
const drop = { fixSql: 'drop index concurrently app.i;' };
const rebuild = { fixSql: 'reindex index concurrently app.i;' };

describe('of fixes about one index', () => {
  it('a drop stays and a rebuild goes, whatever their order', () => {
    const expected = [
      [
        'IDX08',
        'Needs room. No fix here, since that of IDX01 drops or replaces app.i: apply that one, and ask again.',
        'no fix',
      ],
      ['IDX01', drop.fixSql, 'undo'],
    ];
    expect(left(result('IDX08', { ...rebuild, caution: 'Needs room.' }), result('IDX01', drop))).toEqual(expected);
    expect(left(result('IDX01', drop), result('IDX08', { ...rebuild, caution: 'Needs room.' }))).toEqual(
      expected.toReversed(),
    );
  });

  it('two rebuilds stay, and so do fixes of different indexes, and those of one check alone', () => {
    const unchanged = (...checks: readonly HealthCheckResult[]) => expect(settleFixes(checks)).toEqual(checks);
    unchanged(result('IDX08', rebuild), result('IDX09', rebuild));
    unchanged(result('IDX08', rebuild), result('IDX01', { fixSql: 'drop index concurrently app."I";' }));
    unchanged(result('IDX01', drop, drop));
    unchanged(result('TAB01', { fixSql: 'vacuum app.i;' }), result('IDX01', drop));
  });

  it('a collation that has changed is mended first, with the indexes of partitions below those that are to go', () => {
    const mend = {
      object: 'collation c',
      fixSql: 'reindex index concurrently app.child;\nalter collation c refresh version;',
      related: [{ name: 'app.parent', oid: 1 }],
    };
    const parent = { object: 'app.parent', fixSql: 'drop index app.parent;' };
    expect(left(result('IDX01', parent), result('IDX19', mend)).map(([id, , way]) => [id, way])).toEqual([
      ['IDX01', 'no fix'],
      ['IDX19', 'undo'],
    ]);
  });

  it('what stays in place of another is not replaced, but planned chains of drops are whole', () => {
    const copy = {
      object: 'app.copy',
      fixSql: 'drop index concurrently app.copy;',
      related: [{ name: 'app.i', oid: 1 }],
    };
    const replace = {
      fixSql:
        'CREATE INDEX CONCURRENTLY i_rebuilt ON app.t USING btree (a);\ndrop index concurrently app.i;\nalter index app.i_rebuilt rename to i;',
    };
    expect(left(result('IDX03', copy), result('IDX10', replace)).map(([id, , way]) => [id, way])).toEqual([
      ['IDX03', 'undo'],
      ['IDX10', 'no fix'],
    ]);
    expect(left(result('IDX03', copy), result('IDX15', drop)).map(([, , way]) => way)).toEqual(['undo', 'undo']);
  });

  it('constraints, primary keys, partitions and pending lists name indexes as well', () => {
    const pairs: readonly (readonly [string, Partial<HealthFinding>, string, string])[] = [
      [
        'SCH01',
        { object: '"a.b"."T"', fixSql: 'alter table "a.b"."T" add primary key using index "I x";' },
        'IDX03',
        'drop index concurrently "a.b"."I x";',
      ],
      ['IDX03', { fixSql: 'alter table app.t drop constraint i;' }, 'IDX08', rebuild.fixSql],
      ['IDX06', { fixSql: 'alter index app.p attach partition app.i;' }, 'IDX01', drop.fixSql],
      ['IDX06', { fixSql: 'alter index app.i attach partition app.c;' }, 'IDX01', drop.fixSql],
    ];
    for (const [first, finding, second, fixSql] of pairs)
      expect(left(result(second, { fixSql }), result(first, finding)).map(([id, , way]) => [id, way])).toEqual([
        [second, 'no fix'],
        [first, 'undo'],
      ]);
    const list = { fixSql: "select pg_catalog.gin_clean_pending_list('app.i'::pg_catalog.regclass);" };
    expect(left(result('IDX01', drop), result('IDX18', list)).map(([, , way]) => way)).toEqual(['undo', 'no fix']);
  });
});
