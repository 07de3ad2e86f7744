import { CircleAlert, CircleCheck, CircleDashed, Loader } from 'lucide-react';
import { useState } from 'react';

import type { AppStatus } from '#contract/settings.ts';

import { client } from '../../rpc/client.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { showFailureToast } from '../../ui/toast.tsx';

import { Row } from './setting-row.tsx';
import styles from './settings.module.css';

export interface ServiceRowProps {
  readonly name: string;
  readonly hint: string;
  readonly state: AppStatus['store'];
  /** Shows a button that starts it while it does not run. */
  readonly startable: boolean;
}

/** The state of one of Steward's own services. */
export function ServiceRow({ name, hint, state, startable }: ServiceRowProps) {
  const [busy, setBusy] = useState(false);

  async function start(): Promise<void> {
    setBusy(true);
    try {
      queryClient.setQueryData(rpcKey('settings', 'status'), await client.settings.startLocalServer());
    } catch (error) {
      showFailureToast(error, 'The local server did not start');
    } finally {
      setBusy(false);
    }
  }

  const button = startable && (state.kind === 'stopped' || state.kind === 'failed') && (
    <Button size="small" disabled={busy} onClick={() => void start()}>
      {busy ? 'Starting…' : `Start the ${name.toLowerCase()}`}
    </Button>
  );
  return (
    <>
      <Row name={name} hint={hint}>
        <StateWords state={state} />
        {button}
      </Row>
      {state.kind === 'failed' && (
        <div className={styles['failure']}>
          <FailureView failure={state.failure} />
        </div>
      )}
    </>
  );
}

function StateWords({ state }: { readonly state: AppStatus['store'] }) {
  switch (state.kind) {
    case 'ready':
      return (
        <>
          <CircleCheck size={15} className={styles['good']} aria-hidden />
          <span>{state.detail}</span>
        </>
      );
    case 'starting':
      return (
        <>
          <Loader size={15} className={styles['dim']} aria-hidden />
          <span>{state.step}</span>
        </>
      );
    case 'stopped':
      return (
        <>
          <CircleDashed size={15} className={styles['dim']} aria-hidden />
          <span>stopped</span>
        </>
      );
    case 'failed':
      return (
        <>
          <CircleAlert size={15} aria-hidden />
          <span>failed</span>
        </>
      );
  }
}
