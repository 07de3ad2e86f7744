import { setImmediate as breathe } from 'node:timers/promises';

import type { SavedStatementSnapshot, StatementWindow } from '#contract/statements.ts';

import { StewardError } from '../../postgres/failure.ts';
import { chooseWindow, type ChosenWindow } from './choose-window.ts';
import { groupKey, groupStatements, type StatementGroup } from './group-statements.ts';
import type { SnapshotTaker } from './snapshot-taker.ts';
import type { SnapshotOwner, StatementBook } from './statement-book.ts';
import { deltaSteps, type Moments, type StatementDeltas } from './statement-deltas.ts';
import type { SnapshotEntry, StatementSnapshot } from './statement-snapshot.ts';

/** A window as it is asked for. */
export interface AskedWindow {
  readonly connectionId: string;
  readonly window: StatementWindow;
  readonly ownDatabase: boolean;
}

interface KnownSnapshot {
  readonly id: string;
  readonly takenAtMs: number;
  readonly saved: SavedStatementSnapshot;
}

/** What is compared, and what came of it. */
export interface ToldWindow {
  readonly owner: SnapshotOwner;
  readonly chosen: ChosenWindow<KnownSnapshot>;
  readonly after: StatementSnapshot;
  readonly deltas: StatementDeltas;
  readonly groups: readonly StatementGroup[];
  /** What statements did in the window before, by `groupKey`. */
  readonly previous: ReadonlyMap<string, Moments>;
  readonly previousSpan: { readonly from: string; readonly to: string } | null;
  /** Of what clients sent. */
  readonly totals: { readonly calls: number; readonly totalMs: number };
}

/** Snapshots that a window is chosen from. */
export const knownSnapshots = 2000;

/**
 * What happened in a window, and in the one before. Takes a first snapshot where there is none. Throws `not_found` where
 * the snapshots that were asked for are gone.
 */
export async function tellWindow(
  book: StatementBook,
  taker: SnapshotTaker,
  { connectionId, window, ownDatabase }: AskedWindow,
): Promise<ToldWindow> {
  const owner = taker.ownerOf(connectionId);
  let snapshots = await listSnapshots(book, owner);
  if (snapshots.length === 0) {
    await taker.take(connectionId);
    snapshots = await listSnapshots(book, owner);
  }
  const chosen = chooseWindow(snapshots, window);
  if (chosen === undefined) throw StewardError.of('not_found', 'These snapshots are not kept any more');
  const after = await book.load(owner, chosen.to.id);
  const before = chosen.from === null ? null : await book.load(owner, chosen.from.id);
  const deltas = await deltasBetween(before, after);
  const groups = groupStatements(deltas.entries.filter(({ entry }) => inScope(entry, after, ownDatabase)));
  const earlier =
    deltas.reset === 'none' && before !== null && chosen.previous !== null
      ? await deltasBetween(await book.load(owner, chosen.previous.id), before)
      : null;
  const previous = new Map<string, Moments>();
  const isTold = earlier !== null && earlier.reset === 'none';
  if (isTold) {
    const entries = earlier.entries.filter(
      ({ entry, status }) => status !== 'restarted' && inScope(entry, after, ownDatabase),
    );
    for (const group of groupStatements(entries)) previous.set(groupKey(group), group.execution);
  }
  const clients = groups.filter(({ nested }) => nested !== true);
  return {
    owner,
    chosen,
    after,
    deltas,
    groups,
    previous,
    previousSpan:
      isTold && earlier.fromMs !== null
        ? { from: new Date(earlier.fromMs).toISOString(), to: new Date(earlier.toMs).toISOString() }
        : null,
    totals: {
      calls: clients.reduce((sum, { execution }) => sum + execution.count, 0),
      totalMs: clients.reduce((sum, { execution }) => sum + execution.total, 0),
    },
  };
}

/** How long the numbers of a window cover; null where that is not known. */
export function spanOf({ fromMs, toMs }: StatementDeltas): number | null {
  return fromMs === null ? null : Math.max(0, toMs - fromMs);
}

/** Whether a line of pg_stat_statements is wanted where only those of the connection's own database may be. */
export function inScope({ databaseId }: SnapshotEntry, { meta }: StatementSnapshot, ownDatabase: boolean): boolean {
  return !ownDatabase || databaseId === meta.databaseId;
}

async function listSnapshots(book: StatementBook, owner: SnapshotOwner): Promise<KnownSnapshot[]> {
  return (await book.list(owner, knownSnapshots)).map((saved) => ({
    id: saved.id,
    takenAtMs: Date.parse(saved.takenAt),
    saved,
  }));
}

/** What happened between two looks, with room for others in between. */
async function deltasBetween(before: StatementSnapshot | null, after: StatementSnapshot): Promise<StatementDeltas> {
  const steps = deltaSteps(before, after);
  for (;;) {
    const step = steps.next();
    await breathe();
    if (step.done === true) return step.value;
  }
}
