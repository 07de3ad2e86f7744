import { useEffect } from 'react';
import { create } from 'zustand';

import type { FleetSnapshot } from '#contract/fleet.ts';
import type { Failure } from '#contract/failure.ts';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { showFailureToast } from '../../ui/toast.tsx';

import type { FleetFilter, FleetGrouping } from './fleet-model.ts';

interface FleetState {
  /** The last that came; null before the first. */
  readonly snapshot: FleetSnapshot | null;
  readonly failure: Failure | null;
  /** The check that was begun here, to be cancelled. */
  readonly refreshing: AbortController | null;
  readonly filter: FleetFilter;
  readonly grouping: FleetGrouping;
  readonly search: string;
  readonly expandedId: string | null;
}

/** What the fleet shows. Outlives the view, so that coming back shows at once what was there. */
export const useFleet = create<FleetState>(() => ({
  snapshot: null,
  failure: null,
  refreshing: null,
  filter: 'all',
  grouping: 'none',
  search: '',
  expandedId: null,
}));

const { getState, setState } = useFleet;
const pauseBeforeAgainMs = 2000;

/** Follows the fleet while the component is on screen and the window can be seen. Servers are not asked for nobody. */
export function useFleetWatch(): void {
  useEffect(() => {
    let controller: AbortController | null = null;
    const follow = () => {
      if (document.visibilityState === 'hidden') {
        controller?.abort();
        controller = null;
      } else if (controller === null) {
        controller = new AbortController();
        void followFleet(controller.signal);
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      controller?.abort();
    };
  }, []);
}

async function followFleet(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const snapshot of await client.fleet.watch(undefined, { signal }))
        setState({ snapshot, failure: null });
    } catch (error) {
      if (signal.aborted) return;
      setState({ failure: failureOf(error) });
    }
    await new Promise((resolve) => window.setTimeout(resolve, pauseBeforeAgainMs));
  }
}

/** Checks these connections now, or all. A second call while one runs joins it on the host. */
export async function refreshFleet(ids?: readonly string[]): Promise<void> {
  const refreshing = new AbortController();
  if (ids === undefined) setState({ refreshing });
  try {
    await client.fleet.refresh(ids === undefined ? {} : { ids: [...ids] }, { signal: refreshing.signal });
  } catch (error) {
    if (!refreshing.signal.aborted) showFailureToast(error, 'The connections could not be checked');
  } finally {
    if (getState().refreshing === refreshing) setState({ refreshing: null });
  }
}

/** Stops the check that was begun here. What was read so far stays. */
export function cancelRefresh(): void {
  getState().refreshing?.abort();
}

/** Changes what is shown of the fleet. */
export function showFleet(change: Partial<Pick<FleetState, 'filter' | 'grouping' | 'search'>>): void {
  setState(change);
}

/** Opens the details of a row, or closes them. */
export function toggleExpanded(connectionId: string): void {
  setState(({ expandedId }) => ({ expandedId: expandedId === connectionId ? null : connectionId }));
}
