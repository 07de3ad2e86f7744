import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Braces, Sheet, Trash2, Upload } from 'lucide-react';
import type { LogReport } from '#contract/logs.ts';

import { assertNever } from '../../lib/assert-never.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { SearchField } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Page } from '../../ui/page.tsx';
import { Popover } from '../../ui/popover.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';

import { AdviceList } from './advice-list.tsx';
import { ErrorsTab } from './errors-tab.tsx';
import { LocksTab } from './locks-tab.tsx';
import { logPeriod } from './log-words.ts';
import styles from './logs.module.css';
import { exportStatements, openLogsHome, removeImport, searchLog, showReportTab, useLogs } from './logs-store.ts';
import type { ReportTab } from './logs-store.ts';
import { MaintenanceTab } from './maintenance-tab.tsx';
import { PlansTab } from './plans-tab.tsx';
import { StatementsTab } from './statements-tab.tsx';
import { TempTab } from './temp-tab.tsx';
import { TimelineChart } from './timeline-chart.tsx';

/** One import: what it covers, when it was busy, and everything that was found. */
export function LogReportView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('logs', 'report', { id }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Page
      title={data?.name ?? 'Server log'}
      padded={false}
      summary={data === undefined ? 'Reading…' : <Headline report={data} />}
      actions={
        <div className={styles['actions']}>
          <Button look="quiet" icon={ArrowLeft} onClick={openLogsHome}>
            All logs
          </Button>
          <Menu
            align="end"
            trigger={<Button icon={Upload}>Export</Button>}
            entries={[
              { label: 'Statements as CSV', icon: Sheet, onSelect: () => void exportStatements(id, 'csv') },
              { label: 'Statements as JSON', icon: Braces, onSelect: () => void exportStatements(id, 'json') },
            ]}
          />
          <IconButton icon={Trash2} label="Remove this import" onClick={() => void removeImport(id)} />
        </div>
      }
    >
      <div className={styles['report']}>
        {error !== null && (
          <div className={styles['failure']}>
            <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />
          </div>
        )}
        {data === undefined && error === null && <SkeletonRows rows={8} label="Reading the import" />}
        {data !== undefined && <Report report={data} />}
      </div>
    </Page>
  );
}

function Headline({ report }: { readonly report: LogReport }) {
  return (
    <span className={styles['headline']}>
      <span className={styles['clock']}>{logPeriod(report.firstAt, report.lastAt, report.zone)}</span>
      <span>
        {countOf(report.lines, 'line')}, {formatBytes(report.bytes)}
      </span>
      {report.unreadableLines > 0 ? (
        <Popover
          label="Lines that could not be read"
          trigger={
            <button type="button" className={styles['unreadable']}>
              {countOf(report.unreadableLines, 'line')} unreadable
            </button>
          }
        >
          <UnreadableLines report={report} />
        </Popover>
      ) : (
        <span>all lines read</span>
      )}
      <span>
        {countOf(report.calls, 'call')} of {countOf(report.statements, 'statement')} in {formatDuration(report.totalMs)}
      </span>
      {report.serverVersion !== null && <span>PostgreSQL {report.serverVersion}</span>}
    </span>
  );
}

function UnreadableLines({ report }: { readonly report: LogReport }) {
  return (
    <div className={styles['unreadableList']}>
      <p>These lines were passed over; everything else counts.</p>
      <ul>
        {report.unreadable.map(({ file, line, lines, reason }) => (
          <li key={`${file} ${line}`}>
            <span className={styles['clock']}>
              {report.files.length > 1 ? `${file}:` : 'line '}
              {line}
              {lines > 1 ? `–${line + lines - 1}` : ''}
            </span>{' '}
            {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Report({ report }: { readonly report: LogReport }) {
  const tab = useLogs((state) => state.tab);
  const search = useLogs((state) => state.search);
  const problems = report.files.filter(({ problem }) => problem !== null);
  const maintenance = report.vacuums.length + report.checkpoints.count;
  return (
    <>
      {problems.map(({ name, problem }) => (
        <p key={name} className={styles['notice']} role="status">
          {name}: {problem}
        </p>
      ))}
      {report.filesLeftOut !== undefined && report.filesLeftOut > 0 && (
        <p className={styles['notice']} role="status">
          {countOf(report.filesLeftOut, 'file')} of the folder {report.filesLeftOut === 1 ? 'was' : 'were'} left out: at
          most 60 files and 16 GB are read, the newest first.
        </p>
      )}
      {report.foreignMessages > 0 && (
        <p className={styles['notice']} role="status">
          The log is not in English: {countOf(report.foreignMessages, 'message')} could not be understood. Only the
          fields of csvlog and jsonlog are read: severity, SQLSTATE and statement.
        </p>
      )}
      <TimelineChart timeline={report.timeline} />
      <div className={styles['tabLine']}>
        <Tabs
          label="What was found"
          value={tab}
          onValueChange={showReportTab}
          items={[
            { value: 'statements', label: 'Statements', count: formatCount(report.statements) },
            { value: 'plans', label: 'Plans', count: formatCount(report.plans) },
            { value: 'errors', label: 'Errors', count: formatCount(report.errors) },
            { value: 'locks', label: 'Locks', count: formatCount(report.lockWaits + report.deadlocks) },
            { value: 'temp', label: 'Temp files', count: formatCount(report.tempFiles) },
            { value: 'maintenance', label: 'Maintenance', count: formatCount(maintenance) },
            { value: 'missing', label: 'Not logged', count: formatCount(report.advice.length) },
          ]}
        />
        <SearchField className={styles['search']} label="Filter" value={search} onValueChange={searchLog} />
      </div>
      <div className={styles['place']}>
        <TabContent tab={tab} report={report} search={search} />
      </div>
    </>
  );
}

function TabContent({
  tab,
  report,
  search,
}: {
  readonly tab: ReportTab;
  readonly report: LogReport;
  readonly search: string;
}) {
  switch (tab) {
    case 'statements':
      return <StatementsTab report={report} search={search} />;
    case 'plans':
      return <PlansTab report={report} search={search} />;
    case 'errors':
      return <ErrorsTab report={report} search={search} />;
    case 'locks':
      return <LocksTab report={report} search={search} />;
    case 'temp':
      return <TempTab report={report} search={search} />;
    case 'maintenance':
      return <MaintenanceTab report={report} />;
    case 'missing':
      return <AdviceList report={report} />;
    default:
      return assertNever(tab);
  }
}
