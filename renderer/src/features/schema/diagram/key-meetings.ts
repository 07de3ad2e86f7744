import type { DiagramKey, TableKey } from './diagram-graph.ts';
import { rowMiddle } from './table-card.ts';
import type { TableCard } from './table-card.ts';

/** How far below the tops of its two cards a line meets them. */
export interface Meeting {
  readonly from: number;
  readonly to: number;
}

const apart = 6;

/**
 * Where lines meet their cards: at the rows of their first columns. Keys to the same column share a place and so a
 * stretch of line, except that "exactly one" and "zero or one" keep apart, so that both can be read.
 */
export function meetingsOf(
  cards: ReadonlyMap<TableKey, TableCard>,
  lines: readonly DiagramKey[],
): Map<string, Meeting> {
  const endsAt = new Map<string, Set<boolean>>();
  for (const line of lines) {
    const ends = endsAt.get(columnOf(line)) ?? new Set();
    endsAt.set(columnOf(line), ends.add(line.foreignKey.optional));
  }
  const meetings = new Map<string, Meeting>();
  for (const line of lines) {
    const from = cards.get(line.from);
    const to = cards.get(line.to);
    if (from === undefined || to === undefined) continue;
    const mixed = endsAt.get(columnOf(line))?.size === 2;
    const aside = mixed ? (line.foreignKey.optional ? apart : -apart) : 0;
    meetings.set(line.id, {
      from: rowMiddle(from, line.foreignKey.fromColumns[0]),
      to: rowMiddle(to, line.foreignKey.toColumns[0]) + aside,
    });
  }
  return meetings;
}

function columnOf(line: DiagramKey): string {
  return `${line.to} ${line.foreignKey.toColumns[0] ?? ''}`;
}
