import { Folder, FolderOpen, ShieldCheck } from 'lucide-react';
import { useState } from 'react';

import type { Failure } from '#contract/failure.ts';

import { failureOf } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { PathField } from '../../workbench/path-field.tsx';

import styles from './migrations.module.css';
import { chooseFolder, openFolder } from './migrations-store.ts';
import type { ShownMigrations } from './use-migrations.ts';

export interface FolderFormProps {
  readonly connectionId: string;
  readonly recent: ShownMigrations['recent'];
  /** Whether a folder is open that one can go back to. */
  readonly canCancel: boolean;
}

/** Chooses the folder that holds the migrations: by its path, or from those that were open before. */
export function FolderForm({ connectionId, recent, canCancel }: FolderFormProps) {
  const [path, setPath] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function open(folder: string): Promise<void> {
    if (folder.trim() === '') return;
    setBusy(true);
    setFailure(null);
    try {
      await openFolder(connectionId, folder.trim());
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={styles['chooser']}>
      <FolderOpen size={28} className={styles['chooserIcon']} strokeWidth={1.5} aria-hidden />
      <h1 className={styles['chooserTitle']}>Open a migrations folder</h1>
      <p className={styles['chooserWords']}>
        The folder with the MikroORM migrations of this database. Opening it reads file names and the tracking table; it
        loads no code and changes nothing.
      </p>
      <form
        className={styles['pathForm']}
        onSubmit={(event) => {
          event.preventDefault();
          void open(path);
        }}
      >
        <PathField
          kind="folder"
          chooseTitle="Choose the migrations folder"
          className={styles['pathField']}
          label="Path of the folder"
          autoFocus
          value={path}
          onValueChange={setPath}
          placeholder="/home/me/app/migrations"
          description="On the machine that Steward runs on."
        />
        <div className={styles['pathButtons']}>
          <Button look="primary" type="submit" disabled={busy || path.trim() === ''}>
            {busy ? 'Opening…' : 'Open folder'}
          </Button>
          {canCancel && <Button onClick={() => chooseFolder(null)}>Cancel</Button>}
        </div>
      </form>
      {failure !== null && (
        <FailureView className={styles['chooserFailure']} failure={failure} title="The folder was not opened" />
      )}
      {recent.length > 0 && (
        <section className={styles['recent']} aria-label="Recent folders">
          <h2 className={styles['label']}>Recent</h2>
          {recent.map(({ folder, trusted }) => (
            <button
              key={folder}
              type="button"
              className={styles['recentFolder']}
              disabled={busy}
              onClick={() => void open(folder)}
            >
              <Folder size={15} aria-hidden />
              <code>{folder}</code>
              {trusted && (
                <span className={styles['trusted']}>
                  <ShieldCheck size={13} aria-hidden /> trusted
                </span>
              )}
            </button>
          ))}
        </section>
      )}
    </div>
  );
}
