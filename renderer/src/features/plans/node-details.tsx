import { Table2 } from 'lucide-react';

import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { Button } from '../../ui/button.tsx';

import { formatFactor } from './plan-heat.ts';
import { actualRowsOf, expectedRowsOf, ownBlocksOf, relationOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { lensText } from './plan-marks.ts';
import { nodeLabelOf } from './reader/plan-names.ts';
import { propertyRows, readSpeedOf, spillOf, workersOf } from './plan-properties.ts';
import styles from './plan-side.module.css';

/** The numbers of the chosen node, and all that the plan says about it. */
export function NodeDetails({
  index,
  id,
  onOpenObject,
}: {
  readonly index: PlanIndex;
  readonly id: number;
  readonly onOpenObject: ((id: number) => void) | null;
}) {
  const name = index.names[id];
  const node = index.plan.nodes[id];
  if (name === undefined || node === undefined) return null;
  const properties = propertyRows(node);
  const relation = relationOf(index, id);
  return (
    <section aria-label="Details of the node" className={styles['section']}>
      <div className={styles['detailsHead']}>
        <h2 className={styles['heading']}>{nodeLabelOf(name)}</h2>
        {relation !== null && onOpenObject !== null && (
          <Button size="small" look="quiet" icon={Table2} onClick={() => onOpenObject(id)}>
            Open {relation.name}
          </Button>
        )}
      </div>
      <dl className={styles['facts']}>
        {nodeFacts(index, id).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {properties.length > 0 && (
        <>
          <h3 className={styles['heading']}>Properties</h3>
          <dl className={styles['properties']} aria-label="Properties">
            {properties.map(([term, value]) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}

function nodeFacts(index: PlanIndex, id: number): (readonly [string, string])[] {
  const node = index.plan.nodes[id];
  if (node === undefined) return [];
  const facts: (readonly [string, string | null])[] = [];
  const actual = actualRowsOf(node);
  const expected = expectedRowsOf(node);
  const removed =
    (node.rowsRemovedByFilter ?? 0) + (node.rowsRemovedByJoinFilter ?? 0) + (node.rowsRemovedByIndexRecheck ?? 0);
  const factor = formatFactor(node.estimateFactor);
  const blocks = ownBlocksOf(node);
  const speed = readSpeedOf(index, node);
  const hasChildren = (index.lastDescendants[id] ?? id) > id;
  const workers = workersOf(node);
  if (node.neverExecuted) facts.push(['Executed', 'never']);
  else facts.push([index.metric === 'time' ? 'Self time' : 'Own cost', lensText(index, id).replace(/^cost /, '')]);
  if (!node.neverExecuted) {
    facts.push([
      'With everything below',
      index.metric === 'time' && node.totalMs !== undefined && hasChildren ? formatDuration(node.totalMs) : null,
    ]);
    facts.push(['Summed over processes', node.cpuMs === undefined ? null : formatDuration(node.cpuMs)]);
  }
  facts.push(
    actual !== null && removed > 0
      ? ['Rows kept / read', `${formatCount(actual)} / ${formatCount(actual + removed)}`]
      : ['Rows', actual === null ? null : formatCount(actual)],
  );
  facts.push([
    'Expected',
    expected === null ? null : `${formatCount(expected)}${factor === null || node.neverExecuted ? '' : ` (${factor})`}`,
  ]);
  facts.push([
    'Blocks hit / read',
    blocks === null ? null : `${formatCount(blocks.hit)} / ${formatCount(blocks.read)}`,
  ]);
  facts.push(['Read speed', speed === null ? null : `${formatBytes(speed)}/s`]);
  facts.push(['Spilled', spillOf(node)]);
  facts.push(['Loops', index.plan.analyzed && !node.neverExecuted ? formatCount(node.loops) : null]);
  facts.push([
    'Workers launched / planned',
    workers === null ? null : `${workers.launched ?? '–'} / ${workers.planned}`,
  ]);
  facts.push([
    'Cost, first row to last',
    node.totalCost === undefined ? null : `${formatCount(node.startupCost ?? 0)} to ${formatCount(node.totalCost)}`,
  ]);
  facts.push(['Row width', node.planWidth === undefined ? null : formatBytes(node.planWidth)]);
  return facts.flatMap(([term, value]) => (value === null ? [] : [[term, value] as const]));
}
