import type { ForeignKey, GraphTable, SchemaGraph } from '#contract/schema.ts';

import { buildDiagramGraph } from '../../../../../renderer/src/features/schema/diagram/diagram-graph.ts';
import type { DiagramGraph } from '../../../../../renderer/src/features/schema/diagram/diagram-graph.ts';

/** `orders.user_id -> users`, as `orders>users`; an underscore in front of a name makes another schema. */
export function sampleGraph(names: readonly string[], arrows: readonly string[]): SchemaGraph {
  const tables = names.map((name, index): GraphTable => ({
    oid: index + 1,
    schema: name.startsWith('_') ? 'other' : 'public',
    name,
    kind: 'table',
    estimatedRows: 60_000,
    sizeBytes: 1024,
    partitions: 0,
    columns: [
      { name: 'id', type: 'bigint', notNull: true, primary: true, foreign: false },
      ...arrows
        .filter((arrow) => arrow.startsWith(`${name}>`))
        .map((arrow) => ({
          name: `${arrow.split('>')[1] ?? ''}_id`,
          type: 'bigint',
          notNull: true,
          primary: false,
          foreign: true,
        })),
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((column) => ({
        name: column,
        type: 'text',
        notNull: false,
        primary: false,
        foreign: false,
      })),
    ],
  }));
  const foreignKeys = arrows.map((arrow, index): ForeignKey => {
    const [from = '', to = ''] = arrow.split('>');
    const fromTable = tables.find((table) => table.name === from);
    const toTable = tables.find((table) => table.name === to);
    return {
      oid: 1000 + index,
      name: `${from}_${to}_fkey`,
      fromOid: fromTable?.oid ?? 0,
      fromSchema: fromTable?.schema ?? '',
      fromTable: from,
      fromColumns: [`${to}_id`],
      toOid: toTable?.oid ?? 0,
      toSchema: toTable?.schema ?? '',
      toTable: to,
      toColumns: ['id'],
      onDelete: 'no action',
      onUpdate: 'no action',
      validated: true,
      optional: false,
      unique: false,
      indexed: true,
    };
  });
  return { tables, foreignKeys };
}

/** The same as a graph that can be walked. */
export function sampleDiagram(names: readonly string[], arrows: readonly string[], hubAbove?: number): DiagramGraph {
  return buildDiagramGraph(sampleGraph(names, arrows), hubAbove);
}
