import { ZoomOut } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import { classNames } from '../../lib/class-names.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { Button } from '../../ui/button.tsx';

import { icicleLayout } from './icicle-layout.ts';
import styles from './icicle-view.module.css';
import { heatStep } from './plan-heat.ts';
import type { PlanIndex } from './plan-index.ts';
import { lensText } from './plan-marks.ts';
import { nodeLabelOf } from './plan-names.ts';

export interface IcicleViewProps {
  readonly index: PlanIndex;
  readonly chosenId: number;
  readonly onChoose: (id: number) => void;
}

const levelHeight = 26;
/** Narrower than this share of the width nothing can be read or hit. */
const leastWidth = 0.003;

/** The plan by time: each node as wide as it and everything below it took, coloured by what it took itself. */
export function IcicleView({ index, chosenId, onChoose }: IcicleViewProps) {
  const [rootId, setRootId] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const rects = useMemo(() => icicleLayout(index, rootId, leastWidth), [index, rootId]);
  const levels = rects.reduce((most, rect) => Math.max(most, rect.level + 1), 1);

  function press(event: KeyboardEvent): void {
    const node = index.plan.nodes[chosenId];
    const parent = node?.parentId ?? null;
    const siblings = parent === null ? [] : (index.children[parent] ?? []);
    const at = siblings.indexOf(chosenId);
    const targets: Readonly<Record<string, number | null | undefined>> = {
      ArrowUp: parent,
      ArrowDown: index.children[chosenId]?.[0],
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
        <p>
          {index.metric === 'time'
            ? 'Width: time with everything below. Colour: time of its own.'
            : 'Width: cost with everything below. Colour: cost of its own.'}{' '}
          Double-click or Enter looks closer.
        </p>
        {rootId !== 0 && (
          <Button size="small" icon={ZoomOut} onClick={() => setRootId(0)}>
            Whole plan
          </Button>
        )}
      </div>
      <div className={styles['scroller']} ref={list} role="listbox" aria-label="Icicle" tabIndex={0} onKeyDown={press}>
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
            return (
              <div
                key={id}
                role="option"
                aria-selected={id === chosenId}
                className={classNames(styles['rect'], styles[`heat${heatStep(index.shares[id] ?? 0)}`])}
                style={place}
                title={`${label}\n${lensText(index, id)}${withBelow(index, id)}`}
                onClick={() => onChoose(id)}
                onDoubleClick={() => setRootId(id)}
              >
                {label} <span className={styles['amount']}>{lensText(index, id)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function withBelow(index: PlanIndex, id: number): string {
  const total = index.plan.nodes[id]?.totalMs;
  return index.metric === 'time' && total !== undefined ? `\n${formatDuration(total)} with everything below` : '';
}
