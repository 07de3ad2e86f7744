import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';

import type { Failure } from '#contract/failure.ts';

import { failureOf } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';

import styles from './migrations.module.css';
import { trustFolder } from './migrations-store.ts';

/** Asks before code of a folder is loaded for the first time. */
export function TrustCard({ folder }: { readonly folder: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  async function trust(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      await trustFolder(folder, true);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <section className={styles['trust']} aria-label="Trust this folder">
      <ShieldAlert size={20} className={styles['warning']} aria-hidden />
      <div className={styles['trustWords']}>
        <h2>This folder is not trusted yet</h2>
        <p>
          Migrations are code: to show their SQL, Steward has to load the files of this folder, and they run with your
          rights on this machine. Names and states are read without loading anything.
        </p>
        <code className={styles['trustPath']}>{folder}</code>
        {failure !== null && <FailureView failure={failure} />}
        <div className={styles['buttons']}>
          <Button look="primary" icon={ShieldCheck} disabled={busy} onClick={() => void trust()}>
            Trust this folder
          </Button>
          <span className={styles['dim']}>Trust it only if you know where it comes from.</span>
        </div>
      </div>
    </section>
  );
}
