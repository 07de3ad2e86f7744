import { ChevronDown, ChevronRight } from 'lucide-react';

import { classNames } from '../../lib/class-names.ts';
import { formatCount } from '../../lib/format-count.ts';
import { Duration } from '../../ui/quantity.tsx';

import { farOff, formatFactor } from './plan-heat.ts';
import { actualRowsOf, expectedRowsOf, ownBlocksOf } from './plan-index.ts';
import type { PlanIndex } from './plan-index.ts';
import { formatCost } from './plan-marks.ts';
import styles from './plan-tree.module.css';
import type { TreeRow } from './tree-rows.ts';

export interface PlanTreeRowProps {
  readonly id: string;
  readonly index: PlanIndex;
  readonly row: TreeRow;
  readonly place: number;
  /** In pixels. */
  readonly top: number;
  readonly chosen: boolean;
  readonly onChoose: (id: number) => void;
  readonly onToggle: (id: number, expanded: boolean) => void;
}

/** Deeper levels than this are not indented further: plans can be hundreds of levels deep. */
const deepestIndent = 24;

/** One node of the tree. */
export function PlanTreeRow({ id, index, row, place, top, chosen, onChoose, onToggle }: PlanTreeRowProps) {
  const node = index.plan.nodes[row.id];
  const name = index.names[row.id];
  if (node === undefined || name === undefined) return null;
  const blocks = ownBlocksOf(node);
  const share = index.shares[row.id] ?? 0;
  const actual = actualRowsOf(node);
  const expected = expectedRowsOf(node);
  const isFarOff = !node.neverExecuted && (node.estimateFactor ?? 0) >= farOff;
  const Chevron = row.expanded === true ? ChevronDown : ChevronRight;
  return (
    <div
      id={id}
      role="row"
      aria-level={row.depth + 1}
      aria-rowindex={place + 2}
      aria-selected={chosen}
      aria-expanded={row.expanded ?? undefined}
      className={classNames(styles['row'], node.neverExecuted && styles['never'])}
      style={{ top }}
      onClick={() => onChoose(row.id)}
      onDoubleClick={() => {
        if (row.expanded !== null) onToggle(row.id, !row.expanded);
      }}
    >
      <span role="gridcell" className={styles['node']} style={{ paddingLeft: Math.min(row.depth, deepestIndent) * 16 }}>
        {row.expanded === null ? (
          <span className={styles['leaf']} aria-hidden>
            ·
          </span>
        ) : (
          <button
            type="button"
            tabIndex={-1}
            className={styles['toggle']}
            aria-label={`${row.expanded ? 'Collapse' : 'Expand'} ${name.kind}`}
            onClick={(event) => {
              event.stopPropagation();
              onToggle(row.id, row.expanded === false);
            }}
          >
            <Chevron size={13} aria-hidden />
          </button>
        )}
        {node.subplanName !== undefined && <span className={styles['subplan']}>{node.subplanName}</span>}
        <span className={styles['kind']}>{name.kind}</span>
        {name.object !== null && <span className={styles['object']}>{name.object}</span>}
        {name.index !== null && <span className={styles['index']}>{name.index}</span>}
        {node.neverExecuted && <span className={styles['index']}>never executed</span>}
      </span>
      <span role="gridcell" aria-label={`${Math.round(share * 100)} %`}>
        <span className={styles['bar']}>
          <span style={{ width: `${Math.max(share > 0.001 ? 1.5 : 0, share * 100)}%` }} />
        </span>
      </span>
      <span role="gridcell">
        {node.neverExecuted ? (
          '–'
        ) : index.metric === 'time' ? (
          <Duration ms={node.selfMs} />
        ) : (
          formatCost(index.own[row.id] ?? 0)
        )}
      </span>
      <span role="gridcell">{actual === null ? '–' : formatCount(actual)}</span>
      <span role="gridcell" className={styles['dim']}>
        {expected === null ? '–' : formatCount(expected)}
      </span>
      <span role="gridcell" className={isFarOff ? styles['warning'] : styles['dim']}>
        {(node.neverExecuted ? null : formatFactor(node.estimateFactor)) ?? '–'}
      </span>
      <span role="gridcell">
        {blocks === null || blocks.hit + blocks.read === 0 ? '–' : formatCount(blocks.hit + blocks.read)}
      </span>
    </div>
  );
}
