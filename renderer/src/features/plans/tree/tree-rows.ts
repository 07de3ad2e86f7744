import type { PlanIndex } from '../reader/plan-index.ts';
import type { SiblingRun } from '../reader/sibling-runs.ts';

/** One line of the tree: a node, or alike siblings folded into one. */
export type TreeRow =
  | {
      readonly kind: 'node';
      readonly id: number;
      /** Levels that it is indented by. */
      readonly depth: number;
      readonly parentId: number | null;
      /** null for a node without children. */
      readonly expanded: boolean | null;
    }
  | {
      readonly kind: 'run';
      /** The first sibling. */
      readonly id: number;
      readonly depth: number;
      readonly parentId: number;
      readonly expanded: boolean;
      readonly run: SiblingRun;
    };

/** What of a plan is folded: nodes with what is below them, by id; runs are folded unless their first sibling is named. */
export interface PlanFolding {
  readonly collapsed: ReadonlySet<number>;
  readonly openRuns: ReadonlySet<number>;
}

/** The node that is chosen, or the run of siblings that begins with it. */
export interface Chosen {
  readonly id: number;
  readonly onRun: boolean;
}

/** By which column the tree is sorted, as a list. */
export interface TreeSort {
  readonly columnId: string;
  readonly descending: boolean;
}

export const nothingFolded: PlanFolding = { collapsed: new Set(), openRuns: new Set() };

/** The lines of the tree in print order, without what is below a collapsed node or inside a folded run. */
export function treeRows({ plan: { nodes }, lastDescendants, runs }: PlanIndex, folding: PlanFolding): TreeRow[] {
  const runsByFirst = new Map(runs.map((run) => [run.firstId, run]));
  const rows: TreeRow[] = [];
  /** Where the open runs around a node end; each indents it by one level more. */
  const around: number[] = [];
  for (let id = 0; id < nodes.length; id += 1) {
    const node = nodes[id];
    if (node === undefined) break;
    while (id > (around.at(-1) ?? Number.POSITIVE_INFINITY)) around.pop();
    const run = runsByFirst.get(id);
    if (run !== undefined) {
      const expanded = folding.openRuns.has(id);
      rows.push({ kind: 'run', id, depth: node.depth + around.length, parentId: run.parentId, expanded, run });
      if (!expanded) {
        id = run.endId;
        continue;
      }
      around.push(run.endId);
    }
    const last = lastDescendants[id] ?? id;
    const expanded = last > id ? !folding.collapsed.has(id) : null;
    rows.push({ kind: 'node', id, depth: node.depth + around.length, parentId: node.parentId, expanded });
    if (expanded === false) id = last;
  }
  return rows;
}

/**
 * The place of the line that shows what is chosen: its own, or that of the run or node it is folded into; -1 for nowhere.
 * An open run and its first sibling have the same id: the run stands before.
 */
export function placeOf(rows: readonly TreeRow[], { lastDescendants }: PlanIndex, { id, onRun }: Chosen): number {
  let low = 0;
  let high = rows.length - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row === undefined) break;
    if (row.id <= id) {
      found = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  const before = rows[found - 1];
  if (onRun && before?.kind === 'run' && before.id === id) return found - 1;
  const row = rows[found];
  if (row === undefined) return -1;
  const end = row.kind === 'run' ? row.run.endId : (lastDescendants[row.id] ?? row.id);
  return id <= end ? found : -1;
}

/** The line that a line stands below: its parent, or the run that it belongs to; -1 for the root's. */
export function parentPlace(rows: readonly TreeRow[], place: number): number {
  const depth = rows[place]?.depth ?? 0;
  for (let at = place - 1; at >= 0; at -= 1) if ((rows[at]?.depth ?? 0) < depth) return at;
  return -1;
}

/** What a line stands for. */
export function chosenBy(row: TreeRow): Chosen {
  return { id: row.id, onRun: row.kind === 'run' };
}

/** The collapsed nodes that hide a node, so that it can be shown. */
export function hidingAncestors({ plan: { nodes } }: PlanIndex, id: number, collapsed: ReadonlySet<number>): number[] {
  const hiding: number[] = [];
  for (let parent = nodes[id]?.parentId ?? null; parent !== null; parent = nodes[parent]?.parentId ?? null) {
    if (collapsed.has(parent)) hiding.push(parent);
  }
  return hiding;
}

/** The folding with a line opened or closed. */
export function withToggled(folding: PlanFolding, row: TreeRow, expanded: boolean): PlanFolding {
  return row.kind === 'run'
    ? { ...folding, openRuns: changed(folding.openRuns, row.id, expanded) }
    : { ...folding, collapsed: changed(folding.collapsed, row.id, !expanded) };
}

function changed(set: ReadonlySet<number>, id: number, isIn: boolean): ReadonlySet<number> {
  const next = new Set(set);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}
