import { useEffect } from 'react';

import { useJobs } from '../../rpc/live-lists.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { useJobEnds } from '../../workbench/use-job-ends.ts';

import { LogReportView } from './log-report-view.tsx';
import { LogsHome } from './logs-home.tsx';
import { importEnded, useLogs } from './logs-store.ts';

/** Logs of servers: what was imported, or one import. */
export function LogsView() {
  const openId = useLogs((state) => state.openId);
  const awaited = useLogs((state) => state.awaited);
  const jobs = useJobs();
  const job = awaited === null ? undefined : jobs.find(({ id }) => id === awaited.jobId);
  useJobEnds(['log'], () => void queryClient.invalidateQueries({ queryKey: rpcKey('logs', 'list') }));
  useEffect(() => {
    if (job !== undefined && job.state !== 'running') importEnded(job.id, job.state === 'done');
  }, [job]);
  return openId === null ? <LogsHome /> : <LogReportView key={openId} id={openId} />;
}
