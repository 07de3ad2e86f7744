import { Rocket, Undo2 } from 'lucide-react';
import { useState } from 'react';

import type { MigrationEntry } from '#contract/migrations.ts';

import { client } from '../../rpc/client.ts';
import { FailureError } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';

import { newestApplied, pendingUpTo } from './migration-words.ts';
import styles from './migrations.module.css';
import { RunDialog } from './run-dialog.tsx';
import type { PlannedRun } from './run-dialog.tsx';
import type { FolderStatus } from './use-migrations.ts';

export interface RunActionsProps {
  readonly connection: OpenConnection;
  readonly status: FolderStatus;
  readonly selected: MigrationEntry | null;
  /** True while a job changes this database. */
  readonly busy: boolean;
}

/** Apply and roll back. Both read the SQL first and show it before anything runs. */
export function RunActions({ connection, status, selected, busy }: RunActionsProps) {
  const [planned, setPlanned] = useState<PlannedRun | null>(null);
  const [reading, setReading] = useState(false);
  const pending = pendingUpTo(status.entries, selected?.name ?? null);
  const newest = newestApplied(status.entries);
  const blocked = busy || reading || !status.trusted;

  async function plan(direction: PlannedRun['direction'], entries: readonly MigrationEntry[]): Promise<void> {
    setReading(true);
    try {
      const names = entries.map(({ name }) => name);
      const known = await client.migrations.sql({ folder: status.folder, names });
      const migrations = known.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
      const broken = migrations.find(({ error }) => error !== null);
      if (broken !== undefined)
        throw new FailureError({ code: 'tool_failed', message: broken.error ?? '', retryable: false });
      setPlanned({ direction, folder: status.folder, migrations });
    } catch (error) {
      showFailureToast(error, 'The SQL could not be read, so nothing was run');
    } finally {
      setReading(false);
    }
  }

  return (
    <div className={styles['actions']}>
      {newest !== null && (
        <Button
          icon={Undo2}
          disabled={blocked || newest.file === null}
          onClick={() => void plan('down', [newest])}
          title={`Roll back ${newest.name}`}
        >
          {newest.name === selected?.name ? 'Roll back…' : 'Roll back newest…'}
        </Button>
      )}
      {pending.length > 0 && (
        <Button look="primary" icon={Rocket} disabled={blocked} onClick={() => void plan('up', pending)}>
          {applyWords(pending.length, selected?.state === 'pending')}
        </Button>
      )}
      {planned !== null && <RunDialog connection={connection} run={planned} onClose={() => setPlanned(null)} />}
    </div>
  );
}

function applyWords(count: number, upToSelected: boolean): string {
  if (count === 1) return upToSelected ? 'Apply…' : 'Apply the pending one…';
  return upToSelected ? `Apply ${count} up to here…` : `Apply all ${count}…`;
}
