import { describe, expect, it } from 'vitest';

import { duplicateIndex } from '../../../electron/services/health/checks/indexes/idx03-duplicate-index.ts';
import { redundantIndex } from '../../../electron/services/health/checks/indexes/idx04-redundant-index.ts';
import { needlessPredicate } from '../../../electron/services/health/checks/indexes/idx14-needless-predicate.ts';
import { uniqueBesidePlain } from '../../../electron/services/health/checks/indexes/idx15-unique-beside-plain.ts';
import type { IndexKeysRow } from '../../../electron/services/health/checks/indexes/index-keys.ts';
import type { HealthCheck } from '../../../electron/services/health/health-check.ts';
import { healthFacts } from './health-facts.ts';

let nextOid = 1000;

function index(name: string, keys: readonly string[], different: Partial<IndexKeysRow> = {}): IndexKeysRow {
  nextOid += 1;
  return {
    index_oid: String(nextOid),
    table_oid: '1',
    schema_name: 'public',
    bare_name: name,
    index_name: `public.${name}`,
    table_name: 'public.orders',
    root_oid: different.table_oid ?? '1',
    root_name: 'public.orders',
    method: 'btree',
    is_unique: false,
    is_primary: false,
    is_replica_identity: false,
    is_partitioned: false,
    nulls_not_distinct: false,
    is_immediate: true,
    is_deferred: false,
    passing_names: [],
    constraint_name: null,
    constraint_definition: null,
    is_referenced: false,
    is_clustered: false,
    is_attached: false,
    index_root_oid: null,
    index_root_name: null,
    not_null_columns: [],
    tablespace: null,
    parameters: null,
    keys,
    included: [],
    predicate: null,
    size_bytes: '8192',
    scans: '0',
    restore: null,
    definition: `CREATE INDEX ${name} ON public.orders USING btree (a)`,
    ...different,
  };
}

function found(check: HealthCheck<IndexKeysRow>, rows: readonly IndexKeysRow[]): string[] {
  const outcome = check.findings(rows, { facts: healthFacts(), now: new Date(), limits: {} });
  return 'kind' in outcome ? ['cannot tell'] : outcome.map((finding) => finding.object);
}

const a = '1:1978:0:0:';
const aDescending = '1:1978:0:3:';
const b = '2:1978:0:0:';
const column10 = '10:1978:0:0:';
const textC = '3:3126:950:0:';
const textDefault = '3:3126:100:0:';
const textPattern = '3:4217:100:0:';

describe('duplicate indexes', () => {
  it('are those with the same keys, predicate and included columns', () => {
    expect(found(duplicateIndex, [index('first', [a, b]), index('second', [a, b])])).toEqual(['public.second']);
  });

  it('are not constraints of which one waits for the commit on its own', () => {
    const constraint = { is_unique: true, is_immediate: false, constraint_name: 'u' };
    expect(
      found(duplicateIndex, [
        index('deferred', [a], { ...constraint, is_deferred: true }),
        index('immediate', [a], constraint),
      ]),
    ).toEqual([]);
  });

  it('are not those that differ in order, collation, operator class, predicate, method, table or nulls', () => {
    const rows = [
      index('plain', [a]),
      index('descending', [aDescending]),
      index('other_table', [a], { table_oid: '2' }),
      index('partial', [a], { predicate: '(a > 0)' }),
      index('hash', [a], { method: 'hash' }),
      index('covering', [a], { included: ['2'] }),
      index('collation_c', [textC]),
      index('collation_default', [textDefault]),
      index('pattern', [textPattern]),
      index('unique', [b], { is_unique: true }),
      index('unique_nulls', [b], { is_unique: true, nulls_not_distinct: true }),
    ];
    expect(found(duplicateIndex, rows)).toEqual([]);
  });

  it('keep the primary key, then what foreign keys refer to, then constraints', () => {
    const rows = [
      index('plain_unique', [a], { is_unique: true }),
      index('constraint', [a], {
        is_unique: true,
        constraint_name: 'orders_a_key',
        constraint_definition: 'UNIQUE (a)',
      }),
      index('pkey', [a], { is_unique: true, is_primary: true, constraint_name: 'orders_pkey', is_referenced: true }),
    ];
    const outcome = duplicateIndex.findings(rows, { facts: healthFacts(), now: new Date(), limits: {} });
    expect('kind' in outcome ? [] : outcome.map((finding) => [finding.object, finding.fixSql])).toEqual([
      ['public.constraint', 'alter table public.orders drop constraint orders_a_key;'],
      ['public.plain_unique', 'drop index concurrently public.plain_unique;'],
    ]);
  });

  it('keep the one that is used more, unless another one has work of its own', () => {
    const rows = [index('old', [a]), index('used', [a], { scans: '7' })];
    expect(found(duplicateIndex, rows)).toEqual(['public.old']);
    expect(found(duplicateIndex, [...rows, index('clustered', [a], { is_clustered: true })])).toEqual([
      'public.used',
      'public.old',
    ]);
  });

  it('count a predicate that is always true as none, and keep the whole one', () => {
    const needless = { predicate: '(a IS NOT NULL)', not_null_columns: ['a'] };
    const rows = [index('partial', [a], { ...needless, scans: '7' }), index('whole', [a])];
    expect([found(duplicateIndex, rows), found(needlessPredicate, rows)]).toEqual([['public.partial'], []]);
  });

  it('are reported n - 1 times for n copies', () => {
    expect(found(duplicateIndex, [index('one', [a]), index('two', [a]), index('three', [a])])).toEqual([
      'public.two',
      'public.three',
    ]);
  });
});

describe('redundant indexes', () => {
  it('are those whose columns lead a longer one', () => {
    expect(found(redundantIndex, [index('short', [a]), index('long', [a, b])])).toEqual(['public.short']);
  });

  it('are not those whose column number is the beginning of another number', () => {
    expect(found(redundantIndex, [index('on_1', [a]), index('on_10', [column10, b])])).toEqual([]);
  });

  it('are not those with a duty, another order or another predicate, nor of methods without order', () => {
    const long = index('long', [a, b]);
    const kept = [
      index('unique', [a], { is_unique: true }),
      index('descending', [aDescending]),
      index('partial', [a], { predicate: '(a > 0)' }),
      index('identity', [a], { is_replica_identity: true }),
      index('gist', [a], { method: 'gist' }),
      index('includes', [a], { included: ['7'] }),
    ];
    expect(found(redundantIndex, [long, ...kept])).toEqual([]);
  });

  it('may be covered by key and included columns together', () => {
    expect(found(redundantIndex, [index('short', [a], { included: ['2'] }), index('long', [a, b])])).toEqual([
      'public.short',
    ]);
  });
});

describe('a predicate that is always true', () => {
  const needless = { predicate: '(a IS NOT NULL)', not_null_columns: ['a'] };

  it('goes with the index where a longer whole one covers it, and alone where none does', () => {
    const short = index('short', [a], needless);
    const long = index('long', [a, b]);
    expect([found(redundantIndex, [short, long]), found(needlessPredicate, [short, long])]).toEqual([
      ['public.short'],
      [],
    ]);
    expect(found(needlessPredicate, [short])).toEqual(['public.short']);
  });

  it('lets the index stand in for no whole one: the planner has to prove it', () => {
    const rows = [index('short', [a]), index('long', [a, b], needless)];
    expect([found(redundantIndex, rows), found(needlessPredicate, rows)]).toEqual([[], ['public.long']]);
  });
});

describe('a plain index beside a unique one', () => {
  it('is found, and the unique one stays', () => {
    expect(found(uniqueBesidePlain, [index('plain', [a]), index('unique', [a], { is_unique: true })])).toEqual([
      'public.plain',
    ]);
  });

  it('is not found where the unique one is partial', () => {
    expect(
      found(uniqueBesidePlain, [index('plain', [a]), index('unique', [a], { is_unique: true, predicate: '(a > 0)' })]),
    ).toEqual([]);
  });
});
