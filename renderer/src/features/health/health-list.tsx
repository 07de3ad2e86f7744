import { useVirtualizer } from '@tanstack/react-virtual';
import { SearchX, ShieldCheck } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import type { HealthReport } from '#contract/health-model.ts';

import { formatCount } from '../../lib/format-count.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';

import { CheckCard } from './check-card.tsx';
import { FindingCard } from './finding-card.tsx';
import { healthRows } from './health-cards.ts';
import type { HealthRow } from './health-cards.ts';
import { everything, filterHealth, useHealth } from './health-store.ts';
import styles from './health.module.css';
import { useFindingExtras } from './use-finding-extras.ts';
import type { FindingExtras } from './use-finding-extras.ts';

export interface HealthListProps {
  readonly report: HealthReport;
  /** False for a report of before: what it proposed then is not applied now. */
  readonly isNewest: boolean;
  readonly connectionId: string;
}

/** The cards of a report. Only those in sight are drawn, so thousands are fine. */
export function HealthList({ report, isNewest, connectionId }: HealthListProps) {
  const filter = useHealth((state) => state.filter);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const extras = useFindingExtras(connectionId, report.startedAt);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => healthRows(report, filter, unfolded), [report, filter, unfolded]);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 66,
    getItemKey: (place) => rows[place]?.key ?? place,
    overscan: 8,
  });

  useEffect(() => {
    // It answers a promise in newer engines, which is no clean-up.
    void scroller.current?.scrollTo({ top: 0 });
  }, [filter]);

  function toggle(key: string): void {
    setOpened(toggled(opened, key));
    // What it shows may lie below the edge.
    requestAnimationFrame(() =>
      scroller.current?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: 'nearest' }),
    );
  }

  function press(event: KeyboardEvent<HTMLDivElement>): void {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-card-head]')) return;
    const place = Number(event.target.closest('[data-index]')?.getAttribute('data-index'));
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined || target < 0 || target >= rows.length) return;
    event.preventDefault();
    virtualizer.scrollToIndex(target);
    const list = event.currentTarget;
    requestAnimationFrame(() =>
      list.querySelector<HTMLElement>(`[data-index="${target}"] [data-card-head]`)?.focus({ preventScroll: true }),
    );
  }

  if (rows.length === 0) return <NothingShown />;
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={styles['list']} onKeyDown={press} role="region" aria-label="Findings">
      <div style={{ paddingTop: before, paddingBottom: after }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={row.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              data-key={row.key}
              className={styles['listRow']}
            >
              <RowView
                row={row}
                connectionId={connectionId}
                isNewest={isNewest}
                extras={extras}
                open={opened.has(row.key)}
                onToggle={() => (row.kind === 'fold' ? setUnfolded(toggled(unfolded, row.key)) : toggle(row.key))}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowViewProps {
  readonly row: HealthRow;
  readonly connectionId: string;
  readonly isNewest: boolean;
  readonly extras: FindingExtras;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function RowView({ row, connectionId, isNewest, extras, open, onToggle }: RowViewProps) {
  switch (row.kind) {
    case 'finding':
      return (
        <FindingCard
          tone={row.tone}
          check={row.check}
          finding={row.finding}
          points={extras.points(row.check.id, row.finding.object)}
          fix={extras.fix(row.check.id, row.finding)}
          isNewest={isNewest}
          connectionId={connectionId}
          open={open}
          onToggle={onToggle}
        />
      );
    case 'check':
      return (
        <CheckCard tone={row.tone} check={row.check} connectionId={connectionId} open={open} onToggle={onToggle} />
      );
    case 'fold':
      return (
        <button type="button" className={styles['fold']} data-card-head aria-expanded={row.open} onClick={onToggle}>
          {row.open ? 'Show fewer' : `Show all ${formatCount(row.total)}`}
          <span className={styles['foldTitle']}>{row.check.title}</span>
        </button>
      );
  }
}

function NothingShown() {
  const filter = useHealth((state) => state.filter);
  if (filter.tone === 'all' && filter.text.trim() === '') {
    return (
      <EmptyState
        icon={ShieldCheck}
        title="Nothing found"
        actions={<Button onClick={() => filterHealth({ tone: 'ok' })}>Show the checks that passed</Button>}
      >
        Every check here passed.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={SearchX}
      title="Nothing matches the filter"
      actions={<Button onClick={() => filterHealth(everything)}>Clear the filter</Button>}
    >
      The report has findings and checks that the filter leaves out.
    </EmptyState>
  );
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}
