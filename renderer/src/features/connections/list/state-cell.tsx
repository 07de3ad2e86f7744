import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, Loader } from 'lucide-react';

import type { ConnectionState } from '#contract/connections.ts';

import { formatDuration } from '../../../lib/format-duration.ts';
import { RelativeTime } from '../../../ui/relative-time.tsx';

import styles from './list.module.css';

/** Whether a connection is open: how far away it is, or why not and since when. */
export function StateCell({ state }: { readonly state: ConnectionState }) {
  switch (state.kind) {
    case 'open':
      return (
        <span className={styles['state']}>
          <CircleCheck size={15} className={styles['good']} aria-hidden />
          <span>open</span>
          <span className={styles['dim']}>
            {state.server.inRecovery && 'standby · '}
            {state.server.pooled && 'pooled · '}
            {formatDuration(state.latencyMs)}
          </span>
        </span>
      );
    case 'opening':
      return (
        <span className={styles['state']}>
          <Loader size={15} className={styles['warning']} aria-hidden />
          <span>opening…</span>
        </span>
      );
    case 'closed':
      return (
        <span className={styles['state']}>
          <CircleDashed size={15} className={styles['dim']} aria-hidden />
          <span className={styles['dim']}>closed</span>
        </span>
      );
    case 'lost':
    case 'failed': {
      const asks = state.failure.code === 'needs_answer';
      const Icon = asks ? CircleHelp : CircleAlert;
      return (
        <span className={styles['state']} title={state.failure.message}>
          <Icon size={15} className={styles[asks ? 'warning' : 'bad']} aria-hidden />
          <span className={styles['fixed']}>{asks ? 'asks' : state.kind}</span>
          <span className={styles['reason']}>{state.failure.message}</span>
          <span className={styles['since']}>
            <RelativeTime at={state.since} />
          </span>
        </span>
      );
    }
  }
}
