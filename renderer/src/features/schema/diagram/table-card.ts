import { formatCountShort } from '../../../lib/format-count.ts';

import type { DiagramGraph, DiagramKey, DiagramTable, TableKey } from './diagram-graph.ts';
import { shortType } from './short-type.ts';

/** How much of its columns a table shows. */
export type DetailLevel = 'keys' | 'all' | 'names';

export interface CardRow {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly primary: boolean;
  readonly foreign: boolean;
  /** The hub that it refers to, told here in place of a line. */
  readonly hub: { readonly key: TableKey; readonly name: string } | null;
}

/** A table as it is drawn: what stands in it, and its size. The same for the screen, the layout and the export. */
export interface TableCard {
  readonly key: TableKey;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: DiagramTable['kind'];
  /** `60 k`, `1.0 M · 12 partitions`. */
  readonly amount: string;
  readonly rows: readonly CardRow[];
  readonly folded: number;
  readonly width: number;
  readonly height: number;
}

export const cardHeaderHeight = 31;
export const cardRowHeight = 22;
export const cardPadding = 5;
const foldedHeight = 20;
const leastRows = 5;
const leastWidth = 168;
const mostWidth = 320;
// Widths of a character of the fonts that the card is set in, in pixels.
const titleCharacter = 7.4;
const dataCharacter = 7.55;
const smallDataCharacter = 6.7;

/** The card of a table. With `keys`, key columns are shown and a few others where there is room. */
export function cardOf(graph: DiagramGraph, table: DiagramTable, detail: DetailLevel): TableCard {
  const hubs = hubsByColumn(graph, table.key);
  const shown = detail === 'names' ? [] : detail === 'all' ? table.columns : keyColumns(table.columns);
  const rows = shown.map((column): CardRow => ({
    ...column,
    type: shortType(column.type, table.schema),
    hub: hubs.get(column.name) ?? null,
  }));
  const folded = detail === 'keys' ? table.columns.length - rows.length : 0;
  const amount = amountOf(table);
  const headerWidth = table.name.length * titleCharacter + amount.length * smallDataCharacter + 46;
  const rowWidth = Math.max(
    0,
    ...rows.map(
      (row) =>
        28 +
        row.name.length * dataCharacter +
        16 +
        (row.hub === null ? row.type.length * smallDataCharacter : row.hub.name.length * 6.4 + 30) +
        10,
    ),
  );
  return {
    key: table.key,
    oid: table.oid,
    schema: table.schema,
    name: table.name,
    kind: table.kind,
    amount,
    rows,
    folded,
    width: Math.round(Math.min(mostWidth, Math.max(leastWidth, headerWidth, rowWidth))),
    height:
      cardHeaderHeight +
      (rows.length > 0 || folded > 0
        ? cardPadding * 2 + rows.length * cardRowHeight + (folded > 0 ? foldedHeight : 0)
        : 0),
  };
}

/** Where a line to this column meets the card, from its top. Columns that are not shown meet it at the header. */
export function rowMiddle(card: TableCard, column: string | undefined): number {
  const place = card.rows.findIndex((row) => row.name === column);
  return place === -1
    ? cardHeaderHeight / 2
    : cardHeaderHeight + cardPadding + place * cardRowHeight + cardRowHeight / 2;
}

function keyColumns(columns: DiagramTable['columns']): DiagramTable['columns'] {
  const keys = columns.filter((column) => column.primary || column.foreign).length;
  let room = Math.max(0, leastRows - keys);
  // Showing a column takes hardly more room than saying that one is folded.
  if (columns.length - keys === room + 1) room += 1;
  return columns.filter((column) => {
    if (column.primary || column.foreign) return true;
    room -= 1;
    return room >= 0;
  });
}

function hubsByColumn(
  graph: DiagramGraph,
  table: TableKey,
): Map<string, { readonly key: TableKey; readonly name: string }> {
  const hubs = new Map<string, { readonly key: TableKey; readonly name: string }>();
  for (const key of graph.keysOf.get(table) ?? []) {
    if (key.from !== table || key.to === table || !graph.hubs.has(key.to)) continue;
    // Of a key of several columns the last one tells it: the first is often a tenant that all of them share.
    const column = key.foreignKey.fromColumns.at(-1);
    if (column !== undefined) hubs.set(column, { key: key.to, name: key.foreignKey.toTable });
  }
  return hubs;
}

function amountOf(table: DiagramTable): string {
  const rows = table.estimatedRows === null ? '' : formatCountShort(table.estimatedRows);
  if (table.partitions === 0) return rows;
  const parts = `${table.partitions} ${table.partitions === 1 ? 'partition' : 'partitions'}`;
  return rows === '' ? parts : `${rows} · ${parts}`;
}

/** The words for a key that screen readers and tooltips give. */
export function keyWords({ foreignKey }: DiagramKey): string {
  const { fromTable, fromColumns, toTable, toColumns, unique, optional, indexed } = foreignKey;
  const ends = `${unique ? 'one' : 'many'} to ${optional ? 'zero or one' : 'one'}`;
  return `${fromTable} (${fromColumns.join(', ')}) references ${toTable} (${toColumns.join(', ')}), ${ends}${indexed ? '' : ', no index'}`;
}
