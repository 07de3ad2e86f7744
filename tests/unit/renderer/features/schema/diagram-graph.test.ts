import { describe, expect, test } from 'vitest';

import {
  buildDiagramGraph,
  componentsOf,
  linesAmong,
  neighbourhood,
  referrersOf,
  reversedKeys,
} from '../../../../../renderer/src/features/schema/diagram/diagram-graph.ts';
import { tablesInView } from '../../../../../renderer/src/features/schema/diagram/diagram-view-state.ts';

import { sampleDiagram, sampleGraph } from './schema-samples.ts';

const children = Array.from({ length: 21 }, (_, index) => `child${index}`);
const withHub = sampleDiagram(
  ['hub', 'root', ...children],
  [...children.map((child) => `${child}>hub`), 'hub>root', 'child0>child1'],
);

describe('the graph of a diagram', () => {
  test('a table that more than 20 keys lead to is a hub', () => {
    expect([...withHub.hubs]).toEqual(['public.hub']);
    expect(
      sampleDiagram(
        ['hub', ...children.slice(1)],
        children.slice(1).map((child) => `${child}>hub`),
      ).hubs.size,
    ).toBe(0);
  });

  test('a key of a table to itself does not make it a hub', () => {
    expect(sampleDiagram(['tree'], ['tree>tree'], 0).hubs.size).toBe(0);
  });

  test('leaves out keys whose other end is not there', () => {
    const graph = sampleGraph(['orders', 'users'], ['orders>users']);
    expect(buildDiagramGraph({ ...graph, tables: graph.tables.slice(0, 1) }).keys).toEqual([]);
  });

  test('tables of the same name in two schemas, and names with dots, are told apart', () => {
    const graph = sampleGraph(['a', 'b'], []);
    const [first, second] = graph.tables;
    const tables = [
      { ...first, schema: 'x.y', name: 'z' },
      { ...second, schema: 'x', name: 'y.z' },
    ] as typeof graph.tables;
    expect([...buildDiagramGraph({ ...graph, tables }).tables.keys()]).toEqual(['"x.y".z', 'x."y.z"']);
  });
});

describe('a neighbourhood', () => {
  const chain = sampleDiagram(['a', 'b', 'c', 'd'], ['b>a', 'c>b', 'd>c']);

  test('reaches as far as its depth, in both directions', () => {
    expect([...neighbourhood(chain, 'public.b', 1)]).toEqual(['public.b', 'public.a', 'public.c']);
    expect(neighbourhood(chain, 'public.a', 2)).toEqual(new Set(['public.a', 'public.b', 'public.c']));
  });

  test('neither enters nor passes through a hub', () => {
    expect([...neighbourhood(withHub, 'public.child0', 2)]).toEqual(['public.child0', 'public.child1']);
  });

  test('of a hub leaves out what refers to it, except when asked', () => {
    expect([...neighbourhood(withHub, 'public.hub', 1)]).toEqual(['public.hub', 'public.root']);
    expect(neighbourhood(withHub, 'public.hub', 1, true).size).toBe(23);
  });

  test('of a table that is gone is empty', () => {
    expect(neighbourhood(chain, 'public.gone', 1).size).toBe(0);
  });
});

test('keys to hubs are no lines', () => {
  const lines = linesAmong(withHub, new Set(withHub.tables.keys()));
  expect(lines.map((line) => line.id)).toEqual(['public.hub hub_root_fkey', 'public.child0 child0_child1_fkey']);
});

test('counts each table that refers to another once', () => {
  expect(referrersOf(sampleDiagram(['a', 'b'], ['b>a', 'b>a', 'a>a']), 'public.a')).toBe(1);
});

test('groups tables that lines connect, largest first', () => {
  const graph = sampleDiagram(['alone', 'a', 'b', 'c', 'd', 'e'], ['b>a', 'd>c', 'e>d']);
  expect(componentsOf([...graph.tables.keys()], graph.keys).map((group) => group.length)).toEqual([3, 2, 1]);
});

test('turns just enough keys that no cycle is left', () => {
  const graph = sampleDiagram(['a', 'b', 'c'], ['a>b', 'b>c', 'c>a', 'a>a']);
  const reversed = reversedKeys([...graph.tables.keys()], graph.keys);
  expect(reversed.size).toBe(1);
});

describe('what a scope shows', () => {
  const graph = sampleDiagram(['a', 'b', '_c'], ['b>a', '_c>b']);

  test('a schema shows its own tables without the hidden ones', () => {
    const { tables, lines } = tablesInView(graph, {
      scope: { kind: 'schema', schema: 'public' },
      hidden: ['public.a'],
    });
    expect([tables.map((table) => table.name), lines]).toEqual([['b'], []]);
  });

  test('a focus on a table that is gone shows everything', () => {
    expect(
      tablesInView(graph, { scope: { kind: 'focus', table: 'public.gone', depth: 1, wholeHub: false }, hidden: [] })
        .tables.length,
    ).toBe(3);
  });
});
