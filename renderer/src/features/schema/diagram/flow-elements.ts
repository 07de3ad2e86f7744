import type { Edge, Node } from '@xyflow/react';

import type { Point } from './crows-foot.ts';
import type { DiagramKey } from './diagram-graph.ts';
import type { DiagramLayout } from './diagram-layout.ts';
import { meetingsOf } from './key-meetings.ts';
import { keyWords } from './table-card.ts';
import type { TableCard } from './table-card.ts';

export type TableNode = Node<
  { readonly card: TableCard; readonly color: string; readonly connectionId: string },
  'table'
>;

export interface KeyEdgeData extends Record<string, unknown> {
  readonly line: DiagramKey;
  readonly connectionId: string;
  readonly words: string;
  /** Where the line meets the cards, from their tops. */
  readonly fromY: number;
  readonly toY: number;
  readonly fromWidth: number;
  readonly toWidth: number;
  /** The layout's way, and where the cards stood for it. */
  readonly route: readonly Point[] | null;
  readonly fromAt: Point;
  readonly toAt: Point;
}
export type KeyEdge = Edge<KeyEdgeData, 'key'>;

/** The nodes of a layout, at the places where tables were put by hand if they were. */
export function flowNodes(
  connectionId: string,
  cards: readonly TableCard[],
  layout: DiagramLayout,
  moved: Readonly<Record<string, readonly [number, number]>>,
  colorOf: (schema: string) => string,
): TableNode[] {
  return cards.map((card) => {
    const by = moved[card.key];
    return {
      id: card.key,
      type: 'table',
      position: by === undefined ? (layout.positions.get(card.key) ?? { x: 0, y: 0 }) : { x: by[0], y: by[1] },
      width: card.width,
      height: card.height,
      data: { card, color: colorOf(card.schema), connectionId },
      ariaRole: 'group',
      ariaLabel: `Table ${card.schema}.${card.name}`,
    };
  });
}

/** The edges of a layout. */
export function flowEdges(
  connectionId: string,
  cards: readonly TableCard[],
  lines: readonly DiagramKey[],
  layout: DiagramLayout,
): KeyEdge[] {
  const cardOfKey = new Map(cards.map((card) => [card.key, card]));
  const meetings = meetingsOf(cardOfKey, lines);
  // Keys without an index are drawn last, so that a shared stretch shows them.
  const ordered = lines.toSorted((a, b) => Number(b.foreignKey.indexed) - Number(a.foreignKey.indexed));
  return ordered.flatMap((line): KeyEdge[] => {
    const from = cardOfKey.get(line.from);
    const to = cardOfKey.get(line.to);
    const meeting = meetings.get(line.id);
    if (from === undefined || to === undefined || meeting === undefined) return [];
    const words = keyWords(line);
    return [
      {
        id: line.id,
        type: 'key',
        source: line.from,
        target: line.to,
        sourceHandle: 'end',
        targetHandle: 'end',
        ariaLabel: words,
        data: {
          line,
          connectionId,
          words,
          fromY: meeting.from,
          toY: meeting.to,
          fromWidth: from.width,
          toWidth: to.width,
          route: layout.routes.get(line.id) ?? null,
          fromAt: layout.positions.get(line.from) ?? { x: 0, y: 0 },
          toAt: layout.positions.get(line.to) ?? { x: 0, y: 0 },
        },
      },
    ];
  });
}
