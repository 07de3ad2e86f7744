import { TriangleAlert } from 'lucide-react';

import type { MigrationSql } from '#contract/migrations.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { countOf } from '../../lib/format-count.ts';
import { client } from '../../rpc/client.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';

import { cautionsOf, scriptOf } from './migration-words.ts';
import styles from './migrations.module.css';

/** What is about to run: the SQL was read before it is asked about. */
export interface PlannedRun {
  readonly direction: 'up' | 'down';
  readonly folder: string;
  /** In the order in which they run. */
  readonly migrations: readonly MigrationSql[];
}

export interface RunDialogProps {
  readonly connection: OpenConnection;
  readonly run: PlannedRun;
  readonly onClose: () => void;
}

/** Shows the exact SQL before it runs; on production the name must be typed. */
export function RunDialog({ connection, run, onClose }: RunDialogProps) {
  const { direction, folder, migrations } = run;
  const last = migrations.at(-1)?.name ?? '';
  const title =
    direction === 'up'
      ? `Apply ${migrations.length === 1 ? last : countOf(migrations.length, 'migration')}`
      : `Roll back ${last}`;
  const production = connection.environment === 'production';
  async function start(): Promise<void> {
    if (direction === 'up') await client.migrations.up({ connectionId: connection.id, folder, to: last });
    else await client.migrations.down({ connectionId: connection.id, folder, name: last });
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      action={direction === 'up' ? 'Apply' : 'Roll back'}
      danger={direction === 'down' || production}
      typedName={production ? connection.name : null}
      onConfirm={start}
    >
      <p>
        On <strong className={styles['strong']}>{connection.name}</strong>, database <code>{connection.database}</code>,
        under an advisory lock{direction === 'up' && migrations.length > 1 ? ', one after the other' : ''}. A statement
        that waits too long for a lock gives up.
      </p>
      {migrations.map((migration) => (
        <section key={migration.name} className={styles['planned']} aria-label={migration.name}>
          <h3>
            <code>{migration.name}</code>
          </h3>
          <PlannedSql migration={migration} direction={direction} connectionId={connection.id} />
          {cautionsOf(migration)
            .filter((_, place) => direction === 'up' || migration.reversible || place > 0)
            .map((caution) => (
              <p key={caution} className={styles['caution']}>
                <TriangleAlert size={14} aria-hidden />
                {caution}
              </p>
            ))}
        </section>
      ))}
      {direction === 'up' && migrations.every(({ reversible }) => reversible) && (
        <p className={styles['dim']}>The way back: roll back the newest, one at a time.</p>
      )}
    </ConfirmDialog>
  );
}

function PlannedSql({
  migration,
  direction,
  connectionId,
}: {
  readonly migration: MigrationSql;
  readonly direction: 'up' | 'down';
  readonly connectionId: string;
}) {
  const statements = migration[direction];
  if (statements.length === 0) return <p className={styles['dim']}>No SQL: only the tracking table changes.</p>;
  return (
    <SqlBlock
      sql={scriptOf(statements)}
      label={`SQL of ${direction} of ${migration.name}`}
      connectionId={connectionId}
      maxHeight={240}
    />
  );
}
