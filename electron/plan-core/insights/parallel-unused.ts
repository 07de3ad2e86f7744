import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { blocksOf, claimOf, formatCount, formatMs, labelOf, subjectOf, sumOf } from './plan-context.ts';

/** Workers take some milliseconds to start; what takes a second is worth them. */
const LEAST_MS = 1000;
const LEAST_SHARE = 0.5;
/** 400 MB: by default the planner would like three workers. */
const LEAST_BLOCKS = 50_000;
/** With the leader and two workers, max_parallel_workers_per_gather’s default. */
const SPARED_SHARE = 2 / 3;

/** A large table that one process read alone, for an aggregate, which workers could have shared. */
export function findParallelUnused(context: PlanContext): Finding[] {
  const { types, plan } = context;
  if (types.some((type) => /^(?:Gather|ModifyTable|LockRows|Foreign Scan)/.test(type))) return [];
  return context.ofType('Seq Scan').flatMap((node): Finding[] => {
    if (node.loops !== 1 || blocksOf(node.selfBuffers) < LEAST_BLOCKS) return [];
    const ownMs = context.ownMs(node);
    if (ownMs < LEAST_MS || ownMs < context.executionMs * LEAST_SHARE || !isReduced(context, node)) return [];
    const claims = claimOf(context, [node], SPARED_SHARE);
    const perGather = plan.settings?.['max_parallel_workers_per_gather'];
    return [
      {
        rule: 'parallel-unused',
        nodeId: node.id,
        severity: 'info',
        savedMs: sumOf(claims),
        claims,
        title: `One process alone read ${formatCount(blocksOf(node.selfBuffers))} blocks of ${subjectOf(node)}`,
        message: `${labelOf(node)} took ${formatMs(ownMs)} without workers. ${perGather === '0' ? 'max_parallel_workers_per_gather is 0 in this session.' : 'What forbids them: max_parallel_workers_per_gather = 0, a function that is PARALLEL UNSAFE, a cursor, or parallel_workers = 0 of the table.'}`,
        ...(perGather === '0' ? { sql: 'set local max_parallel_workers_per_gather = 2;' } : {}),
        verify: 'Run EXPLAIN (ANALYZE, VERBOSE) again: a Gather stands above a Parallel Seq Scan.',
        ignoreWhen: 'The server’s cores are busy with other sessions, or the statement runs by night.',
      },
    ];
  });
}

/** Few rows leave the scan or the aggregate above it: handing them to the leader costs nothing. */
function isReduced(context: PlanContext, node: PlanNode): boolean {
  const above = context.parent(node);
  return above?.nodeType === 'Aggregate' && (above.actualRows ?? 0) * 100 < (node.actualRows ?? 0);
}
