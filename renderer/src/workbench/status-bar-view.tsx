import { classNames } from '../lib/class-names.ts';
import { formatElapsed, formatDuration } from '../lib/format-duration.ts';
import { useNow } from '../lib/use-now.ts';
import { type ChannelState, reconnectNow, useChannelStore } from '../rpc/channel.ts';
import { useConnection, useJobs } from '../rpc/live-lists.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';

import { openConnection } from './connection-actions.ts';
import { useStatusItems } from './status-items.ts';
import styles from './status-bar.module.css';
import { setJobTrayOpen, useWorkbench } from './workbench-store.ts';

/** Connection, transaction, jobs: what holds now, in one line. */
export function StatusBarView() {
  const items = useStatusItems();
  return (
    <footer className={styles['bar']} aria-label="Status">
      <div className={styles['side']}>
        <ChannelOrConnection />
        {items.map(({ id, side, component: Item }) => (side === 'left' ? <Item key={id} /> : null))}
      </div>
      <span className={styles['space']} />
      <div className={styles['side']}>
        {items.map(({ id, side, component: Item }) => (side === 'right' ? <Item key={id} /> : null))}
        <RunningJob />
      </div>
    </footer>
  );
}

function ChannelOrConnection() {
  const channel = useChannelStore((state) => state.state);
  if (channel.kind === 'open') return <ConnectionStatus />;
  const words = channelWords(channel);
  return (
    <span className={styles['state']} role="status">
      <span className={classNames(styles['light'], styles['waiting'])} aria-hidden />
      {words}
      {channel.kind === 'reconnecting' && (
        <button type="button" className={styles['link']} onClick={reconnectNow}>
          Try now
        </button>
      )}
    </span>
  );
}

/** After so many tries the person is told what may have happened. */
const longAfter = 5;

function channelWords(channel: ChannelState): string {
  if (channel.kind === 'connecting') return 'Connecting to Steward…';
  if (channel.kind === 'stranger') return 'This page needs Steward’s new link';
  if (channel.kind === 'reconnecting' && channel.attempt >= longAfter)
    return 'Steward does not answer. If it has ended, start it again and open the link that it prints.';
  return 'Reconnecting…';
}

function ConnectionStatus() {
  const connection = useConnection(useWorkbench((state) => state.activeConnectionId));
  if (connection === null) return <Light>no connection chosen</Light>;
  const { state } = connection;
  switch (state.kind) {
    case 'open':
      return <Light tone="good">connected · {formatDuration(state.latencyMs)}</Light>;
    case 'opening':
      return <Light tone="waiting">connecting…</Light>;
    case 'closed':
      return (
        <span className={styles['state']}>
          <Light>closed</Light>
          <button type="button" className={styles['link']} onClick={() => void openConnection(connection.id)}>
            Open
          </button>
        </span>
      );
    case 'lost':
    case 'failed':
      return (
        <span className={styles['state']} title={state.failure.message}>
          <Light tone="bad">{state.kind === 'lost' ? 'connection lost' : 'could not connect'}</Light>
          <button type="button" className={styles['link']} onClick={() => void openConnection(connection.id)}>
            Try again
          </button>
        </span>
      );
  }
}

function Light({ tone, children }: { readonly tone?: 'good' | 'bad' | 'waiting'; readonly children: React.ReactNode }) {
  return (
    <span className={styles['state']}>
      <span className={classNames(styles['light'], tone !== undefined && styles[tone])} aria-hidden />
      <span>{children}</span>
    </span>
  );
}

function RunningJob() {
  const job = useJobs().findLast((candidate) => candidate.state === 'running');
  const now = useNow(job === undefined ? null : 1000);
  if (job === undefined) return null;
  const elapsed = formatElapsed(now - Date.parse(job.startedAt));
  return (
    <button
      type="button"
      className={styles['job']}
      onClick={() => setJobTrayOpen(true)}
      aria-label={`Job: ${job.title}`}
    >
      <span className={styles['jobTitle']}>{job.title}</span>
      <span className={styles['jobBar']}>
        <ProgressBar label={job.title} fraction={job.fraction} />
      </span>
      <span className={styles['mono']}>
        {job.fraction === null ? elapsed : `${Math.round(job.fraction * 100)} % · ${elapsed}`}
      </span>
    </button>
  );
}
