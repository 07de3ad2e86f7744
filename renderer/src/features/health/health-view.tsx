import { HeartPulse, Play, Square } from 'lucide-react';
import { useEffect } from 'react';

import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { ConnectionGate } from '../../workbench/connection-gate.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';

import { CompareMenu } from './compare-menu.tsx';
import { ComparisonView } from './comparison-view.tsx';
import { FixJobs } from './fix-jobs.tsx';
import { HealthChips } from './health-chips.tsx';
import { HealthList } from './health-list.tsx';
import { HealthProgress } from './health-progress.tsx';
import { HealthSkeleton } from './health-skeleton.tsx';
import {
  cancelHealthRun,
  chooseReport,
  dismissHealthFailure,
  lookAt,
  startHealthRun,
  useHealth,
} from './health-store.ts';
import type { HealthRun } from './health-store.ts';
import { HealthSummary } from './health-summary.tsx';
import styles from './health.module.css';
import { ReportMenu } from './report-menu.tsx';
import { useHealthReport } from './use-health-report.ts';
import type { ShownReport } from './use-health-report.ts';

/** What is wrong with the current database, how one knows, and what to do about it. */
export function HealthView() {
  return (
    <ConnectionGate purpose="to see its health">
      {(connection) => <HealthPage key={connection.id} connection={connection} />}
    </ConnectionGate>
  );
}

function HealthPage({ connection }: { readonly connection: OpenConnection }) {
  const shown = useHealthReport(connection.id);
  const run = useHealth((state) => state.runs[connection.id]);
  const running = run?.kind === 'running';
  const { report } = shown;
  useEffect(() => lookAt(connection.id), [connection.id]);
  return (
    <Page
      title={`Health of ${connection.name}`}
      padded={false}
      summary={
        report === null ? (
          `${connection.database} on PostgreSQL ${connection.state.server.version}`
        ) : (
          <HealthSummary report={report} notKept={shown.notKept} />
        )
      }
      actions={
        <div className={styles['actions']}>
          {!shown.isNewest && <Button onClick={() => chooseReport(connection.id, null)}>Show the newest</Button>}
          {report !== null && <CompareMenu connectionId={connection.id} shownId={shown.savedId} />}
          {report !== null && <ReportMenu savedId={shown.savedId} />}
          {running ? (
            <Button icon={Square} onClick={() => cancelHealthRun(connection.id)}>
              Cancel
            </Button>
          ) : (
            (report !== null || shown.loading) && (
              <Button
                look="primary"
                icon={Play}
                shortcut="Mod+Shift+H"
                onClick={() => void startHealthRun(connection.id)}
              >
                Run again
              </Button>
            )
          )}
        </div>
      }
    >
      <div className={styles['body']}>
        {running && <HealthProgress run={run} />}
        <FixJobs connectionId={connection.id} />
        {run?.kind === 'failed' && <FailedRun run={run} connectionId={connection.id} />}
        <Content shown={shown} running={running} connection={connection} />
      </div>
    </Page>
  );
}

function FailedRun({
  run,
  connectionId,
}: {
  readonly run: Extract<HealthRun, { readonly kind: 'failed' }>;
  readonly connectionId: string;
}) {
  return (
    <FailureView
      className={styles['failure']}
      title="The checks could not be run"
      failure={{ ...run.failure, retryable: true }}
      onRetry={() => void startHealthRun(connectionId)}
      actions={
        <Button size="small" look="quiet" onClick={() => dismissHealthFailure(connectionId)}>
          Dismiss
        </Button>
      }
    />
  );
}

function Content({
  shown,
  running,
  connection,
}: {
  readonly shown: ShownReport;
  readonly running: boolean;
  readonly connection: OpenConnection;
}) {
  const { report } = shown;
  const comparedWith = useHealth((state) => state.comparedWith[connection.id] ?? null);
  if (report !== null) {
    return (
      <>
        {comparedWith === null && <HealthChips report={report} connectionId={connection.id} savedId={shown.savedId} />}
        <div className={styles['listPlace']}>
          {comparedWith === null ? (
            <HealthList key={report.startedAt} report={report} isNewest={shown.isNewest} connectionId={connection.id} />
          ) : (
            <ComparisonView beforeId={comparedWith} afterId={shown.savedId} connectionId={connection.id} />
          )}
        </div>
      </>
    );
  }
  if (shown.failure !== null)
    return (
      <FailureView
        className={styles['failure']}
        title="The report could not be read"
        failure={{ ...shown.failure, retryable: true }}
        onRetry={shown.retry}
      />
    );
  if (shown.loading || running)
    return <HealthSkeleton label={running ? 'Running the checks' : 'Reading the newest report'} />;
  return (
    <EmptyState
      icon={HeartPulse}
      title="No health report yet"
      actions={
        <Button look="primary" icon={Play} shortcut="Mod+Shift+H" onClick={() => void startHealthRun(connection.id)}>
          Run health report
        </Button>
      }
    >
      About two hundred checks read the catalogs and statistics of {connection.database}: unused and missing indexes,
      sequences near their end, dead rows, locks, settings, rights. They read only, take a few seconds, and each shows
      its own SQL.
    </EmptyState>
  );
}
