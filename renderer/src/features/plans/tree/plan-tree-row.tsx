import type { MouseEvent } from 'react';

import { classNames } from '../../../lib/class-names.ts';
import { formatCount } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';

import { formatCost } from '../plan-marks.ts';
import { relationOf } from '../reader/plan-index.ts';
import type { PlanIndex } from '../reader/plan-index.ts';
import type { Spread } from '../reader/sibling-runs.ts';

import rowStyles from '../node-rows.module.css';
import styles from './plan-tree.module.css';
import { cellText } from './tree-columns.ts';
import type { TreeColumn } from './tree-columns.ts';
import type { TreeRow } from './tree-rows.ts';

export interface PlanTreeRowProps {
  readonly id: string;
  readonly index: PlanIndex;
  readonly row: TreeRow;
  readonly columns: readonly TreeColumn[];
  readonly place: number;
  /** In pixels. */
  readonly top: number;
  readonly chosen: boolean;
  readonly onChoose: (row: TreeRow) => void;
  readonly onToggle: (row: TreeRow, expanded: boolean) => void;
  /** It was right-clicked. */
  readonly onPoint: (row: TreeRow) => void;
  /** Opens the page of what the node reads; null where that cannot be told. */
  readonly onOpenObject: ((id: number) => void) | null;
}

/** Deeper levels than this are not indented further: plans can be thousands of levels deep. */
const deepestIndent = 24;

/** One line of the tree. Few elements: a screen of them must stay cheap to draw. */
export function PlanTreeRow(props: PlanTreeRowProps) {
  const { id, index, row, place, top, chosen, onChoose, onToggle, onPoint } = props;
  const never = row.kind === 'node' && index.plan.nodes[row.id]?.neverExecuted === true;
  return (
    <div
      id={id}
      role="row"
      aria-level={row.depth + 1}
      aria-rowindex={place + 2}
      aria-selected={chosen}
      aria-expanded={row.expanded ?? undefined}
      className={classNames(
        rowStyles['row'],
        styles['row'],
        never && styles['never'],
        row.kind === 'run' && styles['run'],
      )}
      style={{ top }}
      onClick={() => onChoose(row)}
      onContextMenu={() => onPoint(row)}
      onDoubleClick={() => {
        if (row.expanded !== null) onToggle(row, !row.expanded);
      }}
    >
      {row.kind === 'run' ? <RunCells {...props} row={row} /> : <NodeCells {...props} row={row} never={never} />}
    </div>
  );
}

type OfKind<Kind extends TreeRow['kind']> = Omit<PlanTreeRowProps, 'row'> & {
  readonly row: Extract<TreeRow, { readonly kind: Kind }>;
};

function NodeCells({
  index,
  row,
  columns,
  onToggle,
  onOpenObject,
  never,
}: OfKind<'node'> & { readonly never: boolean }) {
  const node = index.plan.nodes[row.id];
  const name = index.names[row.id];
  if (node === undefined || name === undefined) return null;
  const opens = onOpenObject !== null && relationOf(index, row.id) !== null;
  const open = (event: MouseEvent) => {
    if (!opens) return;
    event.stopPropagation();
    onOpenObject(row.id);
  };
  return (
    <>
      <span role="gridcell" className={styles['node']} style={indented(row)}>
        <Toggle row={row} name={name.kind} onToggle={onToggle} />
        {node.subplanName !== undefined && <span className={styles['subplan']}>{node.subplanName}</span>}
        <span className={styles['kind']}>{name.kind}</span>
        {name.object !== null && (
          <span
            className={classNames(styles['object'], opens && styles['opens'])}
            title={opens ? `Open ${name.object}` : name.object}
            onClick={open}
          >
            {name.object}
          </span>
        )}
        {name.index !== null && (
          <span
            className={classNames(styles['index'], opens && styles['opens'])}
            title={opens ? `Open the table of ${name.index}` : name.index}
            onClick={open}
          >
            {name.index}
          </span>
        )}
        {never && <span className={styles['index']}>never executed</span>}
      </span>
      <Share share={index.shares[row.id] ?? 0} />
      {columns.map((column) => (
        <span key={column.id} role="gridcell" className={styles[column.tone?.(index, row.id) ?? 'number']}>
          {cellText(column, index, row.id)}
        </span>
      ))}
    </>
  );
}

/** Alike siblings: how many, and how their numbers are spread. */
function RunCells({ index, row, columns, onToggle }: OfKind<'run'>) {
  const { run } = row;
  return (
    <>
      <span role="gridcell" className={styles['node']} style={indented(row)} title={rangeOf(index, row)}>
        <Toggle row={row} name={`${formatCount(run.count)} × ${run.kind}`} onToggle={onToggle} />
        <span className={styles['kind']}>
          {formatCount(run.count)} × {run.kind}
        </span>
        <span className={styles['spread']}>{spreadWords(run.own, (value) => amountWords(index, value))}</span>
        {run.neverExecuted > 0 && (
          <span className={styles['index']}>{formatCount(run.neverExecuted)} never executed</span>
        )}
      </span>
      <Share share={index.total > 0 ? run.own.sum / index.total : 0} />
      {columns.map((column) => {
        const spread = column.spread?.(index, run) ?? null;
        const words = spread === null ? null : (value: number) => column.text(value, index, -1);
        return (
          <span
            key={column.id}
            role="gridcell"
            className={styles['number']}
            title={spread === null || words === null ? undefined : spreadWords(spread, words)}
          >
            {spread === null || words === null ? '–' : words(spread.sum)}
          </span>
        );
      })}
    </>
  );
}

/** `m_0001 … m_9999` */
function rangeOf(index: PlanIndex, { run }: OfKind<'run'>['row']): string {
  const first = index.plan.nodes[run.firstId];
  const last = index.plan.nodes.slice(run.firstId, run.endId + 1).findLast((node) => node.relation !== undefined);
  if (first?.relation === undefined || last?.relation === undefined) return 'alike';
  return `${first.relation} … ${last.relation}`;
}

function spreadWords({ min, median, max }: Spread, words: (value: number) => string): string {
  return `min ${words(min)} · median ${words(median)} · max ${words(max)}`;
}

function amountWords(index: PlanIndex, value: number): string {
  return index.metric === 'time' ? formatDuration(value) : `cost ${formatCost(value)}`;
}

function Toggle({
  row,
  name,
  onToggle,
}: {
  readonly row: TreeRow;
  readonly name: string;
  readonly onToggle: PlanTreeRowProps['onToggle'];
}) {
  if (row.expanded === null) return null;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles['toggle']}
      aria-label={`${row.expanded ? 'Collapse' : 'Expand'} ${name}`}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row, row.expanded === false);
      }}
    />
  );
}

function Share({ share }: { readonly share: number }) {
  const width = share > 0.001 ? Math.max(1.5, share * 100) : 0;
  return (
    <span
      role="gridcell"
      aria-label={`${Math.round(share * 100)} %`}
      className={styles['share']}
      style={{ '--share': `${Math.min(100, width)}%` }}
    />
  );
}

function indented(row: TreeRow) {
  // A leaf has no toggle: its name starts where those of its siblings do.
  return { paddingLeft: Math.min(row.depth, deepestIndent) * 14 + (row.expanded === null ? 22 : 0) };
}
