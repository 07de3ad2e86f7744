import { describe, expect, test } from 'vitest';

import type { Catalog, RelationSummary } from '#contract/schema.ts';

import {
  explorerLines,
  parentPlace,
  searchableLines,
} from '../../../../../renderer/src/features/schema/explorer/explorer-tree.ts';
import {
  qualifiedName,
  quoteIdentifier,
  selectRowsSql,
} from '../../../../../renderer/src/features/schema/relation-names.ts';
import { keyColumnsOf, keyNames } from '../../../../../renderer/src/features/schema/relation/relation-keys.ts';

function relation(oid: number, schema: string, name: string, kind: RelationSummary['kind']): RelationSummary {
  return { oid, schema, name, kind, sizeBytes: 0, estimatedRows: null, partitions: 0, comment: null };
}

const catalog: Catalog = {
  database: 'shop',
  databaseSizeBytes: 1,
  schemas: ['audit', 'public'].map((name) => ({ name, owner: 'me', comment: null })),
  relations: [
    relation(1, 'public', 'users', 'table'),
    relation(2, 'public', 'active_users', 'view'),
    relation(3, 'audit', 'log', 'partitioned table'),
  ],
  functions: [
    {
      oid: 4,
      schema: 'public',
      name: 'now_utc',
      kind: 'function',
      arguments: '',
      result: 'timestamptz',
      language: 'sql',
    },
  ],
  types: [],
  extensions: [{ name: 'plpgsql', version: '1.0', schema: 'pg_catalog' }],
};

describe('the explorer', () => {
  test('opens public at first, with tables by name and the rest in groups', () => {
    expect(explorerLines(catalog, {}).map((line) => `${line.level} ${line.name}`)).toEqual([
      '1 shop',
      '2 audit',
      '2 public',
      '3 users',
      '3 views',
      '3 functions',
      '2 extensions',
    ]);
  });

  test('what was opened or closed by hand stays so', () => {
    const lines = explorerLines(catalog, { 'schema public': false, 'schema audit': true, extensions: true });
    expect(lines.map((line) => line.name)).toEqual(['shop', 'audit', 'log', 'public', 'extensions', 'plpgsql']);
  });

  test('finds the line above', () => {
    const lines = explorerLines(catalog, {});
    expect([parentPlace(lines, 3), parentPlace(lines, 2), parentPlace(lines, 0)]).toEqual([2, 0, -1]);
  });

  test('searches relations, functions, types and extensions', () => {
    expect(searchableLines(catalog).map((line) => line.name)).toEqual([
      'users',
      'active_users',
      'log',
      'now_utc',
      'plpgsql',
    ]);
  });
});

describe('names', () => {
  test('are quoted only where SQL needs it', () => {
    expect(['users', 'Users', 'order', 'a b', 'say "hi"'].map(quoteIdentifier)).toEqual([
      'users',
      '"Users"',
      '"order"',
      '"a b"',
      '"say ""hi"""',
    ]);
    expect(qualifiedName({ schema: 'public', name: 'Order Lines' })).toBe('public."Order Lines"');
    expect(selectRowsSql({ schema: 'public', name: 'user' }, 200)).toBe('select *\nfrom public."user"\nlimit 200;\n');
  });
});

describe('key columns', () => {
  test('are read from the definition of the primary key', () => {
    expect(keyNames('PRIMARY KEY (id, "Order ""No""", "a,b)")')).toEqual(['id', 'Order "No"', 'a,b)']);
    expect(keyNames('PRIMARY KEY (id) INCLUDE (name)')).toEqual(['id']);
  });

  test('and from the keys that lead out', () => {
    const { primary, foreign } = keyColumnsOf({
      constraints: [{ name: 'pk', kind: 'primary key', definition: 'PRIMARY KEY (id)', validated: true }],
      references: [],
    });
    expect([[...primary], [...foreign]]).toEqual([['id'], []]);
  });
});
