import { ZoomOut } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import type { KeyboardEvent } from 'react';

import { classNames } from '../../lib/class-names.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';

import { icicleLayout, sumsBelow } from './icicle-layout.ts';
import styles from './icicle-view.module.css';
import { formatShare, heatStep } from './plan-heat.ts';
import { formatCost } from './plan-marks.ts';
import { childrenOf, measureOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { planMeasures } from './reader/plan-measures.ts';
import type { PlanMeasure } from './reader/plan-measures.ts';
import { nodeLabelOf } from './reader/plan-names.ts';

export interface IcicleViewProps {
  readonly index: PlanIndex;
  readonly chosenId: number;
  readonly onChoose: (id: number) => void;
}

const levelHeight = 26;
/** Narrower than this share of the width nothing can be read or hit. */
const leastWidth = 0.004;

const measureLabels: Readonly<Record<PlanMeasure, string>> = {
  own: 'Time',
  rows: 'Rows',
  blocks: 'Blocks',
  io: 'I/O',
  wal: 'WAL',
};

/** The plan by a measure: each node as wide as it and everything below it, coloured by what is its own. */
export function IcicleView({ index, chosenId, onChoose }: IcicleViewProps) {
  const baseId = useId();
  const [rootId, setRootId] = useState(0);
  const [wanted, setWanted] = useState<PlanMeasure>('own');
  const options = useMemo(
    () =>
      planMeasures
        .filter((measure) => measureOf(index, measure) !== null)
        .map((value) => ({
          value,
          label: value === 'own' && index.metric === 'cost' ? 'Cost' : measureLabels[value],
        })),
    [index],
  );
  const measure = options.some(({ value }) => value === wanted) ? wanted : 'own';
  const own = measureOf(index, measure) ?? index.own;
  const sums = useMemo(() => sumsBelow(index, own), [index, own]);
  const rects = useMemo(() => icicleLayout(index, own, rootId, leastWidth), [index, own, rootId]);
  const levels = rects.reduce((most, rect) => Math.max(most, rect.level + 1), 1);
  const whole = measure === 'own' ? index.total : (sums[0] ?? 0);

  function press(event: KeyboardEvent): void {
    const node = index.plan.nodes[chosenId];
    const parent = node?.parentId ?? null;
    const siblings = parent === null ? [] : childrenOf(index, parent);
    const at = siblings.indexOf(chosenId);
    const targets: Readonly<Record<string, number | null | undefined>> = {
      ArrowUp: parent,
      ArrowDown: childrenOf(index, chosenId)[0],
      ArrowRight: siblings[at + 1],
      ArrowLeft: siblings[at - 1],
    };
    if (event.key === 'Enter') setRootId(chosenId);
    else if (event.key === 'Backspace') setRootId(0);
    else if (event.key in targets) {
      const target = targets[event.key];
      if (target !== null && target !== undefined) onChoose(target);
    } else return;
    event.preventDefault();
  }

  return (
    <div className={styles['view']}>
      <div className={styles['bar']}>
        <Segmented label="Width by" value={measure} onValueChange={setWanted} options={options} />
        <p>Wide as a node and everything below it, coloured by its own part. Double-click or Enter looks closer.</p>
        {rootId !== 0 && (
          <Button size="small" icon={ZoomOut} onClick={() => setRootId(0)}>
            Whole plan
          </Button>
        )}
      </div>
      {whole === 0 && <p className={styles['nothing']}>{`The plan took no ${wordsOf(measure, index)}.`}</p>}
      <div
        className={styles['scroller']}
        role="listbox"
        aria-label="Icicle"
        aria-activedescendant={`${baseId}-${chosenId}`}
        tabIndex={0}
        onKeyDown={press}
      >
        <div className={styles['area']} style={{ height: levels * levelHeight }}>
          {rects.map(({ id, nodes, level, left, width }) => {
            const place = { top: level * levelHeight, left: `${left * 100}%`, width: `${width * 100}%` };
            if (id === null) {
              return (
                <div
                  key={`${level}:${left}`}
                  className={classNames(styles['rect'], styles['rest'])}
                  style={place}
                  title={`${countOf(nodes, 'smaller node')}`}
                >
                  {countOf(nodes, 'smaller node')}
                </div>
              );
            }
            const name = index.names[id];
            const label = name === undefined ? '' : nodeLabelOf(name);
            const share = whole === 0 ? 0 : (own[id] ?? 0) / whole;
            const amount = amountWords(own[id] ?? 0, share, measure, index);
            return (
              <div
                key={id}
                id={`${baseId}-${id}`}
                role="option"
                aria-selected={id === chosenId}
                className={classNames(styles['rect'], styles[`heat${heatStep(share)}`])}
                style={place}
                title={`${label}\n${amount}\n${amountOf(sums[id] ?? 0, measure, index)} with everything below`}
                onClick={() => onChoose(id)}
                onDoubleClick={() => setRootId(id)}
              >
                {`${label}  ${amount}`}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function amountWords(value: number, share: number, measure: PlanMeasure, index: PlanIndex): string {
  const amount = amountOf(value, measure, index);
  return share >= 0.01 ? `${amount} · ${formatShare(share)}` : amount;
}

function amountOf(value: number, measure: PlanMeasure, index: PlanIndex): string {
  switch (measure) {
    case 'own':
      return index.metric === 'time' ? formatDuration(value) : `cost ${formatCost(value)}`;
    case 'io':
      return formatDuration(value);
    case 'wal':
      return formatBytes(value);
    case 'rows':
      return countOf(Math.round(value), 'row');
    case 'blocks':
      return countOf(value, 'block');
  }
}

function wordsOf(measure: PlanMeasure, index: PlanIndex): string {
  return measure === 'own' ? (index.metric === 'time' ? 'time' : 'cost') : measureLabels[measure].toLowerCase();
}
