import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { HealthFinding } from '#contract/health-model.ts';
import type { AppliedFix, HealthTrend } from '#contract/health.ts';

import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { useJobEnds } from '../../workbench/use-job-ends.ts';

/** What is known of findings beside the report that they stand in. */
export interface FindingExtras {
  readonly points: (check: string, object: string) => HealthTrend['points'];
  /** The fix of this finding that was applied since the report, if any. */
  readonly fix: (check: string, finding: HealthFinding) => AppliedFix | null;
}

/** The trends of the findings of a connection, and the fixes that were applied since a report. */
export function useFindingExtras(connectionId: string, reportedAt: string): FindingExtras {
  const trends = useQuery(rpcQuery('health', 'trends', { connectionId })).data;
  const fixes = useAppliedFixes(connectionId);
  return useMemo(() => {
    // A number that stood still has no trend to show.
    const moved = trends?.filter(({ points }) => points.some(({ value }) => value !== points[0]?.value));
    const byFinding = new Map(moved?.map((trend) => [`${trend.check} ${trend.object}`, trend.points]));
    const since = fixes.filter(({ appliedAt, undoneAt }) => undoneAt === null && appliedAt > reportedAt);
    return {
      points: (check, object) => byFinding.get(`${check} ${object}`) ?? [],
      fix: (check, finding) =>
        since.find((fix) => fix.check === check && fix.object === finding.object && fix.fixSql === finding.fixSql) ??
        null,
    };
  }, [trends, fixes, reportedAt]);
}

/** The fixes that were applied on a connection, newest first; asked again when one ends. */
export function useAppliedFixes(connectionId: string | null): readonly AppliedFix[] {
  const { data } = useQuery({
    ...rpcQuery('health', 'fixes', { connectionId: connectionId ?? '' }),
    enabled: connectionId !== null,
  });
  useJobEnds(['fix'], () => void queryClient.invalidateQueries({ queryKey: rpcKey('health', 'fixes') }));
  return data ?? nothing;
}

const nothing: readonly AppliedFix[] = [];
