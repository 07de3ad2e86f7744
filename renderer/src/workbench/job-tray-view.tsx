import { CircleAlert, CircleCheck, CircleSlash, ListChecks, Loader, ScrollText, X } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Job } from '#contract/jobs.ts';

import { classNames } from '../lib/class-names.ts';
import { formatElapsed } from '../lib/format-duration.ts';
import { formatAbsolute } from '../lib/relative-time.ts';
import { useNow } from '../lib/use-now.ts';
import { client } from '../rpc/client.ts';
import { useJobs } from '../rpc/live-lists.ts';
import { rpcQuery } from '../rpc/queries.ts';
import { Button } from '../ui/button.tsx';
import { FailureView } from '../ui/failure-view.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Popover } from '../ui/popover.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { showFailureToast } from '../ui/toast.tsx';

import styles from './job-tray.module.css';
import { setJobTrayOpen, useWorkbench } from './workbench-store.ts';

/** How many jobs run, and the tray with all of them. */
export function JobTrayButton() {
  const jobs = useJobs();
  const open = useWorkbench((state) => state.jobTrayOpen);
  const running = jobs.filter((job) => job.state === 'running').length;
  const words = running === 0 ? 'Jobs' : running === 1 ? '1 job' : `${running} jobs`;
  const Icon = running === 0 ? ListChecks : Loader;
  return (
    <Popover
      label="Jobs"
      align="end"
      open={open}
      onOpenChange={setJobTrayOpen}
      className={styles['tray']}
      trigger={
        <button type="button" className={styles['button']}>
          <Icon size={14} className={classNames(running > 0 && styles['spin'])} aria-hidden />
          {words}
        </button>
      }
    >
      <JobTray jobs={jobs} />
    </Popover>
  );
}

function JobTray({ jobs }: { readonly jobs: readonly Job[] }) {
  const ended = jobs.filter((job) => job.state !== 'running');
  const newestFirst = jobs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  return (
    <>
      <div className={styles['heading']}>
        <h2>Jobs</h2>
        {ended.length > 0 && (
          <Button look="quiet" size="small" onClick={() => ended.forEach(dismiss)}>
            Dismiss ended
          </Button>
        )}
      </div>
      <div className={styles['jobs']}>
        {jobs.length === 0 && (
          <p className={styles['empty']}>Backups, restores and migrations show their progress here.</p>
        )}
        {newestFirst.map((job) => (
          <JobView key={job.id} job={job} />
        ))}
      </div>
    </>
  );
}

function JobView({ job }: { readonly job: Job }) {
  const [logOpen, setLogOpen] = useState(job.state === 'failed');
  const running = job.state === 'running';
  const now = useNow(running ? 1000 : null);
  const endedAt = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  const elapsed = formatElapsed(endedAt - Date.parse(job.startedAt));
  return (
    <article className={styles['job']} aria-label={job.title}>
      <div className={styles['line']}>
        <JobIcon state={job.state} />
        <span className={styles['title']}>{job.title}</span>
        <IconButton
          icon={ScrollText}
          label={logOpen ? 'Hide log' : 'Show log'}
          size="small"
          onClick={() => setLogOpen(!logOpen)}
        />
        {running ? (
          <Button size="small" onClick={() => void client.jobs.cancel({ id: job.id }).catch(showFailureToast)}>
            Cancel
          </Button>
        ) : (
          <IconButton icon={X} label="Dismiss" size="small" onClick={() => dismiss(job)} />
        )}
      </div>
      {running && <ProgressBar label={job.title} fraction={job.fraction} />}
      <div className={styles['step']}>
        <span className={running ? styles['stepText'] : undefined}>
          {running ? job.step : (job.outcome ?? wordsOf(job))}
        </span>
        <span>
          {running && job.fraction !== null && `${Math.round(job.fraction * 100)} % · `}
          {elapsed}
          {!running && job.finishedAt !== null && (
            <>
              {' · '}
              <RelativeTime at={job.finishedAt} />
            </>
          )}
        </span>
      </div>
      {job.failure !== null && job.state === 'failed' && <FailureView failure={job.failure} />}
      {logOpen && <JobLog job={job} />}
    </article>
  );
}

function JobLog({ job }: { readonly job: Job }) {
  const { data } = useQuery({
    ...rpcQuery('jobs', 'log', { id: job.id }),
    staleTime: 0,
    refetchInterval: job.state === 'running' ? 1000 : false,
  });
  const lines = data?.lines ?? [];
  return (
    <pre className={styles['log']} tabIndex={0} aria-label="Log">
      {lines.length === 0 && 'Nothing logged yet.'}
      {lines.map((line, index) => (
        <span key={index}>
          <span className={styles['at']}>{formatAbsolute(line.at).slice(11)} </span>
          {line.text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function JobIcon({ state }: { readonly state: Job['state'] }) {
  switch (state) {
    case 'running':
      return <Loader size={15} className={classNames(styles['spin'], styles['dim'])} aria-label="Running" />;
    case 'done':
      return <CircleCheck size={15} className={styles['good']} aria-label="Done" />;
    case 'failed':
      return <CircleAlert size={15} className={styles['bad']} aria-label="Failed" />;
    case 'cancelled':
      return <CircleSlash size={15} className={styles['dim']} aria-label="Cancelled" />;
  }
}

function wordsOf(job: Job): string {
  if (job.state === 'done') return 'Done.';
  return job.state === 'cancelled' ? 'Cancelled.' : 'Failed.';
}

function dismiss(job: Job): void {
  void client.jobs.dismiss({ id: job.id }).catch(showFailureToast);
}
