import { useQuery } from '@tanstack/react-query';

import type { Failure } from '#contract/failure.ts';
import type { HealthReport } from '#contract/health-model.ts';
import type { SavedReport } from '#contract/health.ts';

import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';

import { useHealth } from './health-store.ts';

export interface ShownReport {
  readonly report: HealthReport | null;
  /** Its id in the store, where it was kept. */
  readonly savedId: string | null;
  /** Why it could not be kept. */
  readonly notKept: string | null;
  /** False where a newer one is there. */
  readonly isNewest: boolean;
  readonly loading: boolean;
  readonly failure: Failure | null;
  readonly retry: () => void;
}

/** The report of a connection that is to be shown: the chosen one, else the newest. */
export function useHealthReport(connectionId: string | null): ShownReport {
  const newest = useHealth((state) => (connectionId === null ? undefined : state.newest[connectionId]));
  const chosen = useHealth((state) => (connectionId === null ? undefined : state.chosen[connectionId]));
  const saved = useSavedReports(connectionId);
  const newestId = newest === undefined ? (saved.data?.[0]?.id ?? null) : newest.savedId;
  const wanted = chosen ?? (newest === undefined ? newestId : null);
  const stored = useQuery({
    ...rpcQuery('health', 'report', { id: wanted ?? '' }),
    enabled: wanted !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isNewest = chosen === undefined || chosen === newestId;
  if (wanted === null && newest !== undefined) {
    return {
      report: newest.report,
      savedId: newest.savedId,
      notKept: newest.notKept,
      isNewest: true,
      loading: false,
      failure: null,
      retry: () => {},
    };
  }
  return {
    report: wanted === null ? null : (stored.data ?? null),
    savedId: wanted,
    notKept: null,
    isNewest,
    loading: connectionId !== null && (wanted === null ? saved.isLoading : stored.isLoading),
    failure: wanted === null || stored.error === null ? null : failureOf(stored.error),
    retry: () => void stored.refetch(),
  };
}

/** The reports of a connection that the store has kept, newest first. */
export function useSavedReports(connectionId: string | null): {
  readonly data: readonly SavedReport[] | undefined;
  readonly isLoading: boolean;
  readonly failure: Failure | null;
  readonly retry: () => void;
} {
  const { data, error, isLoading, refetch } = useQuery({
    ...rpcQuery('health', 'reports', { limit: 30, ...(connectionId === null ? {} : { connectionId }) }),
    enabled: connectionId !== null,
  });
  return { data, isLoading, failure: error === null ? null : failureOf(error), retry: () => void refetch() };
}
