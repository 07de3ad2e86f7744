import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleSlash } from 'lucide-react';
import { useDeferredValue, useState } from 'react';

import type { HistoryEntry } from '#contract/query.ts';

import { classNames } from '../../lib/class-names.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { formatAbsolute, formatDay } from '../../lib/relative-time.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { FailureView } from '../../ui/failure-view.tsx';
import { SearchField } from '../../ui/field.tsx';
import { ContextMenu } from '../../ui/menu.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { copyText } from '../../lib/copy-text.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { openQueryTab } from './query-tabs.ts';
import styles from './query.module.css';

type Scope = 'connection' | 'all';

/** Everything that was run, newest first; an entry opens again in a tab. */
export function HistoryPanel() {
  const [search, setSearch] = useState('');
  const [scope, setScope] = useState<Scope>('connection');
  const needle = useDeferredValue(search.trim());
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const connectionId = scope === 'connection' ? activeConnectionId : null;
  const { data, error, refetch } = useQuery({
    ...rpcQuery('query', 'history', {
      limit: 200,
      ...(connectionId === null ? {} : { connectionId }),
      ...(needle === '' ? {} : { search: needle }),
    }),
    placeholderData: keepPreviousData,
  });
  return (
    <div className={styles['panel']}>
      <div className={styles['panelHead']}>
        <div className={styles['panelTitle']}>
          <h2>History</h2>
          <Segmented
            label="Which history"
            value={scope}
            onValueChange={setScope}
            options={[
              { value: 'connection', label: 'Here' },
              { value: 'all', label: 'All' },
            ]}
          />
        </div>
        <SearchField label="Search the history" value={search} onValueChange={setSearch} />
      </div>
      <div className={styles['history']}>
        {error !== null && <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <SkeletonRows rows={6} label="Reading the history" />}
        {data !== undefined && <HistoryList entries={data} searched={needle !== ''} />}
      </div>
    </div>
  );
}

function HistoryList({ entries, searched }: { readonly entries: readonly HistoryEntry[]; readonly searched: boolean }) {
  if (entries.length === 0) {
    return (
      <p className={styles['panelWords']}>
        {searched ? 'Nothing in the history matches.' : 'What you run appears here, with its time and its rows.'}
      </p>
    );
  }
  const now = Date.now();
  return entries.map((entry, index) => {
    const day = formatDay(entry.startedAt, now);
    const before = entries[index - 1];
    return (
      <div key={entry.id}>
        {(before === undefined || formatDay(before.startedAt, now) !== day) && <h3 className={styles['day']}>{day}</h3>}
        <EntryButton entry={entry} />
      </div>
    );
  });
}

function EntryButton({ entry }: { readonly entry: HistoryEntry }) {
  const sql = entry.sql.replaceAll(/\s+/g, ' ').trim();
  const open = () => void openQueryTab({ sql: entry.sql, connectionId: entry.connectionId });
  return (
    <ContextMenu
      entries={[
        { label: 'Open in a new tab', onSelect: open },
        { label: 'Copy SQL', onSelect: () => void copyText(entry.sql) },
      ]}
    >
      <button
        type="button"
        className={styles['entry']}
        onClick={open}
        title={`${entry.sql.slice(0, 1000)}\n\n${formatAbsolute(entry.startedAt)} on ${entry.connectionName}`}
      >
        <OutcomeIcon outcome={entry.outcome} />
        <span className={styles['entrySql']}>{sql}</span>
        <span className={styles['entryMeta']}>
          {formatAbsolute(entry.startedAt).slice(11, 16)}
          {entry.durationMs !== null && (
            <>
              {' · '}
              <span className={classNames(isSlow(entry) && styles['warning'])}>
                {formatDuration(entry.durationMs)}
                {isSlow(entry) && ' slow'}
              </span>
            </>
          )}
          {entry.error !== null ? ` · ${entry.error}` : entry.rows !== null && ` · ${countOf(entry.rows, 'row')}`}
        </span>
      </button>
    </ContextMenu>
  );
}

/** Half a second is when people begin to wait. */
function isSlow({ outcome, durationMs }: HistoryEntry): boolean {
  return outcome === 'done' && durationMs !== null && durationMs > 500;
}

function OutcomeIcon({ outcome }: { readonly outcome: HistoryEntry['outcome'] }) {
  if (outcome === 'done') return <CircleCheck size={13} className={styles['good']} aria-label="Done" />;
  if (outcome === 'failed') return <CircleAlert size={13} className={styles['critical']} aria-label="Failed" />;
  return <CircleSlash size={13} className={styles['dim']} aria-label="Cancelled" />;
}
