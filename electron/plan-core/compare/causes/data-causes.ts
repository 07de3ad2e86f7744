import type { PlanCause } from '#contract/plan-comparison.ts';
import type { PlanNode } from '#contract/plan-model.ts';
import { formatCount } from '../../insights/plan-context.ts';
import { nodeLabel } from '../../print/node-label.ts';
import { numberOf } from '../../raw-plan.ts';
import { actualRowsOf, factorOf } from '../node-changes.ts';
import type { CauseContext, NodePair } from './cause-context.ts';
import { haveSameConditions, isExecutedScan } from './cause-context.ts';

/** Estimates within this factor are the same. */
const CHANGED_ESTIMATE = 1.5;
/** Rows within this factor are the same. */
const SAME_ROWS = 1.2;
const CHANGED_ROWS = 1.5;
const LEAST_ROWS = 100;
const MOST_REPORTED = 3;

/** How far a factor is from 1, whatever its direction. */
function distance(factor: number | null): number {
  return factor === null ? 1 : Math.max(factor, 1 / factor);
}

type Weighed = { readonly cause: PlanCause; readonly weight: number };

function largest(causes: readonly Weighed[]): PlanCause[] {
  return causes
    .toSorted((a, b) => b.weight - a.weight || (a.cause.afterId ?? 0) - (b.cause.afterId ?? 0))
    .slice(0, MOST_REPORTED)
    .map(({ cause }) => cause);
}

/** The estimate of a scan changed. With ANALYZE: and its rows did not, so the statistics did. */
export function findEstimates(context: CauseContext): PlanCause[] {
  const { before: one, after: other } = context.comparison;
  return largest(
    context.matched.flatMap((pair): Weighed[] => {
      const { before, after } = pair;
      const [planned, now] = [before.planRows, after.planRows];
      if (one.families[before.id] !== 'scan' || planned === undefined || now === undefined) return [];
      if (Math.max(planned, now) < LEAST_ROWS || before.parallelAware !== after.parallelAware) return [];
      // Per loop, and so per row of an outer side or per process: comparable only where both run as often.
      if (before.nodeType === 'Memoize' || !haveSameConditions(context, pair)) return [];
      const weight = distance(factorOf(planned, now, 1));
      if (weight < CHANGED_ESTIMATE) return [];
      const estimates = `${formatCount(planned)} → ${formatCount(now)} rows expected`;
      const place = { beforeId: before.id, afterId: after.id };
      if (!context.bothAnalyzed)
        return [
          {
            weight,
            cause: {
              ...place,
              rule: 'estimates',
              title: `The estimate of ${nodeLabel(after.properties)} changed`,
              message: `${estimates}. Whether the data or its statistics changed, only ANALYZE can tell.`,
            },
          },
        ];
      if (!isExecutedScan(context, pair) || before.loops !== after.loops) return [];
      if (isCutShort(before) || isCutShort(after)) return [];
      const [rows, rowsNow] = [before.actualRows ?? 0, after.actualRows ?? 0];
      if (distance(factorOf(rows, rowsNow, 1)) > SAME_ROWS) return [];
      const better = off(now, rowsNow) < off(planned, rows);
      return [
        {
          weight,
          cause: {
            ...place,
            rule: 'statistics',
            title: `The statistics behind ${nodeLabel(other.nodes[after.id]?.properties ?? {})} changed`,
            message: `${estimates}, while ${formatCount(rows)} → ${formatCount(rowsNow)} came, under the same conditions. The estimate is ${better ? 'nearer to' : 'farther from'} the truth than before.`,
          },
        },
      ];
    }),
  );
}

function off(planned: number, actual: number): number {
  return distance(factorOf(planned, actual, 1));
}

/** The reader says nothing of an estimate that it knows was not put to the test. */
function isCutShort(node: PlanNode): boolean {
  return node.estimateFactor === null;
}

/** The rows that a scan looked at, over all loops. */
function rowsRead(node: PlanNode): number {
  return (actualRowsOf(node) ?? 0) + (node.rowsRemovedByFilter ?? 0) + (node.rowsRemovedByIndexRecheck ?? 0);
}

/** The same scan of the same relation met more rows, or fewer. */
export function findDataGrowth(context: CauseContext): PlanCause[] {
  if (!context.bothAnalyzed) return [];
  return largest(
    context.matched.flatMap((pair): Weighed[] => {
      const { before, after } = pair;
      if (!isExecutedScan(context, pair) || before.relation === undefined || !ranAsOften(pair)) return [];
      if (isCutShort(before) || isCutShort(after) || !haveSameConditions(context, pair)) return [];
      // A sequential scan reads the whole table; other scans show only what their condition lets through.
      const whole = before.nodeType === 'Seq Scan' && after.nodeType === 'Seq Scan';
      const [one, other] = whole
        ? [rowsRead(before), rowsRead(after)]
        : [actualRowsOf(before) ?? 0, actualRowsOf(after) ?? 0];
      const factor = factorOf(one, other, 1) ?? 1;
      if (distance(factor) < CHANGED_ROWS || Math.max(one, other) < LEAST_ROWS) return [];
      const grew = factor > 1;
      const what = whole ? 'rows were read' : 'rows came';
      return [
        {
          weight: distance(factor),
          cause: {
            rule: grew ? 'data-growth' : 'data-shrinkage',
            beforeId: before.id,
            afterId: after.id,
            title: grew ? `${before.relation} has grown` : `${before.relation} has shrunk`,
            message: `${formatCount(one)} → ${formatCount(other)} ${what} by ${nodeLabel(after.properties)} under the same conditions.`,
          },
        },
      ];
    }),
  );
}

/** A parallel scan has a loop in every process, and reads the relation once all the same. */
function ranAsOften({ before, after }: NodePair): boolean {
  return before.loops === after.loops || (before.parallelAware === true && after.parallelAware === true);
}

/** Another number of partitions was read. */
export function findPartitions(context: CauseContext): PlanCause[] {
  const { before: one, after: other } = context.comparison;
  return largest(
    context.matched.flatMap(({ before, after }): Weighed[] => {
      if (one.families[before.id] !== 'append') return [];
      const [members, membersNow] = [one.inputs[before.id]?.length ?? 0, other.inputs[after.id]?.length ?? 0];
      const [removed, removedNow] = [removedIn(before), removedIn(after)];
      if (members === membersNow && removed === removedNow) return [];
      const pruned =
        removed === removedNow ? '' : `; ${formatCount(removed)} → ${formatCount(removedNow)} were pruned at run time`;
      return [
        {
          weight: Math.abs(members - membersNow) + Math.abs(removed - removedNow),
          cause: {
            rule: 'partitions',
            beforeId: before.id,
            afterId: after.id,
            title: `${nodeLabel(after.properties)} has ${membersNow < members ? 'fewer' : membersNow > members ? 'more' : 'other'} members`,
            message: `${formatCount(members)} → ${formatCount(membersNow)} members${pruned}.`,
          },
        },
      ];
    }),
  );
}

function removedIn(node: PlanNode): number {
  return numberOf(node.properties['Subplans Removed']) ?? 0;
}
