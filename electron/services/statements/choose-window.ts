import type { StatementWindow } from '#contract/statements.ts';

interface Taken {
  readonly id: string;
  readonly takenAtMs: number;
}

/** Which snapshots tell of a window. */
export interface ChosenWindow<One extends Taken> {
  /** Null: everything since statistics were reset. */
  readonly from: One | null;
  readonly to: One;
  /** The beginning of a window of about the same length before this one. */
  readonly previous: One | null;
  /** What was asked for cannot be told yet: there is one snapshot only. */
  readonly fallback: boolean;
  /** Neither end is near what was asked for. */
  readonly off: boolean;
}

/** An earlier window is comparable when it is at least this, and at most the inverse of this, as long. */
const comparable = 0.5;

/**
 * The snapshots for what was asked for. For the last minutes: from the newest one that is as old as asked; where that is
 * half as old again, from the oldest one that is younger. `snapshots` are newest first. Undefined without any. Pure.
 */
export function chooseWindow<One extends Taken>(
  snapshots: readonly One[],
  window: StatementWindow,
): ChosenWindow<One> | undefined {
  const newest = snapshots[0];
  if (newest === undefined) return undefined;
  if (window.kind === 'reset') return { from: null, to: newest, previous: null, fallback: false, off: false };
  if (window.kind === 'between') {
    const ends = [window.from, window.to].map((id) => snapshots.find((one) => one.id === id));
    const [a, b] = ends;
    if (a === undefined || b === undefined || a === b) return undefined;
    const [from, to] = a.takenAtMs < b.takenAtMs ? [a, b] : [b, a];
    return { from, to, previous: previousOf(snapshots, from, to), fallback: false, off: false };
  }
  const askedMs = window.minutes * 60_000;
  const others = snapshots.slice(1);
  const start = newest.takenAtMs - askedMs;
  // Snapshots are taken a little later than asked for.
  const older = others.find(({ takenAtMs }) => takenAtMs <= start + 0.02 * askedMs);
  const younger = others.findLast(({ takenAtMs }) => takenAtMs > start);
  const isNear = older !== undefined && newest.takenAtMs - older.takenAtMs <= 1.5 * askedMs;
  const from = isNear ? older : (younger ?? older);
  if (from === undefined) return { from: null, to: newest, previous: null, fallback: true, off: false };
  const spanMs = newest.takenAtMs - from.takenAtMs;
  return {
    from,
    to: newest,
    previous: previousOf(snapshots, from, newest),
    fallback: false,
    off: spanMs < 0.8 * askedMs || spanMs > 1.5 * askedMs,
  };
}

function previousOf<One extends Taken>(snapshots: readonly One[], from: One, to: One): One | null {
  const spanMs = to.takenAtMs - from.takenAtMs;
  const wanted = from.takenAtMs - spanMs;
  let best: One | null = null;
  for (const one of snapshots) {
    const length = from.takenAtMs - one.takenAtMs;
    if (length < comparable * spanMs || length > spanMs / comparable) continue;
    if (best === null || Math.abs(one.takenAtMs - wanted) < Math.abs(best.takenAtMs - wanted)) best = one;
  }
  return best;
}
