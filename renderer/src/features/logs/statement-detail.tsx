import { useQuery } from '@tanstack/react-query';
import { Workflow } from 'lucide-react';

import type { LogPlan, LogReport } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

import { LogSampleItem } from './log-sample-item.tsx';
import { logTime } from './log-words.ts';
import styles from './logs.module.css';
import { openLogPlan } from './logs-store.ts';
import { DetailSide } from './tab-frame.tsx';

/** Everything about one statement: its text, its numbers, runs with their values, plans. */
export function StatementDetail({ report, fingerprint }: { readonly report: LogReport; readonly fingerprint: string }) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('logs', 'statement', { id: report.id, fingerprint }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) return <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />;
  if (data === undefined) return <SkeletonRows rows={4} label="Reading the statement" />;
  const { statement, samples, plans } = data;
  return (
    <article className={styles['detailColumns']} aria-label="Statement">
      <div className={styles['detailMain']}>
        <SqlBlock sql={statement.sql} label="Statement of the log" connectionId={report.connectionId} maxHeight={170} />
        {samples.length > 0 && (
          <>
            <h3>Runs</h3>
            <ol className={styles['samples']} aria-label="Runs">
              {samples.map((sample, index) => (
                // Samples do not change places.
                <LogSampleItem
                  key={index}
                  sample={sample}
                  connectionId={report.connectionId}
                  normalised={statement.sql}
                />
              ))}
            </ol>
          </>
        )}
      </div>
      <DetailSide
        tab="statements"
        facts={[
          ['Calls', formatCount(statement.calls)],
          ['Total', formatDuration(statement.totalMs)],
          ['Mean', statement.meanMs === null ? null : formatDuration(statement.meanMs)],
          [
            'Slowest',
            statement.maxMs === null ? null : `${formatDuration(statement.maxMs)} at ${logTime(statement.maxAt)}`,
          ],
          [
            'Parse and bind',
            statement.parseMs + statement.bindMs === 0
              ? null
              : `${formatDuration(statement.parseMs)}, ${formatDuration(statement.bindMs)}`,
          ],
          ['First', logTime(statement.firstAt)],
          ['Last', logTime(statement.lastAt)],
          ['Users', statement.users.join(', ')],
          ['Databases', statement.databases.join(', ')],
          ['Applications', statement.applications.join(', ')],
          [
            'Temporary files',
            statement.tempFiles === 0
              ? null
              : `${formatCount(statement.tempFiles)}, ${formatBytes(statement.tempBytes)}`,
          ],
          ['Errors', statement.errors === 0 ? null : formatCount(statement.errors)],
          ['Lock waits', statement.lockWaits === 0 ? null : formatCount(statement.lockWaits)],
          ['Durations', statement.fromPlans ? 'of auto_explain' : null],
          ['Rows', 'not in the log'],
        ]}
      >
        {plans.length > 0 && <PlanLinks report={report} plans={plans} />}
      </DetailSide>
    </article>
  );
}

function PlanLinks({ report, plans }: { readonly report: LogReport; readonly plans: readonly LogPlan[] }) {
  return (
    <>
      <h3>{countOf(plans.length, 'plan')}</h3>
      <ul className={styles['planLinks']}>
        {plans.map(({ number, durationMs, at }) => (
          <li key={number}>
            <Button size="small" icon={Workflow} onClick={() => void openLogPlan(report.id, number)}>
              {formatDuration(durationMs)} at {logTime(at)}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
