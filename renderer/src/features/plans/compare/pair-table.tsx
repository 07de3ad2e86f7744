import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef } from 'react';
import type { KeyboardEvent } from 'react';

import { classNames } from '../../../lib/class-names.ts';
import { formatCount } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';

import { formatCost } from '../plan-marks.ts';

import rowStyles from '../node-rows.module.css';
import styles from './comparison.module.css';
import type { PairRow } from './pair-rows.ts';

export interface PairTableProps {
  readonly rows: readonly PairRow[];
  readonly basis: 'time' | 'cost' | 'none';
  readonly chosen: number;
  readonly onChoose: (place: number) => void;
}

const rowHeight = 28;
const deepestIndent = 20;
const mostWords = 3;

/** Every node of both plans, matched: what changed, and what it took before and after. Draws only the rows in sight. */
export function PairTable({ rows, basis, chosen, onChoose }: PairTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 4,
    scrollPaddingStart: rowHeight,
  });
  useEffect(() => {
    virtualizer.scrollToIndex(chosen);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the virtualizer is another object each time.
  }, [chosen]);
  const widest = rows.reduce(
    (most, { ownBefore, ownAfter }) => Math.max(most, Math.abs((ownAfter ?? 0) - (ownBefore ?? 0))),
    0,
  );

  function press(event: KeyboardEvent): void {
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + 12,
      PageUp: chosen - 12,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(rows.length - 1, target));
    onChoose(place);
  }

  return (
    <div
      ref={scroller}
      className={classNames(rowStyles['scroller'], styles['table'])}
      role="treegrid"
      aria-label="Nodes of both plans"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={`${baseId}-${chosen}`}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={rowStyles['header']} role="row">
        <span role="columnheader">Node</span>
        <span role="columnheader">Changed</span>
        <span role="columnheader">{basis === 'cost' ? 'Own cost before' : 'Self before'}</span>
        <span role="columnheader">{basis === 'cost' ? 'Own cost after' : 'Self after'}</span>
        <span role="columnheader">Won or lost</span>
        <span role="columnheader">Rows</span>
        <span role="columnheader">Blocks</span>
      </div>
      <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="rowgroup">
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const amount = basis === 'cost' ? formatCost : formatDuration;
          const delta = (row.ownAfter ?? 0) - (row.ownBefore ?? 0);
          return (
            <div
              key={item.key}
              id={`${baseId}-${item.index}`}
              role="row"
              aria-level={row.depth + 1}
              aria-selected={item.index === chosen}
              className={classNames(rowStyles['row'], styles['row'], styles[row.state])}
              style={{ top: item.start }}
              onClick={() => onChoose(item.index)}
            >
              <span
                role="gridcell"
                className={styles['node']}
                style={{ paddingLeft: Math.min(row.depth, deepestIndent) * 16 }}
                title={row.formerly === null ? row.label : `${row.formerly} → ${row.label}`}
              >
                {row.label}
              </span>
              <span role="gridcell" className={styles['words']}>
                {row.state === 'added' && <b className={styles['new']}>new</b>}
                {row.state === 'removed' && <b className={styles['gone']}>gone</b>}
                {row.words.slice(0, mostWords).join(', ')}
                {row.words.length > mostWords ? ` +${row.words.length - mostWords}` : ''}
              </span>
              <span role="gridcell">{row.ownBefore === null ? '–' : amount(row.ownBefore)}</span>
              <span role="gridcell">{row.ownAfter === null ? '–' : amount(row.ownAfter)}</span>
              <DeltaCell delta={delta} widest={widest} words={amount(Math.abs(delta))} />
              <span role="gridcell" title={both(row.rowsBefore, row.rowsAfter)}>
                {change(row.rowsBefore, row.rowsAfter)}
              </span>
              <span role="gridcell" title={both(row.blocksBefore, row.blocksAfter)}>
                {change(row.blocksBefore, row.blocksAfter)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A bar to the left for what was won, to the right for what was lost; the sign says it without the colour. */
function DeltaCell({
  delta,
  widest,
  words,
}: {
  readonly delta: number;
  readonly widest: number;
  readonly words: string;
}) {
  const share = widest === 0 ? 0 : Math.abs(delta) / widest;
  if (share < 0.005)
    return (
      <span role="gridcell" className={styles['delta']}>
        –
      </span>
    );
  const won = delta < 0;
  return (
    <span
      role="gridcell"
      className={classNames(styles['delta'], won ? styles['won'] : styles['lost'])}
      style={{ '--share': `${Math.max(2, share * 50)}%` }}
    >
      {won ? '−' : '+'}
      {words}
    </span>
  );
}

function change(before: number | null, after: number | null): string {
  if (before === after) return after === null ? '–' : formatCount(after);
  return `${before === null ? '–' : formatCount(before)} → ${after === null ? '–' : formatCount(after)}`;
}

function both(before: number | null, after: number | null): string {
  return `before ${before === null ? '–' : formatCount(before)}, after ${after === null ? '–' : formatCount(after)}`;
}
