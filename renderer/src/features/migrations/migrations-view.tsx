import { FolderOpen, GitBranch } from 'lucide-react';

import { formatAbsolute } from '../../lib/relative-time.ts';
import { useJobs } from '../../rpc/live-lists.ts';
import { queryClient } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ConnectionGate } from '../../workbench/connection-gate.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';
import { JobStrip } from '../../workbench/job-strip.tsx';
import { jobsToShow } from '../../workbench/jobs-to-show.ts';
import { useJobEnds } from '../../workbench/use-job-ends.ts';

import { FolderForm } from './folder-form.tsx';
import { MigrationDetail } from './migration-detail.tsx';
import { countStates, stateWords } from './migration-words.ts';
import styles from './migrations.module.css';
import { chooseFolder, refreshMigrations } from './migrations-store.ts';
import { RunActions } from './run-actions.tsx';
import { TrustCard } from './trust-card.tsx';
import { useMigrations } from './use-migrations.ts';
import type { FolderStatus, ShownMigrations } from './use-migrations.ts';

/** The migrations of a folder on the current database. */
export function MigrationsView() {
  return (
    <ConnectionGate purpose="to see its migrations">
      {(connection) => <MigrationsPage key={connection.id} connection={connection} />}
    </ConnectionGate>
  );
}

function MigrationsPage({ connection }: { readonly connection: OpenConnection }) {
  const shown = useMigrations(connection.id);
  const { folder, status, recent, choosing } = shown;
  useJobEnds(['migrate'], () => {
    void refreshMigrations();
    void queryClient.invalidateQueries({ queryKey: ['schema'] });
  });
  if (choosing || (folder === null && !shown.loading && shown.failure === null)) {
    return <FolderForm connectionId={connection.id} recent={recent} canCancel={choosing && folder !== null} />;
  }
  const elsewhere = (
    <Button icon={FolderOpen} onClick={() => chooseFolder(connection.id)}>
      Open another folder
    </Button>
  );
  if (shown.failure !== null) {
    return (
      <div className={styles['failed']}>
        <FailureView
          failure={{ ...shown.failure, retryable: true }}
          title="The migrations could not be read"
          onRetry={shown.retry}
          actions={elsewhere}
        />
      </div>
    );
  }
  if (status === null) {
    return (
      <Page title="Migrations" summary="Reading the folder and the tracking table">
        <SkeletonRows rows={6} label="Reading the migrations" />
      </Page>
    );
  }
  if (status.entries.length === 0) {
    return (
      <EmptyState icon={GitBranch} title="No migrations in this folder" actions={elsewhere}>
        <code>{status.folder}</code> holds no file that MikroORM would take for a migration.
      </EmptyState>
    );
  }
  return <FolderPage connection={connection} status={status} selected={shown.selected} />;
}

interface FolderPageProps {
  readonly connection: OpenConnection;
  readonly status: FolderStatus;
  readonly selected: ShownMigrations['selected'];
}

function FolderPage({ connection, status, selected }: FolderPageProps) {
  const jobs = useJobs().filter((job) => job.kind === 'migrate' && job.connectionId === connection.id);
  const busy = jobs.some((job) => job.state === 'running');
  return (
    <div className={styles['page']}>
      <Page
        title={selected?.name ?? 'Migrations'}
        summary={
          <>
            {selected !== null && `${wordsOf(selected)} · `}
            {countStates(status.entries)} on {connection.name}
          </>
        }
        actions={<RunActions connection={connection} status={status} selected={selected} busy={busy} />}
      >
        <div className={styles['body']}>
          {jobsToShow(jobs, ['migrate']).map((job) => (
            <JobStrip key={job.id} job={job} />
          ))}
          {status.trusted ? (
            selected !== null && (
              <MigrationDetail
                key={selected.name}
                folder={status.folder}
                entry={selected}
                connectionId={connection.id}
              />
            )
          ) : (
            <TrustCard folder={status.folder} />
          )}
          <p className={styles['footnote']}>
            Tracked in <code>{status.table}</code>
            {status.tableExists ? '.' : ', which does not exist yet: the first migration creates it.'}
          </p>
        </div>
      </Page>
    </div>
  );
}

function wordsOf({ state, appliedAt }: NonNullable<ShownMigrations['selected']>): string {
  const { word, note } = stateWords(state);
  const when = appliedAt === null ? word : `${word} ${formatAbsolute(appliedAt)}`;
  return note === null ? when : `${when}, ${note}`;
}
