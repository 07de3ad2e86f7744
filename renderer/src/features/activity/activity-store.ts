import { create } from 'zustand';

import type { ActivityEvent, ActivitySession } from '#contract/activity.ts';
import type { Failure } from '#contract/failure.ts';

import { SampleMemory } from './sample-memory.ts';
import type { Moment } from './sample-memory.ts';
import type { SessionFilter } from './sessions/session-filter.ts';

type EventOf<Kind extends ActivityEvent['kind']> = Extract<ActivityEvent, { readonly kind: Kind }>;

/** The newest of each list. */
interface Lists {
  readonly sessions: EventOf<'sessions'> | null;
  readonly locks: EventOf<'locks'> | null;
  readonly progress: EventOf<'progress'> | null;
}

export const activityTabs = ['sessions', 'blocking', 'progress', 'numbers'] as const;
export type ActivityTab = (typeof activityTabs)[number];
export const ranges = [120_000, 300_000, 600_000] as const;

export interface ActivityState extends Lists {
  /** The connection that all of this is about; null before the first. */
  readonly watchedId: string | null;
  /** Why the server cannot be asked now; null while it answers. */
  readonly failure: Failure | null;
  /** Since when what is shown stands still. */
  readonly pausedAtMs: number | null;
  /** The span of the charts; `auto` is the shortest that holds what is known. */
  readonly rangeMs: number | null;
  readonly autoRangeMs: number;
  readonly tab: ActivityTab;
  readonly filter: SessionFilter;
  /** As it was seen last. */
  readonly selected: ActivitySession | null;
  readonly chartsHeight: number | null;
  readonly detailWidth: number;
}

const noLists: Lists = { sessions: null, locks: null, progress: null };

/** What the view shows of the server, without the samples: those come every second and are drawn, not rendered. */
export const useActivity = create<ActivityState>(() => ({
  ...noLists,
  watchedId: null,
  failure: null,
  pausedAtMs: null,
  rangeMs: null,
  autoRangeMs: ranges[0],
  tab: 'sessions',
  filter: { search: '', hideIdle: true, hideBackground: true, hideOwn: true },
  selected: null,
  chartsHeight: null,
  detailWidth: 430,
}));

const { getState, setState } = useActivity;
const memory = new SampleMemory();
const beatListeners = new Set<() => void>();
let newest: Lists = noLists;
/** What the charts showed when they were paused. */
let frozen: readonly Moment[] | null = null;
let arrivedAt = 0;
/** Grows with each change of what `shownMoments` answers. */
let version = 0;

function beat(): void {
  version += 1;
  const spanMs = (memory.newest?.atMs ?? 0) - (memory.moments[0]?.atMs ?? 0);
  const autoRangeMs = ranges.find((range) => range >= spanMs) ?? ranges[2];
  if (frozen === null && autoRangeMs !== getState().autoRangeMs) setState({ autoRangeMs });
  for (const listener of beatListeners) listener();
}

/** Calls back after each look, and whenever the charts are to show something else. */
export function onBeat(listener: () => void): () => void {
  beatListeners.add(listener);
  return () => beatListeners.delete(listener);
}

/** The moments that are shown: those of now, or of when it was paused. */
export function shownMoments(): readonly Moment[] {
  return frozen ?? memory.moments;
}

/** Changes whenever `shownMoments` would answer something else; for `useSyncExternalStore`. */
export function shownVersion(): number {
  return frozen === null ? version : -1;
}

/** Where the time axis ends: the newest look, or later where the server has not answered for a while. */
export function axisEndMs(): number {
  const last = shownMoments().at(-1);
  if (last === undefined) return Date.now();
  const sinceMs = performance.now() - arrivedAt;
  return frozen !== null || sinceMs < 2500 ? last.atMs : last.atMs + sinceMs;
}

/** Begins anew for another connection; the same one keeps what is remembered. */
export function watchFor(id: string): void {
  if (getState().watchedId === id) return;
  memory.replace([]);
  newest = noLists;
  frozen = null;
  setState({ ...noLists, watchedId: id, failure: null, pausedAtMs: null, selected: null });
  beat();
}

/** Takes what the watch tells. */
export function takeEvent(event: ActivityEvent): void {
  switch (event.kind) {
    case 'memory':
      memory.replace(event.samples);
      arrivedAt = performance.now();
      beat();
      break;
    case 'sample':
      memory.add(event.sample);
      arrivedAt = performance.now();
      if (getState().failure !== null) setState({ failure: null });
      beat();
      break;
    case 'sessions':
    case 'locks':
    case 'progress':
      newest = { ...newest, [event.kind]: event };
      if (frozen === null) setState({ [event.kind]: event });
      break;
    case 'gap':
      takeFailure(event.failure);
      break;
  }
}

/** The server, or Steward's own service, could not be asked. */
export function takeFailure(failure: Failure): void {
  setState({ failure });
  beat();
}

/** Holds still what is shown, while the memory goes on; or goes on showing what is new. */
export function togglePause(): void {
  if (getState().pausedAtMs === null) {
    frozen = [...memory.moments];
    setState({ pausedAtMs: Date.now() });
  } else resume();
}

/** Shows what is new. */
export function resume(): void {
  frozen = null;
  setState({ ...newest, pausedAtMs: null });
  beat();
}

/** Changes what is shown of the sessions. */
export function filterSessions(change: Partial<SessionFilter>): void {
  setState(({ filter }) => ({ filter: { ...filter, ...change } }));
}

export function showTab(tab: ActivityTab): void {
  setState({ tab });
}

export function showRange(rangeMs: number): void {
  setState({ rangeMs });
  for (const listener of beatListeners) listener();
}

/** Shows a session beside the list; null closes it. */
export function selectSession(selected: ActivitySession | null): void {
  setState({ selected });
}

export function setChartsHeight(chartsHeight: number): void {
  setState({ chartsHeight });
}

export function setDetailWidth(detailWidth: number): void {
  setState({ detailWidth });
}

/** Names one session for ever: a process id is used again. */
export function sessionKey({ pid, backendStart }: ActivitySession): string {
  return `${pid} ${backendStart ?? ''}`;
}
