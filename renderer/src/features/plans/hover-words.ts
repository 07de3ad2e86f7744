import type { SheetNode } from './reader/plan-sheet.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';

import { formatFactor, formatShare } from './plan-heat.ts';
import { actualRowsOf, expectedRowsOf, ownBlocksOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { nodeLabelOf } from './reader/plan-names.ts';
import { numberProperty, spillOf, workersOf } from './plan-properties.ts';
import { nodePurpose } from './node-purposes.ts';

const blockBytes = 8192;

/** A node explained from its own numbers: its name first, then a sentence for each thing worth knowing. */
export function hoverWords(index: PlanIndex, id: number): string[] {
  const node = index.plan.nodes[id];
  const name = index.names[id];
  if (node === undefined || name === undefined) return [];
  const sentences = [
    nodePurpose(node),
    node.neverExecuted ? 'It was never executed: what is above it needed nothing from it.' : null,
    timeWords(index, node),
    node.neverExecuted ? null : rowsWords(index, node),
    removedWords(node),
    blockWords(node),
    spillWords(node),
    heapFetchWords(node),
    workerWords(node),
  ];
  return [nodeLabelOf(name), ...sentences.filter((sentence) => sentence !== null)];
}

function timeWords(index: PlanIndex, node: SheetNode): string | null {
  if (node.neverExecuted) return null;
  const share = formatShare(index.shares[node.id] ?? 0);
  const part = share === '' ? '' : `, ${share} of the whole`;
  if (index.metric === 'cost') {
    const own = formatCount(Math.round((index.own[node.id] ?? 0) * 100) / 100);
    return `The planner expects a cost of ${own} of its own${part}. Costs are the planner’s own unit, not time.`;
  }
  if (node.selfMs === undefined) return null;
  const withChildren =
    node.totalMs === undefined || node.totalMs === node.selfMs
      ? ''
      : `; ${formatDuration(node.totalMs)} with everything below it`;
  const loops = node.loops > 1 ? ` It ran ${countOf(node.loops, 'time')}${perLoop(node)}.` : '';
  return `It took ${formatDuration(node.selfMs)} of its own${part}${withChildren}.${loops}`;
}

function perLoop(node: SheetNode): string {
  if (node.processes !== undefined && node.processes > 1) return ` in ${node.processes} processes`;
  return node.totalMs === undefined ? '' : `, ${formatDuration(node.totalMs / node.loops)} each`;
}

function rowsWords(index: PlanIndex, node: SheetNode): string | null {
  const actual = actualRowsOf(node);
  const expected = expectedRowsOf(node);
  if (actual === null) return expected === null ? null : `The planner expects ${countOf(expected, 'row')}.`;
  const gave = `It gave ${countOf(actual, 'row')}`;
  if (expected === null) return `${gave}.`;
  const factor = formatFactor(node.estimateFactor);
  if (factor === null) return `${gave}; the planner expected ${formatCount(expected)}.`;
  if (factor === '1×') return `${gave}, as the planner expected.`;
  const more = node.estimateDirection === 'under' ? 'more' : 'fewer';
  const advice =
    (node.estimateFactor ?? 1) >= 10 && index.plan.analyzed
      ? ' A plan built on such an estimate may be the wrong one.'
      : '';
  return `${gave}, ${factor} ${more} than the ${formatCount(expected)} that the planner expected.${advice}`;
}

function removedWords(node: SheetNode): string | null {
  const removed =
    (node.rowsRemovedByFilter ?? 0) + (node.rowsRemovedByJoinFilter ?? 0) + (node.rowsRemovedByIndexRecheck ?? 0);
  const kept = actualRowsOf(node);
  if (removed === 0 || kept === null) return null;
  const share = formatShare(removed / (removed + kept));
  return `It threw away ${countOf(removed, 'row')}, ${share} of those it read.`;
}

function blockWords(node: SheetNode): string | null {
  const blocks = ownBlocksOf(node);
  if (blocks === null || blocks.hit + blocks.read === 0) return null;
  const size = formatBytes((blocks.hit + blocks.read) * blockBytes);
  const touched = `It touched ${countOf(blocks.hit + blocks.read, 'block')} (${size})`;
  return blocks.read === 0
    ? `${touched}, all of them cached.`
    : `${touched}; ${formatCount(blocks.read)} were not cached and had to be read.`;
}

function spillWords(node: SheetNode): string | null {
  const spill = spillOf(node);
  return spill === null ? null : `It did not fit into work_mem: ${spill}.`;
}

function heapFetchWords(node: SheetNode): string | null {
  const fetches = numberProperty(node, 'Heap Fetches');
  if (fetches === null || fetches === 0) return null;
  return `It had to look into the table ${countOf(fetches, 'time')} to see whether a row is visible; VACUUM makes that unnecessary.`;
}

function workerWords(node: SheetNode): string | null {
  const workers = workersOf(node);
  if (workers === null) return null;
  const { planned, launched } = workers;
  if (launched === null) return `It plans ${countOf(planned, 'worker')}.`;
  return launched < planned
    ? `Only ${launched} of ${countOf(planned, 'planned worker')} could be started.`
    : `${countOf(launched, 'worker')} helped.`;
}
