import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { describe, expect, test } from 'vitest';

import {
  bestLayout,
  fromElkGraph,
  otherLayerings,
  toElkGraph,
} from '../../../../../renderer/src/features/schema/diagram/elk-graph.ts';
import { arrangeGroups } from '../../../../../renderer/src/features/schema/diagram/group-arrangement.ts';
import { shortType } from '../../../../../renderer/src/features/schema/diagram/short-type.ts';
import { cardHeaderHeight, cardOf, rowMiddle } from '../../../../../renderer/src/features/schema/diagram/table-card.ts';
import type { DetailLevel } from '../../../../../renderer/src/features/schema/diagram/table-card.ts';

import { sampleDiagram } from './schema-samples.ts';

function cardsOf(graph: ReturnType<typeof sampleDiagram>, detail: DetailLevel = 'keys') {
  return [...graph.tables.values()].map((table) => cardOf(graph, table, detail));
}

describe('a card', () => {
  const graph = sampleDiagram(['orders', 'users'], ['orders>users']);
  const users = graph.tables.get('public.orders');
  if (users === undefined) throw new Error('no table');

  test('shows keys and a few other columns, and says how many are folded', () => {
    const card = cardOf(graph, users, 'keys');
    expect([card.rows.map((row) => row.name), card.folded]).toEqual([['id', 'users_id', 'a', 'b', 'c'], 3]);
  });

  test('shows all columns or none where asked', () => {
    expect([cardOf(graph, users, 'all').rows.length, cardOf(graph, users, 'all').folded]).toEqual([8, 0]);
    expect([cardOf(graph, users, 'names').rows.length, cardOf(graph, users, 'names').height]).toEqual([
      0,
      cardHeaderHeight,
    ]);
  });

  test('a line meets a column that is not shown at the header', () => {
    const card = cardOf(graph, users, 'keys');
    expect(rowMiddle(card, 'f')).toBe(cardHeaderHeight / 2);
    expect(rowMiddle(card, 'users_id')).toBeGreaterThan(rowMiddle(card, 'id'));
  });

  test('tells a key to a hub on its row', () => {
    const hub = sampleDiagram(['orders', 'users', 'other'], ['orders>users', 'other>users'], 1);
    const orders = cardsOf(hub).find((card) => card.name === 'orders');
    expect(orders?.rows.find((row) => row.name === 'users_id')?.hub).toEqual({ key: 'public.users', name: 'users' });
  });

  test('types are as short as people write them', () => {
    expect(
      ['timestamp(3) with time zone', 'character varying(255)', 'bigint[]', 'app.state', 'character(20)'].map((type) =>
        shortType(type, 'app'),
      ),
    ).toEqual(['timestamptz(3)', 'varchar(255)', 'int8[]', 'state', 'char(20)']);
  });
});

describe('the graph for ELK', () => {
  const graph = sampleDiagram(['users', 'orders'], ['orders>users', 'orders>orders']);
  const cards = cardsOf(graph);

  test('leads from the right of the referenced column to the left of the referring one', () => {
    const elk = toElkGraph(cards, graph.keys);
    const [users, orders] = cards;
    if (users === undefined || orders === undefined) throw new Error('no cards');
    expect(elk.edges).toEqual([
      {
        id: 'public.orders orders_users_fkey',
        sources: [`public.users EAST ${rowMiddle(users, 'id')}`],
        targets: [`public.orders WEST ${rowMiddle(orders, 'users_id')}`],
      },
    ]);
    expect(elk.children?.[0]?.ports).toEqual([
      {
        id: `public.users EAST ${rowMiddle(users, 'id')}`,
        x: users.width,
        y: rowMiddle(users, 'id'),
        width: 0,
        height: 0,
        layoutOptions: { 'elk.port.side': 'EAST' },
      },
    ]);
  });

  test('comes back with lines from the referring table to the referenced one', () => {
    const sent = toElkGraph(cards, graph.keys);
    const answer: ElkNode = {
      ...sent,
      width: 500,
      height: 200,
      children: (sent.children ?? []).map((node, index) => ({ ...node, x: index * 300, y: 0 })),
      edges: (sent.edges ?? []).map((edge) => ({
        ...edge,
        sections: [
          { id: 's', startPoint: { x: 168, y: 40 }, bendPoints: [{ x: 200, y: 40 }], endPoint: { x: 300, y: 60 } },
        ],
      })),
    };
    const layout = fromElkGraph(answer, graph.keys);
    expect(layout.routes.get('public.orders orders_users_fkey')).toEqual([
      { x: 300, y: 60 },
      { x: 200, y: 40 },
      { x: 168, y: 40 },
    ]);
    expect(layout.positions.get('public.orders')).toEqual({ x: 300, y: 0 });
  });

  test('other layerings are tried for ribbons only, and the largest picture wins', () => {
    expect(otherLayerings({ width: 1500, height: 1000 })).toEqual([]);
    expect(otherLayerings({ width: 900, height: 60 })).toEqual([]);
    expect(otherLayerings({ width: 200, height: 2000 })).toContain('bounded');
    expect(otherLayerings({ width: 6000, height: 1000 })).toContain('wrapped');
    const of = (width: number, height: number) => ({ positions: new Map(), routes: new Map(), width, height });
    expect(bestLayout([of(1000, 5000), of(2000, 1500), of(6000, 500)])?.width).toBe(2000);
  });
});

test('groups are packed beside each other and their lines move along', () => {
  const group = (key: string) => ({
    positions: new Map([[key, { x: 0, y: 0 }]]),
    routes: new Map([[`${key} line`, [{ x: 0, y: 0 }]]]),
    width: 200,
    height: 100,
  });
  const { positions, routes } = arrangeGroups([group('a'), group('b')], cardsOf(sampleDiagram(['alone'], [])));
  expect(new Set([...positions.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
  expect(routes.get('b line')?.[0]).toEqual(positions.get('b'));
});
