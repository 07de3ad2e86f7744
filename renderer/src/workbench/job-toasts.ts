import type { Job } from '#contract/jobs.ts';

import { queryClient, rpcKey } from '../rpc/queries.ts';
import { showToast } from '../ui/toast.tsx';

import { setJobTrayOpen } from './workbench-store.ts';

/** Says when a job that was seen running has ended: what came of it, or that it failed. */
export function startJobToasts(): void {
  const running = new Set<string>();
  queryClient.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.queryKey.join('.') !== rpcKey('jobs', 'list').join('.')) return;
    for (const job of queryClient.getQueryData<Job[]>(rpcKey('jobs', 'list')) ?? []) {
      if (job.state === 'running') running.add(job.id);
      else if (running.delete(job.id)) announce(job);
    }
  });
}

function announce(job: Job): void {
  if (job.state === 'cancelled') return;
  const show = { label: 'Show', run: () => setJobTrayOpen(true) };
  if (job.state === 'done') showToast({ kind: 'good', title: job.title, description: job.outcome ?? 'Done.' });
  else showToast({ kind: 'bad', title: `${job.title}: failed`, description: job.failure?.message ?? '', action: show });
}
