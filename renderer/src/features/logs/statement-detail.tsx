import { useQuery } from '@tanstack/react-query';
import { Workflow, X } from 'lucide-react';

import type { LogPlan, LogReport, LogSample } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnection } from '../../rpc/live-lists.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Duration } from '../../ui/quantity.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { logTime } from './log-words.ts';
import styles from './logs.module.css';
import { openLogPlan, selectRow } from './logs-store.ts';
import { Facts } from './tab-frame.tsx';

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
                <Sample key={index} sample={sample} report={report} normalised={statement.sql} />
              ))}
            </ol>
          </>
        )}
      </div>
      <aside className={styles['detailSide']}>
        <IconButton
          icon={X}
          size="small"
          label="Close"
          className={styles['close']}
          onClick={() => selectRow('statements', null)}
        />
        <Facts
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
        />
        {plans.length > 0 && <PlanLinks report={report} plans={plans} />}
      </aside>
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

function Sample({
  sample,
  report,
  normalised,
}: {
  readonly sample: LogSample;
  readonly report: LogReport;
  readonly normalised: string;
}) {
  const active = useWorkbench((state) => state.activeConnectionId);
  const connection = useConnection(active ?? report.connectionId);
  const { sql, parameters, cut } = sample;
  const refusal =
    connection === null
      ? 'Open a connection first'
      : cut
        ? 'The log cut the statement or a value of it'
        : sql.includes('********') || parameters?.includes('********') === true
          ? 'A secret was taken out of it'
          : parameters === null && /\$\d/.test(sql)
            ? 'The log has no values for its parameters'
            : null;
  return (
    <li className={styles['sample']}>
      <div className={styles['sampleHead']}>
        <span className={styles['sampleTime']}>
          <Duration ms={sample.durationMs} />
        </span>
        <span className={styles['clock']}>{logTime(sample.at)}</span>
        <span className={styles['text']}>
          {[sample.user, sample.database, sample.application].filter((name) => name !== null).join(' · ')}
        </span>
        <span className={styles['space']} />
        <span title={refusal ?? `On ${connection?.name ?? ''}`}>
          <Button
            size="small"
            icon={Workflow}
            disabled={refusal !== null}
            onClick={() => {
              if (connection === null) return;
              void runCommandWith('plans.explain', {
                connectionId: connection.id,
                sql,
                analyze: false,
                title: 'Plan of the log',
                ...(parameters === null ? {} : { parameters }),
              });
            }}
          >
            {parameters === null ? 'Explain this run' : 'Explain with these parameters'}
          </Button>
        </span>
      </div>
      {parameters !== null ? (
        <dl className={styles['parameters']}>
          {parameters.map((value, index) => (
            // Parameters do not change places.
            <div key={index}>
              <dt>${index + 1}</dt>
              <dd className={value === null ? styles['dim'] : undefined}>{value ?? 'NULL'}</dd>
            </div>
          ))}
        </dl>
      ) : (
        sql !== normalised && <SqlBlock sql={sql} label="Statement as it ran" maxHeight={110} />
      )}
      {cut && <p className={styles['hint']}>A value or the text is cut: log_parameter_max_length, or its length.</p>}
    </li>
  );
}
