import { useJobs } from '../../rpc/live-lists.ts';
import { JobStrip } from '../../workbench/job-strip.tsx';
import { jobsToShow } from '../../workbench/jobs-to-show.ts';

import styles from './health.module.css';

/** Fixes that are being applied on a connection: what they wait for, how far they are, cancel. */
export function FixJobs({ connectionId }: { readonly connectionId: string }) {
  const jobs = jobsToShow(
    useJobs().filter((job) => job.connectionId === connectionId),
    ['fix'],
  );
  if (jobs.length === 0) return null;
  return (
    <div className={styles['jobs']}>
      {jobs.map((job) => (
        <JobStrip key={job.id} job={job} />
      ))}
    </div>
  );
}
