import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Copy, Filter, History, ScrollText, SearchX, SquareTerminal, TriangleAlert } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo } from 'react';

import type { AuditCursor, AuditEntry, AuditPage } from '#contract/audit.ts';

import { countOf } from '../../lib/format-count.ts';
import { useNow } from '../../lib/use-now.ts';
import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SplitPane } from '../../ui/split-pane.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { showSection } from '../../workbench/workbench-store.ts';

import { auditColumns } from './audit-columns.tsx';
import { AuditDetail } from './audit-detail.tsx';
import { ExportMenu, ExportStrip } from './audit-exports.tsx';
import { AuditFilters } from './audit-filters.tsx';
import {
  contractFilter,
  copied,
  copyEntry,
  everything,
  filterAudit,
  selectEntry,
  setDetailHeight,
  useAudit,
} from './audit-store.ts';
import { awayWords } from './audit-words.ts';
import styles from './audit.module.css';

const pageSize = 200;

/** What Steward changed on any server: nobody changes or removes an entry here. */
export function AuditView() {
  const filter = useDeferredValue(useAudit((state) => state.filter));
  const now = useNow(60_000);
  const asked = useMemo(() => contractFilter(filter, now), [filter, now]);
  const list = useInfiniteQuery({
    queryKey: [...rpcKey('audit', 'list'), asked],
    queryFn: ({ pageParam, signal }) =>
      client.audit.list({ ...asked, limit: pageSize, ...(pageParam ? { before: pageParam } : {}) }, { signal }),
    initialPageParam: null as AuditCursor | null,
    getNextPageParam: (page: AuditPage) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  useAuditNews();
  const pages = list.data?.pages;
  const entries = useMemo(() => pages?.flatMap((page) => page.entries), [pages]);
  const newest = pages?.[0];
  const filtered = JSON.stringify(filter) !== JSON.stringify(everything);
  return (
    <Page
      title="Audit"
      padded={false}
      summary="Everything Steward changed on any server. Entries are only ever added."
      actions={
        <div className={styles['actions']}>
          <ExportMenu disabled={entries === undefined || entries.length === 0} />
        </div>
      }
    >
      <div className={styles['body']}>
        <div className={styles['head']}>
          {newest?.source === 'journal' && <AwayBanner page={newest} />}
          <ExportStrip />
          <AuditFilters entries={entries ?? noEntries} />
        </div>
        {list.error !== null && (
          <FailureView
            className={styles['failure']}
            failure={failureOf(list.error)}
            onRetry={() => void list.refetch()}
          />
        )}
        {list.isPending && <SkeletonRows rows={10} label="Reading the audit" />}
        {entries !== undefined && entries.length === 0 && <NoEntries filtered={filtered} />}
        {entries !== undefined && entries.length > 0 && (
          <Entries
            entries={entries}
            more={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        )}
      </div>
    </Page>
  );
}

const noEntries: readonly AuditEntry[] = [];

interface EntriesProps {
  readonly entries: readonly AuditEntry[];
  readonly more: boolean;
  readonly loading: boolean;
  readonly onMore: () => void;
}

function Entries({ entries, more, loading, onMore }: EntriesProps) {
  const selectedId = useAudit((state) => state.selectedId);
  const detailHeight = useAudit((state) => state.detailHeight);
  const selected = entries.find(({ id }) => id === selectedId);
  const table = (
    <div className={styles['list']}>
      <div className={styles['table']}>
        <DataTable
          label="Audit"
          columns={auditColumns}
          rows={entries}
          rowKey={({ id }) => id}
          selectedKey={selectedId}
          onSelect={({ id }) => selectEntry(id)}
          menuEntries={entryMenu}
          initialSort={{ columnId: 'when', descending: true }}
        />
      </div>
      <footer className={styles['foot']}>
        <span>
          {more
            ? `The newest ${countOf(entries.length, 'entry', 'entries')}`
            : countOf(entries.length, 'entry', 'entries')}
        </span>
        {more && (
          <Button size="small" look="quiet" icon={History} disabled={loading} onClick={onMore}>
            {loading ? 'Reading…' : 'Show older ones'}
          </Button>
        )}
      </footer>
    </div>
  );
  return (
    <div className={styles['place']}>
      <SplitPane
        direction="vertical"
        fixed="second"
        size={detailHeight}
        onSizeChange={setDetailHeight}
        min={140}
        minRest={160}
        label="Height of the entry"
        first={table}
        second={selected === undefined ? null : <AuditDetail key={selected.id} entry={selected} />}
      />
    </div>
  );
}

function entryMenu(entry: AuditEntry): readonly MenuEntry[] {
  const { sql, connectionId } = entry;
  return [
    ...(sql === null
      ? []
      : [
          {
            label: 'Open in a query tab',
            icon: SquareTerminal,
            onSelect: () => void runCommandWith('query.open', { sql, connectionId }),
          },
          { label: 'Copy SQL', icon: Copy, onSelect: () => void copied(sql, 'SQL copied') },
        ]),
    { label: 'Copy entry as JSON', icon: Copy, onSelect: () => void copyEntry(entry) },
    ...(connectionId === null
      ? []
      : [{ label: 'Only this connection', icon: Filter, onSelect: () => filterAudit({ connectionId }) }]),
  ];
}

function AwayBanner({ page }: { readonly page: AuditPage }) {
  return (
    <div className={styles['away']} role="status" aria-label="The store is away">
      <TriangleAlert size={16} className={styles['awayIcon']} aria-hidden />
      <div className={styles['awayWords']}>
        <p>
          <strong>The store is away.</strong> {awayWords(page.pending)}
        </p>
        {page.reason !== null && <p className={styles['dim']}>{page.reason}</p>}
      </div>
      <Button size="small" onClick={() => showSection('settings')}>
        Open Settings
      </Button>
    </div>
  );
}

function NoEntries({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyState
        icon={SearchX}
        title="Nothing matches"
        actions={<Button onClick={() => filterAudit(everything)}>Show everything</Button>}
      >
        No entry has all of what the filter asks for.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={ScrollText} title="Nothing has been changed yet">
      Each statement that may change something, each migration and each restore leaves an entry here: who, where, what,
      and how it ended.
    </EmptyState>
  );
}

/** Asks for the list again whenever something was recorded or merged, and when a store comes or goes. */
function useAuditNews(): void {
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      try {
        for await (const _ of await client.audit.watch(undefined, { signal: stop.signal }))
          await queryClient.invalidateQueries({ queryKey: rpcKey('audit', 'list') });
      } catch {
        // The channel is gone, which the frame tells; the next visit asks anew.
      }
    })();
    return () => stop.abort();
  }, []);
}
