import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  formatCount,
  formatKilobytes,
  numberIn,
  rowsOut,
  severityOf,
  spentOf,
  subjectOf,
  sumOf,
  titleLabel,
  workMemFor,
} from './plan-context.ts';

/** Writing the rows out and reading them again is at most about half of the work. */
const SPILL_SHARE = 0.5;
/** Rows are packed on disk. */
const MEMORY_PER_DISK = 2.5;
/** A tuple’s header and its place in the table: nodeHash.c, ExecChooseHashTableSize. */
const BYTES_PER_ROW = 48;
const ROOM = 1.25;

/** A hash table, of a join or of an aggregate, that did not fit into memory. */
export function findHashBatches(context: PlanContext): Finding[] {
  return [...context.ofType('Hash'), ...context.ofType('Aggregate')].flatMap((node): Finding[] => {
    const join = node.nodeType === 'Hash' ? context.parent(node) : null;
    const batches = join
      ? numberIn(node, 'Hash Batches')
      : node.nodeType === 'Aggregate'
        ? numberIn(node, 'HashAgg Batches')
        : 0;
    if (batches <= 1 || !context.isCostly(node, join)) return [];
    return [describe(context, node, join, batches)];
  });
}

function describe(context: PlanContext, node: PlanNode, join: PlanNode | null, batches: number): Finding {
  const ownMs = context.ownMs(node) + (join ? context.ownMs(join) : 0);
  const claims = claimOf(context, [node, ...(join ? [join] : [])], SPILL_SHARE);
  const savedMs = sumOf(claims);
  const peakKb = numberIn(node, 'Peak Memory Usage');
  const original = numberIn(node, 'Original Hash Batches');
  const grew = join !== null && original > 0 && original < batches;
  const diskKb = numberIn(node, 'Disk Usage');
  const sql = workMemFor(join ? joinMemoryKb(node, batches) : peakKb + diskKb * MEMORY_PER_DISK);
  return {
    rule: 'hash-batches',
    nodeId: node.id,
    severity: severityOf(context, savedMs),
    ...(context.timed ? { savedMs, claims } : {}),
    title: `${join ? `The hash table${tableOf(context, node)}` : titleLabel(node)} is split into ${formatCount(batches)} batches`,
    message:
      `The hash table did not fit into work_mem × hash_mem_multiplier: it was split into ${formatCount(batches)} batches with ${formatKilobytes(peakKb)} in memory at a time` +
      `${diskKb > 0 ? ` and ${formatKilobytes(diskKb)} on disk` : ''}, and rows were written to temporary files and read again${spentOf(context, ownMs)}.` +
      (grew ? ` The planner had counted on ${formatCount(original)}: its row estimate was too low.` : '') +
      (sql === null
        ? ' No sane work_mem holds it: select fewer or narrower columns, or correct the row estimate.'
        : ''),
    ...(sql === null ? {} : { sql }),
    verify:
      'Run it again in the same transaction: Batches becomes 1, and temp blocks disappear. Raising hash_mem_multiplier does the same for hashes alone.',
    ignoreWhen:
      'Many sessions run this at once and memory is short. Then select fewer columns, or correct the row estimate.',
  };
}

/**
 * What the whole table takes, kB. All batches as large as the largest is the upper bound, but where rows of one value
 * cannot be split there are very many batches, and most of them small.
 */
function joinMemoryKb(hash: PlanNode, batches: number): number {
  const rows = hash.parallelAware === true ? rowsOut(hash) : (hash.actualRows ?? 0);
  const rowsKb = (rows * ((hash.planWidth ?? 0) + BYTES_PER_ROW)) / 1024;
  const writtenKb = (hash.selfBuffers?.tempWritten ?? 0) * 8;
  return Math.min(batches * numberIn(hash, 'Peak Memory Usage'), Math.max(rowsKb, writtenKb) * ROOM);
}

/** The relation that is hashed, where it is only one. */
function tableOf(context: PlanContext, hash: PlanNode): string {
  const [input] = context.inputs(hash);
  return input?.relation === undefined ? '' : ` of ${subjectOf(input)}`;
}
