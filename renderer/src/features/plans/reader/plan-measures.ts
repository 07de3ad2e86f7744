import type { PlanNode } from '#contract/plan-model.ts';

/** What a view can weigh nodes by. `own` is milliseconds, or cost where the statement was not timed. */
export const planMeasures = ['own', 'rows', 'blocks', 'io', 'wal'] as const;
export type PlanMeasure = (typeof planMeasures)[number];

/** By node, what belongs to it alone; null where the plan does not tell. */
export interface Measures {
  /** Rows that it gave, over all loops. */
  readonly rows: Float64Array | null;
  /** 8 kB blocks of shared and local buffers that it touched. */
  readonly blocks: Float64Array | null;
  /** Milliseconds of reading and writing; with workers, the share of one process. */
  readonly io: Float64Array | null;
  /** The part of `io` that was reading. */
  readonly reading: Float64Array | null;
  /** Bytes of WAL. */
  readonly wal: Float64Array | null;
}

const readKeys = ['I/O Read Time', 'Shared I/O Read Time', 'Local I/O Read Time', 'Temp I/O Read Time'];
const writeKeys = ['I/O Write Time', 'Shared I/O Write Time', 'Local I/O Write Time', 'Temp I/O Write Time'];

/** Takes the children's part out of what PostgreSQL prints with it. */
export function measuresOf(nodes: readonly PlanNode[], childrenOf: (id: number) => readonly number[]): Measures {
  const inclusive = (keys: readonly string[]) =>
    Float64Array.from(nodes, ({ properties }) =>
      keys.reduce((sum, key) => sum + (typeof properties[key] === 'number' ? properties[key] : 0), 0),
    );
  const own = (whole: Float64Array, counts: (node: PlanNode) => boolean) =>
    Float64Array.from(nodes, (node) => {
      // What a node did not read itself was an InitPlan's: its blocks say so exactly, its times do not.
      if (!counts(node)) return 0;
      const inputs = childrenOf(node.id).reduce(
        (sum, child) => (nodes[child]?.relationship === 'InitPlan' ? sum : sum + (whole[child] ?? 0)),
        0,
      );
      return Math.max(0, (whole[node.id] ?? 0) - inputs);
    });
  /** I/O times are summed over processes, a node's own time is not. */
  const ioTime = (keys: readonly string[]) => {
    const whole = inclusive(keys);
    if (!whole.some((value) => value > 0)) return null;
    return own(whole, ({ selfBuffers }) => selfBuffers === undefined || movesBlocks(selfBuffers)).map(
      (value, id) => value / (nodes[id]?.processes ?? 1),
    );
  };
  const wal = inclusive(['WAL Bytes']);
  return {
    rows: nodes.some((node) => node.actualRows !== undefined || node.planRows !== undefined)
      ? Float64Array.from(nodes, (node) => rowsOf(node))
      : null,
    blocks: nodes.some((node) => node.selfBuffers !== undefined)
      ? Float64Array.from(nodes, ({ selfBuffers: buffers }) =>
          buffers === undefined ? 0 : buffers.sharedHit + buffers.sharedRead + buffers.localHit + buffers.localRead,
        )
      : null,
    io: ioTime([...readKeys, ...writeKeys]),
    reading: ioTime(readKeys),
    // A scan of a CTE is charged with what the CTE wrote; it writes nothing itself.
    wal: wal.some((value) => value > 0) ? own(wal, ({ nodeType }) => nodeType !== 'CTE Scan') : null,
  };
}

function movesBlocks(buffers: NonNullable<PlanNode['selfBuffers']>): boolean {
  return (
    buffers.sharedRead + buffers.sharedWritten + buffers.localRead + buffers.localWritten > 0 ||
    buffers.tempRead + buffers.tempWritten > 0
  );
}

function rowsOf(node: PlanNode): number {
  if (node.neverExecuted) return 0;
  return node.actualRows === undefined ? (node.planRows ?? 0) : node.actualRows * node.loops;
}
