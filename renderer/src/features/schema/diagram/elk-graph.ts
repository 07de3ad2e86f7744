import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';

import type { Point } from './crows-foot.ts';
import { reversedKeys } from './diagram-graph.ts';
import type { DiagramKey, TableKey } from './diagram-graph.ts';
import { meetingsOf } from './key-meetings.ts';
import type { TableCard } from './table-card.ts';

/** Where the cards of one connected group stand, from its top left corner, and how its lines run. */
export interface GroupLayout {
  readonly positions: ReadonlyMap<TableKey, Point>;
  readonly routes: ReadonlyMap<string, readonly Point[]>;
  readonly width: number;
  readonly height: number;
}

/** How tables are put into layers. `wrapped` breaks a long chain into rows; others keep layers low in their own ways. */
export type Layering = 'plain' | 'wrapped' | 'bounded' | 'narrow' | 'longest path';

/** Up to so many tables and lines the slower and prettier placement is quick enough. */
const fineUpTo = 70;
const aspect = 1.5;
/** What fits a window whatever its shape. */
const smallPicture = 1100;

/**
 * A connected group of tables for ELK's layered algorithm: what is referred to on the left, lines from its right side to
 * the left side of what refers to it, at the height of their columns. Lines of a table to itself are left out; they need
 * no layout.
 */
export function toElkGraph(
  cards: readonly TableCard[],
  lines: readonly DiagramKey[],
  layering: Layering = 'plain',
): ElkNode {
  const reversed = reversedKeys(
    cards.map((card) => card.key),
    lines,
  );
  const cardOfKey = new Map(cards.map((card) => [card.key, card]));
  const ports = new Map<
    TableKey,
    Map<string, { readonly id: string; readonly x: number; readonly y: number; readonly side: 'EAST' | 'WEST' }>
  >();
  const meetings = meetingsOf(cardOfKey, lines);
  function portOf(card: TableCard, y: number, side: 'EAST' | 'WEST'): string {
    const id = `${card.key} ${side} ${y}`;
    const own = ports.get(card.key) ?? new Map<string, never>();
    ports.set(card.key, own);
    if (!own.has(id)) own.set(id, { id, x: side === 'EAST' ? card.width : 0, y, side });
    return id;
  }
  const edges: ElkExtendedEdge[] = [];
  for (const line of lines) {
    const parent = cardOfKey.get(line.to);
    const child = cardOfKey.get(line.from);
    const meeting = meetings.get(line.id);
    if (parent === undefined || child === undefined || meeting === undefined || parent === child) continue;
    const turned = reversed.has(line.id);
    const parentPort = portOf(parent, meeting.to, turned ? 'WEST' : 'EAST');
    const childPort = portOf(child, meeting.from, turned ? 'EAST' : 'WEST');
    edges.push({ id: line.id, sources: [turned ? childPort : parentPort], targets: [turned ? parentPort : childPort] });
  }
  return {
    id: 'root',
    layoutOptions: layoutOptions(cards, cards.length + lines.length <= fineUpTo, layering),
    children: cards.map((card) => ({
      id: card.key,
      width: card.width,
      height: card.height,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: [...(ports.get(card.key)?.values() ?? [])].map((port) => ({
        id: port.id,
        x: port.x,
        y: port.y,
        width: 0,
        height: 0,
        layoutOptions: { 'elk.port.side': port.side },
      })),
    })),
    edges,
  };
}

/** What ELK answered, with lines running from the referring table to the referenced one. */
export function fromElkGraph(graph: ElkNode, lines: readonly DiagramKey[]): GroupLayout {
  const positions = new Map((graph.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]));
  const fromOf = new Map(lines.map((line) => [line.id, line.from]));
  const routes = new Map<string, readonly Point[]>();
  for (const edge of graph.edges ?? []) {
    const section = edge.sections?.[0];
    if (section === undefined) continue;
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({ x, y }));
    const startsAtChild = edge.sources[0]?.startsWith(`${fromOf.get(edge.id) ?? ''} EAST `) === true;
    routes.set(edge.id, startsAtChild ? points : points.toReversed());
  }
  return { positions, routes, width: graph.width ?? 0, height: graph.height ?? 0 };
}

/**
 * The layerings that are worth trying after one gave a picture of this size: none where it has about the shape of a
 * window. One layering suits no schema: of 30 real ones each of these is best for some, and turns others into ribbons.
 */
export function otherLayerings({ width, height }: Pick<GroupLayout, 'width' | 'height'>): readonly Layering[] {
  if (Math.max(width, height) < smallPicture) return [];
  const shape = width / Math.max(1, height);
  if (shape >= 0.8 && shape <= 2.8) return [];
  if (shape < 0.8) return ['longest path', 'bounded', 'narrow'];
  // Lines that lead back to the next row are long: a last resort.
  return shape <= 5 ? ['longest path', 'narrow'] : ['longest path', 'narrow', 'wrapped'];
}

/** The one that can be shown largest in a window. */
export function bestLayout(layouts: readonly GroupLayout[]): GroupLayout | null {
  return layouts.toSorted((a, b) => frameOf(a) - frameOf(b))[0] ?? null;
}

function frameOf({ width, height }: GroupLayout): number {
  return Math.max(width, height * aspect);
}

function layoutOptions(cards: readonly TableCard[], fine: boolean, layering: Layering): Record<string, string> {
  return {
    'elk.algorithm': 'layered',
    'elk.direction': 'RIGHT',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.aspectRatio': String(aspect),
    'elk.padding': '[top=0,left=0,bottom=0,right=0]',
    'elk.spacing.nodeNode': '36',
    'elk.spacing.edgeNode': '18',
    'elk.spacing.edgeEdge': '12',
    'elk.layered.spacing.nodeNodeBetweenLayers': '84',
    'elk.layered.spacing.edgeNodeBetweenLayers': '28',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
    'elk.layered.nodePlacement.strategy': fine ? 'NETWORK_SIMPLEX' : 'SIMPLE',
    'elk.layered.thoroughness': fine ? '10' : '1',
    ...(fine ? {} : { 'elk.layered.crossingMinimization.greedySwitch.type': 'OFF' }),
    ...layeringOptions(cards, layering),
  };
}

function layeringOptions(cards: readonly TableCard[], layering: Layering): Record<string, string> {
  switch (layering) {
    case 'plain':
      return { 'elk.layered.layering.strategy': 'NETWORK_SIMPLEX' };
    case 'wrapped':
      return { 'elk.layered.layering.strategy': 'NETWORK_SIMPLEX', 'elk.layered.wrapping.strategy': 'MULTI_EDGE' };
    case 'bounded':
      return {
        'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
        'elk.layered.layering.coffmanGraham.layerBound': String(layerBound(cards)),
      };
    case 'narrow':
      return { 'elk.layered.layering.strategy': 'MIN_WIDTH' };
    case 'longest path':
      return { 'elk.layered.layering.strategy': 'LONGEST_PATH_SOURCE' };
  }
}

/** How many tables may stand above each other, for a picture of about the shape of a window. */
function layerBound(cards: readonly TableCard[]): number {
  const count = Math.max(1, cards.length);
  const width = cards.reduce((sum, card) => sum + card.width, 0) / count + 150;
  const height = cards.reduce((sum, card) => sum + card.height, 0) / count + 40;
  return Math.max(3, Math.ceil(Math.sqrt((count * width) / (height * aspect))));
}
