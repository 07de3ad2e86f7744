import { useQuery } from '@tanstack/react-query';
import { Archive } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';

import type { Backup } from '#contract/backups.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf } from '../../lib/format-count.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useJobs } from '../../rpc/live-lists.ts';
import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { ConnectionGate } from '../../workbench/connection-gate.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';
import { JobStrip } from '../../workbench/job-strip.tsx';
import { jobsToShow } from '../../workbench/jobs-to-show.ts';
import { useJobEnds } from '../../workbench/use-job-ends.ts';

import { backupMenu } from './backup-actions.ts';
import { backupColumns } from './backup-columns.tsx';
import { BackupDetail } from './backup-detail.tsx';
import { BackupOptionsPopover } from './backup-options.tsx';
import { askRestore, backUp, useBackups, usualOptions } from './backups-store.ts';
import styles from './backups.module.css';
import { RestoreDialog } from './restore-dialog.tsx';
import { ToolLine } from './tool-line.tsx';

type Scope = 'connection' | 'all';

/** The backups of the current database: what there is, how far it is proven, and how to make and restore one. */
export function BackupsView() {
  return (
    <ConnectionGate purpose="to back it up">
      {(connection) => <BackupsPage key={connection.id} connection={connection} />}
    </ConnectionGate>
  );
}

function BackupsPage({ connection }: { readonly connection: OpenConnection }) {
  const [scope, setScope] = useState<Scope>('connection');
  const { directory, schemaOnly } = useBackups((state) => state.options[connection.id]) ?? usualOptions;
  const folder = directory.trim();
  const plan = useQuery({ ...rpcQuery('backups', 'plan', { connectionId: connection.id }) });
  const list = useQuery({
    ...rpcQuery('backups', 'list', scope === 'all' ? {} : { connectionId: connection.id }),
    staleTime: 0,
  });
  useJobEnds(['backup', 'restore'], () => void queryClient.invalidateQueries({ queryKey: rpcKey('backups', 'list') }));
  const running = useJobs().some(
    (job) => job.kind === 'backup' && job.state === 'running' && job.connectionId === connection.id,
  );
  const usable = plan.data === undefined || plan.data.tool.kind !== 'none';
  const backUpButton = (
    <Button
      look="primary"
      icon={Archive}
      disabled={running || !usable}
      shortcut="Mod+Shift+B"
      onClick={() => void backUp(connection.id)}
    >
      {running ? 'Backing up…' : 'Back up now'}
    </Button>
  );
  const empty = list.data?.length === 0;
  return (
    <Page
      title={`Backups of ${connection.name}`}
      padded={false}
      summary={
        <Summary
          database={connection.database}
          sizeBytes={plan.data?.databaseSizeBytes}
          newest={scope === 'connection' ? list.data?.[0] : undefined}
          count={scope === 'connection' ? list.data?.length : undefined}
        />
      }
      actions={
        <div className={styles['actions']}>
          <BackupOptionsPopover connectionId={connection.id} tool={plan.data?.tool} directory={plan.data?.directory} />
          {!(empty && scope === 'connection') && backUpButton}
        </div>
      }
    >
      <div className={styles['body']}>
        <div className={styles['head']}>
          {plan.error !== null && (
            <FailureView
              failure={failureOf(plan.error)}
              title="The database could not be asked"
              onRetry={() => void plan.refetch()}
            />
          )}
          {plan.data !== undefined && (
            <ToolLine
              tool={plan.data.tool}
              directory={folder === '' ? plan.data.directory : folder}
              schemaOnly={schemaOnly}
            />
          )}
          {plan.isPending && (
            <div className={styles['tool']} role="status" aria-label="Looking for pg_dump">
              <Skeleton width="62%" />
            </div>
          )}
          <Jobs connectionId={connection.id} />
          <div className={styles['scope']}>
            <Segmented
              label="Whose backups"
              value={scope}
              onValueChange={setScope}
              options={[
                { value: 'connection', label: 'This connection' },
                { value: 'all', label: 'All' },
              ]}
            />
          </div>
        </div>
        <div className={styles['table']}>
          {list.error !== null && (
            <FailureView
              className={styles['failure']}
              failure={failureOf(list.error)}
              onRetry={() => void list.refetch()}
            />
          )}
          {list.isPending && <SkeletonRows rows={6} label="Reading the backups" />}
          {list.data !== undefined &&
            (empty ? (
              <NoBackups action={backUpButton} all={scope === 'all'} />
            ) : (
              <BackupTable backups={list.data} all={scope === 'all'} />
            ))}
        </div>
      </div>
      <RestoreDialog />
    </Page>
  );
}

interface SummaryProps {
  readonly database: string;
  readonly sizeBytes: number | undefined;
  readonly newest: Backup | undefined;
  readonly count: number | undefined;
}

function Summary({ database, sizeBytes, newest, count }: SummaryProps) {
  return (
    <>
      {database}
      {sizeBytes !== undefined && ` · ${formatBytes(sizeBytes)}`}
      {count !== undefined && ` · ${count === 0 ? 'no backup yet' : countOf(count, 'backup')}`}
      {newest !== undefined && (
        <>
          , newest <RelativeTime at={newest.startedAt} />
        </>
      )}
    </>
  );
}

function Jobs({ connectionId }: { readonly connectionId: string }) {
  const jobs = useJobs();
  const restores = useBackups((state) => state.restores);
  const own = jobs.filter((job) => job.connectionId === connectionId || restores.has(job.id));
  return jobsToShow(own, ['backup', 'restore']).map((job) => {
    const backup = restores.get(job.id);
    return (
      <JobStrip
        key={job.id}
        job={job}
        onRetry={job.kind === 'backup' ? () => void backUp(connectionId) : undefined}
        actions={
          backup === undefined ? undefined : (
            <Button size="small" onClick={() => askRestore(backup)}>
              Restore again…
            </Button>
          )
        }
      />
    );
  });
}

function BackupTable({ backups, all }: { readonly backups: readonly Backup[]; readonly all: boolean }) {
  const columns = useMemo(() => backupColumns(all), [all]);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  return (
    <DataTable
      label="Backups"
      columns={columns}
      rows={backups}
      rowKey={(backup) => backup.id}
      selectedKey={selectedId}
      onSelect={(backup) => setSelectedId(backup.id)}
      onOpen={(backup) => {
        if (backup.present) askRestore(backup);
      }}
      menuEntries={backupMenu}
      renderDetail={(backup) => (backup.id === selectedId ? <BackupDetail backup={backup} /> : null)}
      initialSort={{ columnId: 'when', descending: true }}
    />
  );
}

function NoBackups({ action, all }: { readonly action: ReactNode; readonly all: boolean }) {
  return (
    <EmptyState icon={Archive} title="No backups yet" actions={all ? undefined : action}>
      A backup is written to a folder of yours, checksummed, and read back before it counts. It can be restored into a
      new database beside the old one at any time.
    </EmptyState>
  );
}
