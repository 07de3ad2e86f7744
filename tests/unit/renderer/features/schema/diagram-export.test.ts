import { describe, expect, test } from 'vitest';

import { toMermaid } from '../../../../../renderer/src/features/schema/diagram/export-mermaid.ts';
import { toSvg } from '../../../../../renderer/src/features/schema/diagram/export-svg.ts';
import { cardOf } from '../../../../../renderer/src/features/schema/diagram/table-card.ts';

import { sampleDiagram } from './schema-samples.ts';

const graph = sampleDiagram(['users', 'orders'], ['orders>users']);
const tables = [...graph.tables.values()];
const colors = {
  background: '#000',
  card: '#111',
  header: '#222',
  border: '#333',
  strong: '#fff',
  dim: '#888',
  line: '#999',
  warning: '#fa0',
  accent: '#88f',
  schema: () => '#62adff',
};

describe('Mermaid', () => {
  test('writes entities with keys, and relations with their ends', () => {
    const text = toMermaid(
      tables.map((table) => ({ ...table, columns: table.columns.slice(0, 2) })),
      graph.keys.map((key) => ({ ...key, foreignKey: { ...key.foreignKey, optional: true } })),
    );
    expect(text).toBe(
      [
        'erDiagram',
        '  "users" {',
        '    bigint id PK',
        '    text a',
        '  }',
        '  "orders" {',
        '    bigint id PK',
        '    bigint users_id FK',
        '  }',
        '  "orders" }o--o| "users" : "users_id"',
        '',
      ].join('\n'),
    );
  });

  test('makes one word of types and names that Mermaid cannot read', () => {
    const [table] = tables;
    if (table === undefined) throw new Error('no table');
    const odd = {
      ...table,
      name: 'my "table"',
      columns: [
        { name: '1st column', type: 'timestamp(3) with time zone', notNull: true, primary: false, foreign: false },
      ],
    };
    expect(toMermaid([odd], [])).toBe(
      `erDiagram\n  "my 'table'" {\n    timestamp_3__with_time_zone _1st_column\n  }\n`,
    );
  });
});

describe('SVG', () => {
  const cards = tables.map((table) => cardOf(graph, table, 'keys'));
  const positions = new Map(cards.map((card, index) => [card.key, { x: index * 400, y: 0 }]));

  test('holds every card, its columns, and a line for every key', () => {
    const svg = toSvg({ cards, lines: graph.keys, positions, routes: new Map() }, colors);
    expect([...svg.matchAll(/font-weight="600" fill="#fff">(\w+)</g)].map((match) => match[1])).toEqual([
      'users',
      'id',
      'orders',
      'id',
    ]);
    expect(svg.match(/stroke="#999" stroke-width="1.4"/g)?.length).toBe(1);
    expect(svg).toContain('viewBox="-40 -40 ');
  });

  test('escapes names', () => {
    const hostile = cards.map((card) => ({ ...card, name: '<script>&"' }));
    const svg = toSvg({ cards: hostile, lines: [], positions, routes: new Map() }, colors);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;script&gt;&amp;&quot;');
  });
});
