import type { PlanNode } from '#contract/plan-model.ts';
import { readCondition } from './index-advice/condition-parts.ts';
import { adviseIndex, canBeIndexed } from './index-advice/index-statement.ts';
import type { ScanGroup } from './index-advice/partitions.ts';
import { groupScans } from './index-advice/partitions.ts';
import { orderWanted } from './order-wanted.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  blocksOf,
  claimOf,
  formatCount,
  formatMs,
  formatShare,
  labelOf,
  quoteCondition,
  rowsOut,
  severityOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** As losefor/pg-explain has it, and nearly bright98/pgexplain: ten times as many removed as kept. */
const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;
/** A table of so few rows is a page or two, which an index does not make fewer, however often it is read. */
const LEAST_ROWS_PER_LOOP = 1000;
/** Fewer matches are sorted in no time: then the index had better narrow them further. */
const LEAST_SORTED = 1000;

/** A sequential scan that throws most of what it reads away; all partitions of one table together. */
export function findSeqScanFilter(context: PlanContext): Finding[] {
  const scans = context
    .ofType('Seq Scan')
    .filter(
      (node) =>
        (node.rowsRemovedByFilter ?? 0) > 0 &&
        ((node.rowsRemovedByFilter ?? 0) + rowsOut(node)) / node.loops >= LEAST_ROWS_PER_LOOP &&
        canBeIndexed(node),
    );
  return groupScans(context, scans).flatMap((group) => describe(context, group));
}

function describe(context: PlanContext, group: ScanGroup): Finding[] {
  const { nodes, lead } = group;
  const removed = sum(nodes, (node) => node.rowsRemovedByFilter ?? 0);
  const kept = sum(nodes, rowsOut);
  const discard = removed / (removed + kept);
  if (removed < LEAST_REMOVED || discard < LEAST_DISCARD || !context.isCostly(...nodes)) return [];
  const scatter = scatterOf(context, group, kept);
  const claims = claimOf(context, nodes, discard * scatter.spared);
  const savedMs = Math.min(sumOf(claims), context.executionMs);
  if (context.timed && !context.isWorth(savedMs)) return [];
  const isSelective = kept < LEAST_SORTED;
  const advice = adviseIndex(context, group, ['Filter'], isSelective ? [] : orderWanted(context, lead));
  // What a subquery decides is a matter of the subquery.
  if (!advice && String(lead.properties['Filter']).includes('SubPlan')) return [];
  const ownMs = sum(nodes, context.ownMs);
  const where = nodes.length > 1 ? `${formatCount(nodes.length)} partitions of ${group.parent ?? 'one table'}` : '';
  const times = lead.loops > (lead.processes ?? 1) ? ` in ${formatCount(lead.loops)} runs` : '';
  return [
    {
      rule: 'seq-scan-filter',
      nodeId: lead.id,
      severity: scatter.isDense ? 'info' : severityOf(context, savedMs),
      ...(context.timed ? { savedMs, claims } : {}),
      title: `${formatShare(discard)} of the rows read from ${where === '' ? subjectOf(lead) : where} are thrown away`,
      message:
        `${where === '' ? labelOf(lead) : `The scan of ${where}`} read ${formatCount(removed + kept)} rows${times} to keep ${formatCount(kept)}; the filter ${quoteCondition(lead.properties['Filter'])} removed ${formatCount(removed)}` +
        `${context.timed ? `, in ${formatMs(ownMs)}` : ''}. ${advice ? 'Without an index every row of the table is read to find them.' : withoutIndex(lead)}` +
        `${scatter.isDense && advice ? ' It pays if these rows lie close together in the table, as recent ones do.' : ''}${(advice?.notes ?? []).map((note) => ` ${note}`).join('')}`,
      ...(advice === undefined ? {} : { sql: advice.sql }),
      verify:
        'Run EXPLAIN (ANALYZE, BUFFERS) again: the node becomes an Index Scan or a Bitmap Heap Scan and reads far fewer blocks.',
      ignoreWhen:
        'The query runs rarely, or the table is written much more often than it is read: every index slows writes down.',
    },
  ];
}

/** Why no index is proposed, and what would let one serve. */
function withoutIndex(node: PlanNode): string {
  const cast = readCondition(String(node.properties['Filter']), node.alias ?? node.relation).find(
    ({ kind }) => kind === 'cast',
  );
  return cast?.kind === 'cast'
    ? `The condition casts ${cast.key.sql} to ${cast.key.castTo ?? ''}: compared with a value of its own type, an index on ${cast.key.sql} serves it.`
    : 'An index serves a bare column, or the very expression that it was made of; this filter has neither.';
}

/**
 * Rows that match at random places, one or more to a page, leave few pages out: an index would read nearly all of them
 * too. A range may well be of rows that lie together, such as those of the last week.
 */
function scatterOf(
  context: PlanContext,
  { nodes, lead }: ScanGroup,
  kept: number,
): { spared: number; isDense: boolean } {
  const runs = lead.loops / (lead.processes ?? 1);
  const pages = sum(nodes, (node) => blocksOf(node.selfBuffers)) / runs;
  if (pages === 0) return { spared: 1, isDense: false };
  const perPage = kept / runs / pages;
  const parts = readCondition(String(lead.properties['Filter']), lead.alias ?? lead.relation);
  const isRange = parts.some(({ kind }) => kind === 'range' || kind === 'rewritten' || kind === 'row');
  return { spared: isRange ? 1 : Math.exp(-perPage), isDense: isRange && perPage > 1 };
}

function sum(nodes: readonly PlanNode[], value: (node: PlanNode) => number): number {
  return nodes.reduce((total, node) => total + value(node), 0);
}
