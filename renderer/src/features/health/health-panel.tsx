import { SlidersHorizontal } from 'lucide-react';

import type { Failure } from '#contract/failure.ts';
import type { HealthGroup, HealthReport } from '#contract/health-model.ts';
import type { SavedReport } from '#contract/health.ts';

import { classNames } from '../../lib/class-names.ts';
import { failureLine } from '../../lib/failure-words.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { ChecksDialog, openChecksDialog } from './checks-dialog.tsx';
import { FixList } from './fix-list.tsx';
import { ForecastList } from './forecast-list.tsx';
import { countGroups } from './health-cards.ts';
import type { GroupCount } from './health-cards.ts';
import { chooseReport, filterHealth, useHealth } from './health-store.ts';
import styles from './health-panel.module.css';
import { groupLabels, groupOrder } from './health-words.ts';
import { ToneIcon } from './tone-icon.tsx';
import { useHealthReport, useSavedReports } from './use-health-report.ts';

/** The groups of checks with what they found, and the earlier reports. */
export function HealthPanel() {
  const connectionId = useWorkbench((state) => state.activeConnectionId);
  const { report, savedId } = useHealthReport(connectionId);
  const saved = useSavedReports(connectionId);
  return (
    <div className={styles['panel']}>
      <ChecksDialog />
      <h2 className={styles['heading']}>Checks</h2>
      <GroupList report={report} />
      <Button size="small" look="quiet" icon={SlidersHorizontal} className={styles['rules']} onClick={openChecksDialog}>
        Thresholds and suppressions…
      </Button>
      {connectionId !== null && <ForecastList connectionId={connectionId} />}
      {connectionId !== null && <FixList connectionId={connectionId} />}
      {connectionId !== null && (saved.failure !== null || (saved.data?.length ?? 0) > 0) && (
        <>
          <h2 className={styles['heading']}>Reports</h2>
          {saved.failure === null ? (
            <ReportList reports={saved.data ?? []} shownId={savedId} connectionId={connectionId} />
          ) : (
            <NoHistory failure={saved.failure} onRetry={saved.retry} />
          )}
        </>
      )}
    </div>
  );
}

function GroupList({ report }: { readonly report: HealthReport | null }) {
  const chosen = useHealth((state) => state.filter.group);
  const groups: readonly (GroupCount | { readonly group: HealthGroup })[] =
    report === null ? groupOrder.map((group) => ({ group })) : countGroups(report);
  return (
    <ul className={styles['groups']} aria-label="Groups of checks">
      <li>
        <button
          type="button"
          className={styles['group']}
          aria-pressed={chosen === 'all'}
          onClick={() => filterHealth({ group: 'all' })}
        >
          <span className={styles['name']}>All</span>
          {report !== null && <span className={styles['count']}>{report.checks.length}</span>}
        </button>
      </li>
      {groups.map((count) => (
        <li key={count.group}>
          <button
            type="button"
            className={styles['group']}
            aria-pressed={chosen === count.group}
            onClick={() => filterHealth({ group: count.group })}
          >
            <span className={styles['name']}>{groupLabels[count.group]}</span>
            {'checks' in count && <Counts count={count} />}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Counts({ count }: { readonly count: GroupCount }) {
  if (count.worst === null) return <span className={styles['count']}>{count.checks}</span>;
  return (
    <span className={styles['count']} title={`${count.found} of ${countOf(count.checks, 'check')} found something`}>
      <span className={classNames(styles['found'], styles[count.worst])}>{count.found}</span> / {count.checks}
    </span>
  );
}

interface ReportListProps {
  readonly reports: readonly SavedReport[];
  readonly shownId: string | null;
  readonly connectionId: string;
}

function ReportList({ reports, shownId, connectionId }: ReportListProps) {
  return (
    <ul className={styles['groups']} aria-label="Reports">
      {reports.map((report, place) => (
        <li key={report.id}>
          <button
            type="button"
            className={styles['report']}
            aria-pressed={report.id === shownId}
            title={formatAbsolute(report.takenAt)}
            onClick={() => chooseReport(connectionId, place === 0 ? null : report.id)}
          >
            <ToneIcon tone={report.worst ?? 'ok'} size={14} />
            <span className={styles['name']}>
              <RelativeTime at={report.takenAt} />
            </span>
            <span className={styles['reportCounts']}>{wordsOf(report)}</span>
            {report.score !== null && <span className={styles['count']}>{report.score}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function wordsOf({ critical, warning, info }: SavedReport): string {
  if (critical > 0) return warning > 0 ? `${critical} critical, ${warning} warn.` : `${critical} critical`;
  if (warning > 0) return countOf(warning, 'warning');
  return info > 0 ? countOf(info, 'note') : 'nothing found';
}

function NoHistory({ failure, onRetry }: { readonly failure: Failure; readonly onRetry: () => void }) {
  return (
    <div className={styles['noHistory']}>
      <p>Earlier reports cannot be read: {failureLine(failure)}</p>
      <Button size="small" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
