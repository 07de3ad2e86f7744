import type { Job } from '#contract/jobs.ts';

/**
 * The jobs that a view shows inline: what runs, and the newest of each kind while it has something to say: that it
 * failed, or where a restore went. Other ends are told by a toast and by what the view itself shows.
 */
export function jobsToShow(jobs: readonly Job[], kinds: readonly Job['kind'][]): readonly Job[] {
  const newestFirst = jobs
    .filter((job) => kinds.includes(job.kind))
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  const newest = new Map<Job['kind'], Job>();
  for (const job of newestFirst) if (!newest.has(job.kind)) newest.set(job.kind, job);
  return newestFirst.filter((job) => {
    if (job.state === 'running') return true;
    return newest.get(job.kind) === job && (job.state === 'failed' || (job.state === 'done' && job.kind === 'restore'));
  });
}
