import type { ActivitySession, LockWait } from '#contract/activity.ts';

/** A line of the tree of who holds up whom. */
export interface BlockingRow {
  /** The same for the same place from one look to the next. */
  readonly key: string;
  readonly pid: number;
  readonly depth: number;
  readonly session: ActivitySession | null;
  /** What it waits for; null for one that only blocks. */
  readonly wait: LockWait | null;
  /** At a root: how many wait because of it, directly and not. */
  readonly blocks: number;
  /** At a root: the longest of these waits, where the server tells it. */
  readonly longestMs: number | null;
  /** Under whom this row stands; null at a root. */
  readonly parentPid: number | null;
  /** All under whom it is shown. */
  readonly blockers: readonly number[];
  /** Those that stand before it in the same queue. */
  readonly queuedBehind: readonly number[];
  /** It has been shown above with all that waits for it; here is only its mark. */
  readonly isRepeated: boolean;
  /** It waits, through others, for itself: the server is about to end one of them. */
  readonly isInCircle: boolean;
  readonly hasChildren: boolean;
  /** For each level above: whether its line goes on below this row. */
  readonly guides: readonly boolean[];
}

/** A process id that `pg_blocking_pids` tells where a prepared transaction holds the lock. */
export const preparedTransactionPid = 0;

/**
 * Who blocks, and below each who waits for it, recursively. A waiter stands under each of its blockers, once with all
 * that waits for it, elsewhere as a mark only; so the tree is never longer than there are sessions and waits between
 * them, and ends for circles too. In the queue for one lock each waits for all before it: there, only who holds it up
 * first counts, or a queue of a hundred would be a staircase.
 */
export function blockingTree(waits: readonly LockWait[], sessions: readonly ActivitySession[]): readonly BlockingRow[] {
  const sessionOf = new Map(sessions.map((session) => [session.pid, session]));
  const waitOf = mergedWaits(waits);
  const parentsOf = withoutQueues(waitOf);
  const childrenOf = new Map<number, number[]>();
  for (const [pid, parents] of parentsOf)
    for (const parent of parents) {
      const known = childrenOf.get(parent);
      if (known === undefined) childrenOf.set(parent, [pid]);
      else known.push(pid);
    }
  for (const children of childrenOf.values()) children.sort(byWait);
  function byWait(a: number, b: number): number {
    return (waitOf.get(b)?.waitMs ?? -1) - (waitOf.get(a)?.waitMs ?? -1) || a - b;
  }

  const roots = [...childrenOf.keys()].filter((pid) => (parentsOf.get(pid)?.length ?? 0) === 0);
  const alone = [...waitOf.keys()].filter((pid) => parentsOf.get(pid)?.length === 0 && !childrenOf.has(pid));
  const reached = new Map<number, { readonly blocks: number; readonly longestMs: number | null }>();
  for (const root of roots) reached.set(root, reach(root, childrenOf, waitOf));
  roots.sort((a, b) => (reached.get(b)?.blocks ?? 0) - (reached.get(a)?.blocks ?? 0) || a - b);

  const queues = new Map<number, readonly number[]>();
  function queuedBehind(pid: number): readonly number[] {
    const known = queues.get(pid);
    if (known !== undefined) return known;
    const under = new Set(parentsOf.get(pid));
    const found = waitOf.get(pid)?.blockedBy.filter((other) => !under.has(other)) ?? [];
    queues.set(pid, found);
    return found;
  }

  const rows: BlockingRow[] = [];
  const shown = new Set<number>();
  for (const root of [...roots, ...alone]) walk(root, false);
  // What no root leads to waits in a circle, or for one.
  for (const pid of [...waitOf.keys()].toSorted(byWait)) if (!shown.has(pid)) walk(inCircle(pid), true);
  return rows;

  function inCircle(pid: number): number {
    const passed = new Set<number>();
    let at = pid;
    while (!passed.has(at)) {
      passed.add(at);
      at = parentsOf.get(at)?.[0] ?? at;
    }
    return at;
  }

  function walk(root: number, isCircle: boolean): void {
    const counted = reached.get(root) ?? reach(root, childrenOf, waitOf);
    // A stack instead of recursion: a chain may be as long as there are sessions.
    const path: number[] = [];
    const stack: { pid: number; parent: number | null; depth: number; guides: readonly boolean[] }[] = [
      { pid: root, parent: null, depth: 0, guides: [] },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { pid, parent, depth, guides } = next;
      path.length = depth;
      const isRepeated = shown.has(pid);
      const children = isRepeated ? [] : (childrenOf.get(pid) ?? []);
      const wait = waitOf.get(pid) ?? null;
      const parents = parentsOf.get(pid) ?? [];
      rows.push({
        key: `${parent ?? ''}>${pid}`,
        pid,
        depth,
        session: sessionOf.get(pid) ?? null,
        wait,
        blocks: depth === 0 ? counted.blocks : 0,
        longestMs: depth === 0 ? counted.longestMs : null,
        parentPid: parent,
        blockers: parents,
        queuedBehind: queuedBehind(pid),
        isRepeated,
        isInCircle: (isCircle && depth === 0) || path.includes(pid),
        hasChildren: children.length > 0,
        guides,
      });
      shown.add(pid);
      path.push(pid);
      const [more, last] = [
        [...guides, true],
        [...guides, false],
      ];
      for (let index = children.length - 1; index >= 0; index -= 1) {
        const child = children[index];
        if (child === undefined) continue;
        stack.push({ pid: child, parent: pid, depth: depth + 1, guides: index === children.length - 1 ? last : more });
      }
    }
  }
}

/** One wait a process. Nobody waits for itself. */
function mergedWaits(waits: readonly LockWait[]): ReadonlyMap<number, LockWait> {
  const merged = new Map<number, LockWait>();
  for (const wait of waits) {
    const before = merged.get(wait.pid);
    const blockedBy = new Set([...(before?.blockedBy ?? []), ...wait.blockedBy]);
    blockedBy.delete(wait.pid);
    merged.set(wait.pid, { ...(before ?? wait), blockedBy: [...blockedBy] });
  }
  return merged;
}

/**
 * The blockers under which each waiter is shown. Left out are those that stand before it in the same queue: whoever
 * holds them up is already among its own blockers.
 */
function withoutQueues(waitOf: ReadonlyMap<number, LockWait>): ReadonlyMap<number, readonly number[]> {
  const bits = new Map<number, bigint>();
  const bitOf = (pid: number): bigint => {
    const known = bits.get(pid);
    if (known !== undefined) return known;
    const bit = 1n << BigInt(bits.size);
    bits.set(pid, bit);
    return bit;
  };
  const masks = new Map<number, bigint>();
  for (const [pid, { blockedBy }] of waitOf) {
    let mask = 0n;
    for (const blocker of blockedBy) mask |= bitOf(blocker);
    masks.set(pid, mask);
  }
  const kept = new Map<number, readonly number[]>();
  for (const [pid, { blockedBy }] of waitOf) {
    const mask = masks.get(pid) ?? 0n;
    const first = blockedBy.filter((blocker) => {
      const above = masks.get(blocker) ?? 0n;
      return above === 0n || (above & mask) !== above;
    });
    kept.set(pid, first.length > 0 ? first : blockedBy);
  }
  return kept;
}

/** How many wait because of this one, each counted once, and the longest of their waits. */
function reach(
  root: number,
  childrenOf: ReadonlyMap<number, readonly number[]>,
  waitOf: ReadonlyMap<number, LockWait>,
): { readonly blocks: number; readonly longestMs: number | null } {
  const seen = new Set([root]);
  const queue = [root];
  let longestMs: number | null = null;
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of childrenOf.get(pid) ?? []) {
      if (seen.has(child)) continue;
      seen.add(child);
      queue.push(child);
      const waitMs = waitOf.get(child)?.waitMs ?? null;
      if (waitMs !== null && (longestMs === null || waitMs > longestMs)) longestMs = waitMs;
    }
  }
  return { blocks: seen.size - 1, longestMs };
}

/** The rows without what lies below the collapsed ones. */
export function withoutCollapsed(rows: readonly BlockingRow[], collapsed: ReadonlySet<string>): readonly BlockingRow[] {
  if (collapsed.size === 0) return rows;
  let hiddenBelow = Number.POSITIVE_INFINITY;
  return rows.filter((row) => {
    if (row.depth > hiddenBelow) return false;
    hiddenBelow = collapsed.has(row.key) && row.hasChildren ? row.depth : Number.POSITIVE_INFINITY;
    return true;
  });
}

/** Whether anybody has waited so long that it is no passing thing. */
export function isLongWait(waits: readonly LockWait[], sessions: readonly ActivitySession[]): boolean {
  const stateMs = new Map(sessions.map((session) => [session.pid, session.stateMs]));
  return waits.some(({ pid, waitMs }) => (waitMs ?? stateMs.get(pid) ?? 0) >= longWaitMs);
}
const longWaitMs = 30_000;
