import { numberOf, stringOf } from '../raw-plan.ts';
import { cteNameOf } from './consumers.ts';
import type { PlanTree } from './plan-tree.ts';

/** How far the planner's rows were off, per loop; null where the comparison means nothing. */
export type Estimate = { readonly factor: number; readonly direction: 'under' | 'over' | 'exact' } | null;

/** Nodes that read their input to its end before they give a row. */
const BLOCKING = new Set([
  'Sort',
  'Hash',
  'BitmapAnd',
  'BitmapOr',
  'Bitmap Heap Scan',
  'Recursive Union',
  'ModifyTable',
]);

/**
 * Compares rows per loop: below a Gather both are per process, on the inner side of a loop both are per outer row.
 * Nothing is said about nodes that never ran, of which PostgreSQL does not count the rows (BitmapAnd, BitmapOr,
 * a ModifyTable without RETURNING), and of those that were stopped before their end (under a Limit, EXISTS, a merge
 * join) when they gave fewer rows than planned: nobody knows how many would have come.
 */
export function estimateRows(tree: PlanTree): Estimate[] {
  const { cut, reread } = findCutShort(tree);
  return tree.nodes.map(({ properties }, id) => {
    const planned = numberOf(properties['Plan Rows']);
    const actual = numberOf(properties['Actual Rows']);
    if (planned === undefined || actual === undefined || (tree.loops[id] ?? 0) === 0) return null;
    if (!isCounted(tree.types[id] ?? '', actual)) return null;
    const plannedRows = Math.max(1, planned);
    const actualRows = Math.max(1, actual);
    const direction = actualRows > plannedRows ? 'under' : actualRows < plannedRows ? 'over' : 'exact';
    if (direction === 'over' && cut[id] === true) return null;
    if (direction === 'under' && reread[id] === true) return null;
    return { factor: Math.max(plannedRows, actualRows) / Math.min(plannedRows, actualRows), direction };
  });
}

function isCounted(type: string, actualRows: number): boolean {
  if (type === 'BitmapAnd' || type === 'BitmapOr' || type === 'WorkTable Scan') return false;
  return type !== 'ModifyTable' || actualRows > 0;
}

/** `cut`: may have been stopped early. `reread`: the same rows may have been counted more than once. */
function findCutShort(tree: PlanTree): { cut: boolean[]; reread: boolean[] } {
  const cut: boolean[] = [];
  const reread: boolean[] = [];
  const cutScans = new Map<string, boolean>();
  // CTEs stand before their scans in print order, so a second pass lets them know whether a scan was cut.
  for (let pass = 0; pass < 2; pass += 1) {
    tree.nodes.forEach((node, id) => {
      const name = cteNameOf(tree, id);
      if (node.parent === -1) cut[id] = false;
      else if (name !== null) cut[id] = cutScans.get(name) ?? false;
      else if (tree.roles[id] === 'init') cut[id] = true;
      else if (tree.roles[id] === 'sub')
        cut[id] = !isHashedSubPlan(tree, node.parent, stringOf(node.properties['Subplan Name']) ?? '');
      else cut[id] = isCutBy(tree, node.parent, id) || (cut[node.parent] === true && !isBlocking(tree, node.parent));
      reread[id] =
        node.parent !== -1 &&
        tree.roles[id] === 'plain' &&
        isRereadBy(tree, node.parent, id, reread[node.parent] === true);
      if (tree.types[id] === 'CTE Scan' && cut[id]) cutScans.set(stringOf(node.properties['CTE Name']) ?? '', true);
    });
    if (cutScans.size === 0) break;
  }
  return { cut, reread };
}

function isBlocking(tree: PlanTree, id: number): boolean {
  const type = tree.types[id] ?? '';
  if (type === 'Aggregate') return tree.nodes[id]?.properties['Strategy'] !== 'Sorted';
  if (type === 'SetOp') return tree.nodes[id]?.properties['Strategy'] === 'Hashed';
  return BLOCKING.has(type);
}

function isHashedSubPlan(tree: PlanTree, owner: number, name: string): boolean {
  return Object.values(tree.nodes[owner]?.properties ?? {}).some(
    (value) => typeof value === 'string' && value.includes(`hashed ${name})`),
  );
}

function isCutBy(tree: PlanTree, parent: number, child: number): boolean {
  const properties = tree.nodes[parent]?.properties ?? {};
  const isSecond = tree.inner[parent] === child;
  switch (tree.types[parent]) {
    case 'Limit':
      // Fewer rows than the limit: the input had come to its end by itself.
      return (
        (numberOf(properties['Actual Rows']) ?? 0) >= Math.max(1, numberOf(properties['Plan Rows']) ?? 0) ||
        !isKnown(properties['Actual Rows'])
      );
    case 'Merge Join':
      return true;
    case 'Nested Loop':
      return (
        isSecond &&
        (properties['Join Type'] === 'Semi' ||
          properties['Join Type'] === 'Anti' ||
          properties['Inner Unique'] === true)
      );
    case 'Hash Join':
      return !isSecond && isEmptyInner(tree, parent);
    case 'WindowAgg':
      return properties['Run Condition'] !== undefined;
    default:
      return false;
  }
}

function isKnown(value: unknown): boolean {
  return typeof value === 'number';
}

/** Nothing to match with: the outer side is not read on. */
function isEmptyInner(tree: PlanTree, join: number): boolean {
  const inner = tree.inner[join] ?? -1;
  return inner !== -1 && numberOf(tree.nodes[inner]?.properties['Actual Rows']) === 0;
}

/** The inner side of a merge join goes back to a mark; what sorts or keeps rows shields the nodes below. */
function isRereadBy(tree: PlanTree, parent: number, child: number, parentReread: boolean): boolean {
  if (tree.types[parent] === 'Merge Join') return tree.inner[parent] === child;
  return parentReread && tree.types[parent] !== 'Sort' && tree.types[parent] !== 'Materialize';
}
