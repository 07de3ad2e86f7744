import { create } from 'zustand';

import type { Failure } from '#contract/failure.ts';
import type { HealthReport } from '#contract/health-model.ts';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';

import type { HealthFilter } from './health-cards.ts';

/** A run that is under way, or why the last one ended without a report. */
export type HealthRun =
  | {
      readonly kind: 'running';
      readonly done: number;
      readonly total: number;
      readonly check: string;
      readonly startedAt: number;
      readonly controller: AbortController;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface NewestReport {
  readonly report: HealthReport;
  readonly savedId: string | null;
  /** Why it could not be kept. */
  readonly notKept: string | null;
}

interface HealthState {
  /** By connection. */
  readonly runs: Readonly<Record<string, HealthRun>>;
  /** The newest report of this window, by connection. */
  readonly newest: Readonly<Record<string, NewestReport>>;
  /** The earlier report that is looked at, by connection; none means the newest. */
  readonly chosen: Readonly<Record<string, string>>;
  /** The kept report that the shown one is compared with, by connection. */
  readonly comparedWith: Readonly<Record<string, string>>;
  readonly filter: HealthFilter;
  /** The connection that the filter was made for: another one begins without a filter. */
  readonly filterOf: string | null;
}

export const everything: HealthFilter = { group: 'all', tone: 'all', text: '' };

/** What the health section shows and runs. Outlives the view, so that a run goes on while another section is open. */
export const useHealth = create<HealthState>(() => ({
  runs: {},
  newest: {},
  chosen: {},
  comparedWith: {},
  filter: everything,
  filterOf: null,
}));

const { getState, setState } = useHealth;

/** Runs all checks. A run that is under way on that connection is left alone. */
export async function startHealthRun(connectionId: string): Promise<void> {
  if (getState().runs[connectionId]?.kind === 'running') return;
  const controller = new AbortController();
  const { signal } = controller;
  setRun(connectionId, { kind: 'running', done: 0, total: 0, check: '', startedAt: Date.now(), controller });
  try {
    for await (const event of await client.health.run({ connectionId }, { signal })) {
      if (event.kind === 'report') {
        keepReport(connectionId, event);
        break;
      }
      const run = getState().runs[connectionId];
      if (run?.kind === 'running')
        setRun(connectionId, {
          ...run,
          done: event.done,
          total: event.check === '' ? 0 : event.total,
          check: event.check,
        });
    }
    setRun(connectionId, null);
  } catch (error) {
    setRun(connectionId, signal.aborted ? null : { kind: 'failed', failure: failureOf(error, signal) });
  }
  await Promise.all(
    (['reports', 'trends', 'forecasts'] as const).map((procedure) =>
      queryClient.invalidateQueries({ queryKey: rpcKey('health', procedure) }),
    ),
  );
}

/** Cancels the run of a connection, on the server too. */
export function cancelHealthRun(connectionId: string): void {
  const run = getState().runs[connectionId];
  if (run?.kind === 'running') run.controller.abort();
}

/** Forgets why the last run failed. */
export function dismissHealthFailure(connectionId: string): void {
  if (getState().runs[connectionId]?.kind === 'failed') setRun(connectionId, null);
}

/** Shows an earlier report; null shows the newest again. */
export function chooseReport(connectionId: string, reportId: string | null): void {
  setState((state) => {
    const { [connectionId]: _left, ...others } = state.chosen;
    return { chosen: reportId === null ? others : { ...others, [connectionId]: reportId } };
  });
}

/** Compares the shown report with a kept one; null shows the findings again. */
export function compareWith(connectionId: string, reportId: string | null): void {
  setState((state) => {
    const { [connectionId]: _left, ...others } = state.comparedWith;
    return { comparedWith: reportId === null ? others : { ...others, [connectionId]: reportId } };
  });
}

/** Marks of suppressions come with the report: reports are asked again after a rule has changed. */
export async function refreshReports(connectionId: string): Promise<void> {
  setState((state) => {
    const { [connectionId]: newest, ...others } = state.newest;
    // A report that was not kept cannot be asked again.
    return newest === undefined || newest.savedId === null ? {} : { newest: others };
  });
  await Promise.all(
    (['report', 'reports', 'compare', 'suppressions'] as const).map((procedure) =>
      queryClient.invalidateQueries({ queryKey: rpcKey('health', procedure) }),
    ),
  );
}

/** Begins without a filter where another connection is looked at. */
export function lookAt(connectionId: string): void {
  if (getState().filterOf !== connectionId) setState({ filter: everything, filterOf: connectionId });
}

/** Changes what is shown of the report. */
export function filterHealth(change: Partial<HealthFilter>): void {
  setState((state) => ({ filter: { ...state.filter, ...change } }));
}

function setRun(connectionId: string, run: HealthRun | null): void {
  setState((state) => {
    const { [connectionId]: _left, ...others } = state.runs;
    return { runs: run === null ? others : { ...others, [connectionId]: run } };
  });
}

function keepReport(connectionId: string, { report, savedId, notKept }: NewestReport): void {
  setState((state) => ({ newest: { ...state.newest, [connectionId]: { report, savedId, notKept } } }));
  chooseReport(connectionId, null);
}
