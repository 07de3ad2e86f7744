import { CircleCheck, CircleSlash, Loader, ScrollText, X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Job } from '#contract/jobs.ts';

import { formatElapsed } from '../lib/format-duration.ts';
import { useNow } from '../lib/use-now.ts';
import { client } from '../rpc/client.ts';
import { Button } from '../ui/button.tsx';
import { FailureView } from '../ui/failure-view.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { showFailureToast } from '../ui/toast.tsx';

import styles from './job-strip.module.css';
import { setJobTrayOpen } from './workbench-store.ts';

export interface JobStripProps {
  readonly job: Job;
  /** Offered where the job failed. */
  readonly onRetry?: (() => void) | undefined;
  /** More that can be done about a failure. */
  readonly actions?: ReactNode;
}

/** A job inside the view that it belongs to: step, true fraction, elapsed time, cancel; its end, or why it failed. */
export function JobStrip({ job, onRetry, actions }: JobStripProps) {
  if (job.state === 'running') return <RunningJob job={job} />;
  if (job.state === 'failed' && job.failure !== null) {
    return (
      <FailureView
        failure={onRetry === undefined ? job.failure : { ...job.failure, retryable: true }}
        title={`${job.title}: failed`}
        {...(onRetry === undefined ? {} : { onRetry: retryOf(job, onRetry) })}
        actions={
          <>
            {actions}
            <Button size="small" look="quiet" onClick={() => setJobTrayOpen(true)}>
              Show log
            </Button>
            <Button size="small" look="quiet" onClick={() => dismiss(job)}>
              Dismiss
            </Button>
          </>
        }
      />
    );
  }
  return <EndedJob job={job} />;
}

function RunningJob({ job }: { readonly job: Job }) {
  const now = useNow(1000);
  const [cancelling, setCancelling] = useState(false);
  async function cancel(): Promise<void> {
    setCancelling(true);
    try {
      await client.jobs.cancel({ id: job.id });
    } catch (error) {
      setCancelling(false);
      showFailureToast(error);
    }
  }
  return (
    <section className={styles['strip']} aria-label={job.title}>
      <div className={styles['line']}>
        <Loader size={15} className={styles['spin']} aria-hidden />
        <span className={styles['title']}>{job.title}</span>
        <span className={styles['step']}>{job.step}</span>
        <span className={styles['numbers']}>
          {job.fraction !== null && `${Math.round(job.fraction * 100)} % · `}
          {formatElapsed(now - Date.parse(job.startedAt))}
        </span>
        <IconButton icon={ScrollText} label="Show log" size="small" onClick={() => setJobTrayOpen(true)} />
        <Button size="small" disabled={cancelling} onClick={() => void cancel()}>
          {cancelling ? 'Cancelling…' : 'Cancel'}
        </Button>
      </div>
      <ProgressBar label={job.title} fraction={job.fraction} />
    </section>
  );
}

function EndedJob({ job }: { readonly job: Job }) {
  const done = job.state === 'done';
  const Icon = done ? CircleCheck : CircleSlash;
  const tookMs = job.finishedAt === null ? 0 : Date.parse(job.finishedAt) - Date.parse(job.startedAt);
  return (
    <section className={styles['strip']} aria-label={job.title}>
      <div className={styles['line']}>
        <Icon
          size={15}
          className={done ? styles['good'] : styles['dim']}
          role="img"
          aria-label={done ? 'Done' : 'Cancelled'}
        />
        <span className={styles['title']}>{job.title}</span>
        <span className={styles['step']}>{done ? (job.outcome ?? 'Done.') : 'Cancelled.'}</span>
        <span className={styles['numbers']}>{formatElapsed(tookMs)}</span>
        <IconButton icon={X} label="Dismiss" size="small" onClick={() => dismiss(job)} />
      </div>
    </section>
  );
}

function retryOf(job: Job, onRetry: () => void): () => void {
  return () => {
    dismiss(job);
    onRetry();
  };
}

function dismiss(job: Job): void {
  void client.jobs.dismiss({ id: job.id }).catch(showFailureToast);
}
