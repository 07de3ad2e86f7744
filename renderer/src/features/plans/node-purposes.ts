import type { SheetNode } from './reader/plan-sheet.ts';

const purposes: Readonly<Record<string, string>> = {
  'Seq Scan': 'Reads the whole table, row after row.',
  'Sample Scan': 'Reads a sample of the table.',
  'Index Scan': 'Finds rows through an index, then fetches each from the table.',
  'Index Only Scan': 'Answers from the index alone, where the visibility map allows it.',
  'Bitmap Index Scan': 'Notes in a bitmap where the index says that rows are.',
  'Bitmap Heap Scan': 'Fetches the blocks that a bitmap names, in the order of the table.',
  BitmapAnd: 'Keeps what all of its bitmaps name.',
  BitmapOr: 'Keeps what any of its bitmaps names.',
  'Tid Scan': 'Fetches rows by their physical place.',
  'Nested Loop': 'For each row of its first input, looks for partners in the second.',
  'Hash Join': 'Builds a hash table of its second input, and looks up each row of the first in it.',
  'Merge Join': 'Walks two sorted inputs side by side.',
  Hash: 'Holds its input in a hash table for the join above.',
  Sort: 'Sorts its whole input before it gives the first row.',
  'Incremental Sort': 'Sorts input that is already partly sorted, group by group.',
  Aggregate: 'Computes aggregates over its input.',
  WindowAgg: 'Computes window functions over its input.',
  Unique: 'Leaves out repeated rows of sorted input.',
  Limit: 'Stops as soon as it has enough rows.',
  Materialize: 'Keeps its input, so that it can be read again.',
  Memoize: 'Keeps the answers for recent lookups of a nested loop.',
  Gather: 'Collects the rows of parallel workers.',
  'Gather Merge': 'Merges the sorted rows of parallel workers.',
  Append: 'Gives the rows of its inputs one after the other.',
  'Merge Append': 'Merges sorted inputs.',
  'Subquery Scan': 'Passes on the rows of a subquery.',
  'CTE Scan': 'Reads what a WITH query has gathered.',
  'WorkTable Scan': 'Reads what the last round of a recursive query gave.',
  'Recursive Union': 'Repeats its second input until it gives no new row.',
  'Function Scan': 'Reads the rows that a function returns.',
  'Values Scan': 'Reads a list of values.',
  'Foreign Scan': 'Reads from a foreign server.',
  SetOp: 'Computes INTERSECT or EXCEPT.',
  LockRows: 'Locks the rows that it passes on.',
  ModifyTable: 'Writes the rows of its input into the table.',
  Result: 'Computes values that need no table.',
  ProjectSet: 'Calls functions that return several rows.',
};

/** What a kind of node does, in one sentence; null for kinds that are not known. */
export function nodePurpose(node: SheetNode): string | null {
  return Object.hasOwn(purposes, node.nodeType) ? (purposes[node.nodeType] ?? null) : null;
}
