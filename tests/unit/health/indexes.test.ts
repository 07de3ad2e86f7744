import { describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { newBtreeBytes, type BtreeShape } from '../../../electron/services/health/checks/indexes/btree-estimate.ts';
import { replaceIndex, truncateToNameLimit } from '../../../electron/services/health/checks/indexes/drop-index.ts';
import { unusedIndex } from '../../../electron/services/health/checks/indexes/idx01-unused-index.ts';
import { rarelyUsedIndex } from '../../../electron/services/health/checks/indexes/idx02-rarely-used-index.ts';
import { duplicateIndex } from '../../../electron/services/health/checks/indexes/idx03-duplicate-index.ts';
import { redundantIndex } from '../../../electron/services/health/checks/indexes/idx04-redundant-index.ts';
import {
  bloatedIndex,
  type IndexSizeRow,
} from '../../../electron/services/health/checks/indexes/idx08-bloated-index.ts';
import { measuredIndexBloat } from '../../../electron/services/health/checks/indexes/idx09-measured-index-bloat.ts';
import { lowCardinalityIndex } from '../../../electron/services/health/checks/indexes/idx11-low-cardinality-index.ts';
import { uniqueBesidePlain } from '../../../electron/services/health/checks/indexes/idx15-unique-beside-plain.ts';
import { unselectiveIndex } from '../../../electron/services/health/checks/indexes/idx16-unselective-index.ts';
import { collationChanged } from '../../../electron/services/health/checks/indexes/idx19-collation-changed.ts';
import type { IndexColumnRow } from '../../../electron/services/health/checks/indexes/index-column-statistics.ts';
import type { IndexKeysRow } from '../../../electron/services/health/checks/indexes/index-keys.ts';
import { isAlwaysTrue } from '../../../electron/services/health/checks/indexes/index-plan.ts';
import type { IndexUsageRow } from '../../../electron/services/health/checks/indexes/index-usage.ts';
import type { CheckOutcome } from '../../../electron/services/health/health-check.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const dayMs = 86_400_000;

function findingsOf(outcome: CheckOutcome): readonly HealthFinding[] {
  return 'kind' in outcome ? (outcome.findings ?? []) : outcome;
}

const used: IndexUsageRow = {
  index_oid: '16500',
  index_name: 'app.orders_note',
  table_name: 'app.orders',
  is_partitioned: false,
  leaf_oids: [16_500],
  size_bytes: 20 * 1024 ** 2,
  entries: 100_000,
  scans: 0,
  entries_read: 0,
  last_scan: null,
  idle_ms: null,
  inserted: 0,
  updated: 0,
  hot_updated: 0,
  deleted: 0,
  has_duty: false,
  rival: null,
  definition: 'CREATE INDEX orders_note ON app.orders USING btree (note)',
  restore: null,
};

describe('T1, T2, T3: unused indexes', () => {
  const objects = (row: Partial<IndexUsageRow>, facts = healthFacts()): number =>
    findingsOf(unusedIndex.findings([{ ...used, ...row }], contextOf(unusedIndex, { facts }))).length;

  it('are those without a scan, from a size on, without other work, and unused on standbys too', () => {
    const onStandby = healthFacts({ standbyScans: new Map([[16_500, 1]]), standbysAsked: ['replica'] });
    expect([
      objects({}),
      objects({ scans: 1 }),
      objects({ has_duty: true }),
      objects({ size_bytes: 1024 ** 2 - 1 }),
      objects({}, onStandby),
      objects({ scans: 5, idle_ms: 30 * dayMs }),
      objects({ scans: 5, idle_ms: 29 * dayMs }),
    ]).toEqual([1, 0, 0, 0, 0, 1, 0]);
  });

  it('are said with doubt where a standby was not asked', () => {
    const sure = (different: Parameters<typeof healthFacts>[0]) =>
      findingsOf(unusedIndex.findings([used], contextOf(unusedIndex, { facts: healthFacts(different) }))).map(
        ({ confidence, confidenceReason }) => [confidence, confidenceReason],
      );
    expect([
      sure({}),
      sure({ attachedStandbys: 2, standbysAsked: ['one'] }),
      sure({ attachedStandbys: 1, standbysAsked: ['one'] }),
      sure({ inRecovery: true }),
    ]).toEqual([
      [['medium', 'A standby that is not attached now could still use it.']],
      [['low', '1 attached standby could not be asked: each counts its own scans.']],
      [['medium', 'A yearly job, or a standby that is not attached now, could still use it.']],
      [['low', 'This server is a standby: the primary and other standbys count their own scans.']],
    ]);
  });

  it('are a first look at the ten largest while statistics are young', () => {
    const rows = Array.from({ length: 14 }, (_, position) => ({ ...used, index_name: `app.i${String(position)}` }));
    const facts = healthFacts({ statsAgeMs: dayMs });
    expect(unusedIndex.findings(rows, contextOf(unusedIndex, { facts }))).toMatchObject({
      kind: 'cannot-tell',
      reason:
        'Statistics cover 24 hours; unused takes 30 days. The 10 largest of 14 indexes without a scan so far are listed.',
      findings: { length: 10 },
    });
    expect(findingsOf(unusedIndex.findings(rows, contextOf(unusedIndex))).length).toBe(14);
  });

  it('are not to be dropped after minutes of statistics, nor beside one that serves the same searches', () => {
    const asked = (row: Partial<IndexUsageRow>, statsAgeMs: number) => {
      const facts = healthFacts({ statsAgeMs });
      const outcome = unusedIndex.findings([{ ...used, ...row }], contextOf(unusedIndex, { facts }));
      return [
        'kind' in outcome ? outcome.reason : '',
        ...findingsOf(outcome).flatMap(({ fixSql = 'no fix', caution = '' }) => [fixSql, caution]),
      ];
    };
    expect([asked({}, 7 * 60_000), asked({}, 40 * dayMs), asked({ rival: 'app.twin' }, 40 * dayMs)]).toEqual([
      ['Statistics cover 7 min; unused takes 30 days. Nothing is proposed before 24 hours.', 'no fix', ''],
      ['', 'drop index concurrently app.orders_note;', ''],
      [
        '',
        'no fix',
        'It has the same first columns as app.twin. Which of both can go is for IDX03, IDX04 and IDX15 to say; dropping both would leave no index for these searches. Ask again when one of them is gone.',
      ],
    ]);
  });

  it('go as a whole where they are partitioned', () => {
    const row = {
      ...used,
      is_partitioned: true,
      definition: 'CREATE INDEX "a ON b" ON ONLY app.orders USING btree (note)',
      restore: 'CREATE INDEX p1 ON app.orders_1 USING btree (note);\nalter index app."a ON b" attach partition app.p1;',
    };
    expect(findingsOf(unusedIndex.findings([row], contextOf(unusedIndex)))[0]).toMatchObject({
      fixSql: 'drop index app.orders_note;',
      undoSql: `${row.definition};\n${row.restore}`,
    });
  });
});

describe('rarely used and unselective indexes', () => {
  it('are judged at their thresholds, and HOT updates write no index', () => {
    const rare = (row: Partial<IndexUsageRow>, facts = healthFacts()): number =>
      findingsOf(rarelyUsedIndex.findings([{ ...used, ...row }], contextOf(rarelyUsedIndex, { facts }))).length;
    const standby = healthFacts({ standbyScans: new Map([[16_500, 2000]]), standbysAsked: ['replica'] });
    expect([
      rare({ scans: 5, inserted: 10_001 }),
      rare({ scans: 5, inserted: 10_000 }),
      rare({ scans: 11, inserted: 10_900 }),
      rare({ scans: 5, updated: 20_000, hot_updated: 15_000 }),
      rare({ scans: 0, inserted: 50_000 }),
      rare({ scans: 5, inserted: 50_000 }, standby),
      rare({ scans: 5, inserted: 50_000, has_duty: true }),
    ]).toEqual([1, 0, 0, 0, 0, 0, 0]);
    const coarse = (row: Partial<IndexUsageRow>): number =>
      findingsOf(unselectiveIndex.findings([{ ...used, ...row }], contextOf(unselectiveIndex))).length;
    expect([
      coarse({ scans: 101, entries_read: 101 * 6000 }),
      coarse({ scans: 100, entries_read: 100 * 6000 }),
      coarse({ scans: 101, entries_read: 101 * 4999 }),
      coarse({ scans: 101, entries_read: 101 * 900, entries: 10_000 }),
    ]).toEqual([1, 0, 0, 0]);
  });
});

describe('what can go', () => {
  let oid = 20_000;
  const keys = (name: string, list: readonly string[], more: Partial<IndexKeysRow> = {}): IndexKeysRow => ({
    index_oid: String((oid += 1)),
    table_oid: '1',
    schema_name: 'public',
    bare_name: name,
    index_name: `public.${name}`,
    table_name: 'public.t',
    root_oid: '1',
    root_name: 'public.t',
    method: 'btree',
    is_unique: false,
    is_primary: false,
    is_replica_identity: false,
    is_clustered: false,
    is_partitioned: false,
    is_attached: false,
    index_root_oid: null,
    index_root_name: null,
    not_null_columns: [],
    tablespace: null,
    nulls_not_distinct: false,
    is_immediate: true,
    is_deferred: false,
    passing_names: [],
    constraint_name: null,
    constraint_definition: null,
    is_referenced: false,
    keys: list,
    included: [],
    predicate: null,
    parameters: null,
    size_bytes: '8192',
    scans: '0',
    definition: `CREATE INDEX ${name} ON public.t USING btree (a)`,
    restore: null,
    ...more,
  });
  const a = '1:1978:0:0:';
  const b = '2:1978:0:0:';
  const c = '3:1978:0:0:';

  /** Every proposal of the three checks, as the index and the one that is said to stay. */
  function proposals(rows: readonly IndexKeysRow[]): [string, string][] {
    return [duplicateIndex, uniqueBesidePlain, redundantIndex].flatMap((check) =>
      findingsOf(check.findings(rows, contextOf(check))).map((finding): [string, string] => [
        finding.object,
        rows.find((row) => row.index_name !== finding.object && finding.message.includes(` ${row.index_name}`))
          ?.index_name ?? '',
      ]),
    );
  }

  it('never goes together with what takes its place, whichever check proposes it', () => {
    const rows = [
      keys('a1', [a]),
      keys('a2', [a]),
      keys('a_unique', [a], { is_unique: true }),
      keys('ab1', [a, b]),
      keys('ab2', [a, b]),
      keys('abc', [a, b, c]),
    ];
    expect(proposals(rows)).toEqual([
      ['public.a2', 'public.a1'],
      ['public.ab2', 'public.ab1'],
      ['public.a1', 'public.a_unique'],
      ['public.ab1', 'public.abc'],
    ]);
    for (const order of [
      rows.toReversed(),
      rows.toSorted((left, right) => left.index_name.length - right.index_name.length),
    ]) {
      const found = proposals(order);
      const gone = new Set(found.map(([object]) => object));
      const copies = [['a1', 'a2', 'a_unique'], ['ab1', 'ab2', 'abc'], ['a_unique'], ['abc']];
      expect(copies.map((group) => group.some((name) => !gone.has(`public.${name}`)))).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(found.length).toBe(gone.size);
    }
  });

  it('is not what a foreign key, a cluster order or a partitioned index rests on', () => {
    expect(proposals([keys('clustered', [a], { is_clustered: true }), keys('ab', [a, b])])).toEqual([]);
    expect(proposals([keys('attached', [a], { is_attached: true }), keys('ab', [a, b])])).toEqual([]);
    const referenced = [
      keys('one', [a], { is_unique: true, is_referenced: true }),
      keys('two', [a], { is_unique: true, is_referenced: true }),
    ];
    expect(
      findingsOf(duplicateIndex.findings(referenced, contextOf(duplicateIndex))).map(({ fixSql }) => fixSql),
    ).toEqual([undefined]);
  });

  it('is gathered for the partitions of one table', () => {
    const rows = ['1', '2'].flatMap((table) => [
      keys(`attached_${table}`, [a], {
        table_oid: table,
        root_oid: '9',
        root_name: 'public.parted',
        is_attached: true,
      }),
      keys(`again_${table}`, [a], { table_oid: table, root_oid: '9', root_name: 'public.parted' }),
    ]);
    expect(findingsOf(duplicateIndex.findings(rows, contextOf(duplicateIndex)))).toMatchObject([
      {
        object: 'public.parted',
        relationOid: 9,
        fixSql: 'drop index concurrently public.again_1;\ndrop index concurrently public.again_2;',
      },
    ]);
  });
});

describe('the size of a new btree', () => {
  const shape: BtreeShape = {
    rows: 1_000_000,
    columns: [{ length: 4, alignment: 'i', width: 4, nullShare: 0, distinct: -1, commonValues: 0, commonShare: 0 }],
    shares: true,
    fillFactor: 90,
    pageBytes: 8192,
    sampleRows: 30_000,
  };
  const megabytes = (different: Partial<BtreeShape>): number =>
    Math.round(newBtreeBytes({ ...shape, ...different }) / 1024 ** 2);
  const column = (different: Partial<BtreeShape['columns'][number]>) => [
    { ...shape.columns[0], ...different } as BtreeShape['columns'][number],
  ];

  it('is what PostgreSQL makes of a million integers', () => {
    // create index on a table of generate_series(1, 1000000): 21 MB; of n % 10: 6.9 MB; of null: 6.9 MB (15.18).
    expect([
      megabytes({}),
      megabytes({ columns: column({ distinct: 10 }) }),
      megabytes({ columns: column({ nullShare: 1, distinct: 0 }) }),
    ]).toEqual([21, 7, 7]);
  });

  it('believes a number of values only where the sample has seen each often', () => {
    // 30,000 rows saw 2,000 values 15 times each and 20,000 values hardly more than once, and did not see 50,000.
    expect([2000, 20_000, 50_000].map((distinct) => megabytes({ columns: column({ distinct }) }))).toEqual([7, 15, 21]);
  });

  it('does not share entries where PostgreSQL does not', () => {
    expect(megabytes({ shares: false, columns: column({ distinct: 10 }) })).toBe(21);
  });
});

describe('T12: bloated indexes', () => {
  const row: IndexSizeRow = {
    index_oid: '1',
    schema_name: 'app',
    index_name: 'app.t_a',
    table_oid: '2',
    table_name: 'app.t',
    index_root_oid: null,
    index_root_name: null,
    can_read: true,
    columns: [[4, 'i', 4, 0, -1, 0, 0]],
    is_partial: false,
    shares: true,
    tuples: 1_000_000,
    table_tuples: 1_000_000,
    pages: 12_800,
    live_rows: 1_000_000,
    dead_rows: 0,
    size_bytes: String(100 * 1024 ** 2),
    fill_factor: 90,
    page_bytes: 8192,
    sample_rows: 30_000,
    analyzed_at: null,
    rows_changed_since: 0,
  };
  const judge = (different: Partial<IndexSizeRow>): string[] =>
    findingsOf(bloatedIndex.findings([{ ...row, ...different }], contextOf(bloatedIndex))).map(
      (finding) => finding.message,
    );

  it('are those well above the size of a new one', () => {
    expect(judge({})).toEqual([
      'Index app.t_a is 100 MB; built anew, its 1,000,000 entries would need at most about 21.4 MB.',
    ]);
    expect(judge({ size_bytes: String(34 * 1024 ** 2) })).toEqual([]);
  });

  it('are not those that grow while a load goes on, or whose rows nobody has counted', () => {
    expect([judge({ pages: 1280, live_rows: null }), judge({ tuples: -1, table_tuples: -1, live_rows: null })]).toEqual(
      [[], []],
    );
  });

  it('cannot be told without statistics', () => {
    const unknown = { ...row, columns: [[4, 'i', null, null, null, 0, 0]] as IndexSizeRow['columns'] };
    const outcome = (different: Partial<IndexSizeRow>) =>
      bloatedIndex.findings([{ ...unknown, ...different }], contextOf(bloatedIndex));
    expect([outcome({}), outcome({ can_read: false })]).toMatchObject([
      { kind: 'cannot-tell', unlockSql: 'analyze app.t;' },
      { kind: 'cannot-tell', unlockSql: 'grant select on all tables in schema app to app;' },
    ]);
  });
});

describe('measured index bloat', () => {
  const row = {
    index_oid: '1',
    index_name: 'app.t_a',
    table_oid: '2',
    table_name: 'app.t',
    index_root_oid: null,
    index_root_name: null,
    size_bytes: '83886080',
    fill_factor: 90,
    leaf_pages: 10_000,
    unused_pages: 0,
    leaf_density: 49,
  };
  const judge = (different: object): CheckOutcome =>
    measuredIndexBloat.findings([{ ...row, ...different }], contextOf(measuredIndexBloat));

  it('counts empty pages, allows for the fill factor, and says what was not read', () => {
    expect([
      findingsOf(judge({})).length,
      findingsOf(judge({ leaf_density: 51 })).length,
      findingsOf(judge({ leaf_density: 90, unused_pages: 15_000 })).length,
      findingsOf(judge({ fill_factor: 50, leaf_density: 49 })).length,
      findingsOf(judge({ leaf_pages: 0, unused_pages: 10, leaf_density: Number.NaN })).length,
    ]).toEqual([1, 0, 1, 0, 1]);
    expect(judge({ leaf_pages: null, unused_pages: null, leaf_density: null })).toMatchObject({
      kind: 'cannot-tell',
      reason: '1 large index not measured: a report reads at most 128 MB for this (app.t_a). IDX08 estimates them.',
    });
  });
});

describe('indexes of few values', () => {
  const row: IndexColumnRow = {
    index_oid: '1',
    schema_name: 'app',
    bare_name: 't_done',
    index_name: 'app.t_done',
    table_name: 'app.t',
    column_name: 'done',
    column_type: 'boolean',
    method: 'btree',
    can_read: true,
    null_share: 0,
    distinct: 2,
    most_common_share: 0.5,
    is_unique: false,
    has_constraint: false,
    is_replica_identity: false,
    is_clustered: false,
    tablespace: null,
    passing_names: [],
    restore: null,
    serves_foreign_key: false,
    included_columns: 0,
    is_nullable: false,
    rows: 1_000_000,
    scans: 0,
    size_bytes: 7 * 1024 ** 2,
    definition: '',
  };
  const judge = (different: Partial<IndexColumnRow>): string[] =>
    findingsOf(lowCardinalityIndex.findings([{ ...row, ...different }], contextOf(lowCardinalityIndex))).map(
      (finding) => finding.message,
    );

  it('are found up to three values, and told apart by how rare the others are', () => {
    expect([
      judge({}),
      judge({ distinct: 3, most_common_share: 0.97 }),
      judge({ distinct: 4 }),
      judge({ distinct: -1 }),
    ]).toEqual([
      ['Column done of index app.t_done (7 MB) has 2 values: a search by it keeps a large part of app.t.'],
      [
        'Column done of index app.t_done (7 MB) has 3 values, and one of them in 97 % of the rows: a partial index on the others would be small.',
      ],
      [],
      [],
    ]);
    expect(
      judge({ serves_foreign_key: true }).concat(
        judge({ rows: 9999 }),
        judge({ is_unique: true }),
        judge({ included_columns: 1 }),
      ),
    ).toEqual([]);
  });
});

describe('T28, T29: SQL for hostile names', () => {
  it('keeps 63 bytes, and never half a character', () => {
    const name = truncateToNameLimit('ä'.repeat(40), '_idx');
    expect([Buffer.byteLength(name), name.endsWith('ä_idx')]).toEqual([62, true]);
    expect(truncateToNameLimit('😀'.repeat(20), '_idx').isWellFormed()).toBe(true);
  });

  it('rebuilds under a passing name and gives the old one back', () => {
    const fix = replaceIndex(
      {
        index_oid: '1',
        schema_name: 'ten"ant',
        bare_name: 'Old ON idx',
        index_name: '"ten""ant"."Old ON idx"',
        definition: 'CREATE UNIQUE INDEX "Old ON idx" ON "ten""ant"."T" USING btree (a) WHERE (a IS NOT NULL)',
        predicate: '(a IS NOT NULL)',
        tablespace: 'fast',
        passing_names: ['Old ON idx_rebuilt1'],
        restore:
          'alter index "ten""ant"."Old ON idx" set tablespace fast;\ncomment on index "ten""ant"."Old ON idx" is \'x\';',
      },
      null,
    );
    expect(fix.fixSql?.split('\n')).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY "Old ON idx_rebuilt" ON "ten""ant"."T" USING btree (a) TABLESPACE fast;',
      'drop index concurrently "ten""ant"."Old ON idx";',
      'alter index "ten""ant"."Old ON idx_rebuilt" rename to "Old ON idx";',
      'comment on index "ten""ant"."Old ON idx" is \'x\';',
    ]);
    expect(fix.undoSql?.split('\n')).toEqual([
      'drop index concurrently if exists "ten""ant"."Old ON idx_rebuilt2";',
      'CREATE UNIQUE INDEX CONCURRENTLY "Old ON idx_rebuilt2" ON "ten""ant"."T" USING btree (a) TABLESPACE fast WHERE (a IS NOT NULL);',
      'drop index concurrently if exists "ten""ant"."Old ON idx_rebuilt";',
      'drop index concurrently if exists "ten""ant"."Old ON idx";',
      'alter index "ten""ant"."Old ON idx_rebuilt2" rename to "Old ON idx";',
      'comment on index "ten""ant"."Old ON idx" is \'x\';',
    ]);
  });

  it('gives two indexes whose names begin alike two passing names', () => {
    const names = ['1', '2'].map((oid) => {
      const fix = replaceIndex(
        {
          index_oid: oid,
          schema_name: 'app',
          bare_name: `${'n'.repeat(60)}_${oid}`,
          index_name: `app.${'n'.repeat(60)}_${oid}`,
          definition: `CREATE INDEX ${'n'.repeat(60)}_${oid} ON app.t USING btree (a)`,
          predicate: null,
          tablespace: null,
          passing_names: [],
          restore: null,
        },
        '(a IS NOT NULL)',
      );
      return / (n\S+) ON /.exec(fix.fixSql ?? '')?.[1];
    });
    expect(names).toEqual([`${'n'.repeat(53)}_1_rebuilt`, `${'n'.repeat(53)}_2_rebuilt`]);
  });
});

describe('a predicate is always true', () => {
  it('only where it says that NOT NULL columns are not null, and nothing else', () => {
    const judge = (predicate: string): boolean => isAlwaysTrue(predicate, ['a', '"B c"']);
    expect([
      judge('(a IS NOT NULL)'),
      judge('((a IS NOT NULL) AND ("B c" IS NOT NULL))'),
      judge('((a IS NOT NULL) AND (d IS NOT NULL))'),
      judge('((a IS NOT NULL) OR (d > 0))'),
      judge("(note = 'x AND (a IS NOT NULL) AND y'::text)"),
      judge('(a IS NULL)'),
    ]).toEqual([true, true, false, false, false, false]);
  });
});

describe('a changed collation', () => {
  it('names the versions, rebuilds each index, and then notes the new version', () => {
    const row = {
      collation_name: 'public."de-x"',
      provider: 'icu',
      built_version: '1',
      actual_version: '2',
      indexes: ['app.a', 'app."B"'],
      index_count: 2,
      index_bytes: 16_384,
      roots: [],
    };
    expect(findingsOf(collationChanged.findings([row], contextOf(collationChanged)))[0]).toMatchObject({
      object: 'collation public."de-x"',
      severity: 'critical',
      fixSql:
        'reindex index concurrently app.a;\nreindex index concurrently app."B";\nalter collation public."de-x" refresh version;',
    });
    const ofDatabase = { ...row, collation_name: null, index_count: 51 };
    expect(findingsOf(collationChanged.findings([ofDatabase], contextOf(collationChanged)))[0]).toMatchObject({
      object: 'database shop',
      fixSql: 'reindex database concurrently shop;\nalter database shop refresh collation version;',
    });
  });
});
