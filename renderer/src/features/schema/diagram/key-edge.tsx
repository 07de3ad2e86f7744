import { useInternalNode } from '@xyflow/react';
import type { EdgeProps } from '@xyflow/react';
import { memo } from 'react';

import { classNames } from '../../../lib/class-names.ts';

import styles from './diagram.module.css';
import type { KeyEdge } from './flow-elements.ts';
import { keyLine, noIndexLabel } from './key-line.ts';
import { useRelated } from './related-tables.ts';

/** A foreign key between two cards, in crow's foot notation. */
export const KeyEdgeView = memo(function KeyEdgeView({ source, target, data }: EdgeProps<KeyEdge>) {
  const from = useInternalNode(source)?.internals.positionAbsolute;
  const to = useInternalNode(target)?.internals.positionAbsolute;
  const { selected, tables } = useRelated();
  const emphasis =
    selected === null || tables.size === 0 ? 'normal' : selected === source || selected === target ? 'strong' : 'weak';
  if (data === undefined || from === undefined || to === undefined) return null;
  const inPlace = same(from, data.fromAt) && same(to, data.toAt);
  const { path, child, parent, label } = keyLine(
    data.line,
    { at: from, width: data.fromWidth, y: data.fromY },
    { at: to, width: data.toWidth, y: data.toY },
    inPlace ? data.route : null,
  );
  return (
    <g className={classNames(styles['key'], label !== null && styles['unindexed'])} data-emphasis={emphasis}>
      <title>{data.words}</title>
      <path d={path} className={styles['keyReach']} />
      <path d={path + child.path + parent.path} className={styles['keyLine']} />
      {[child.circle, parent.circle].map((circle, index) =>
        circle === null ? null : (
          <circle
            key={index}
            cx={circle.center.x}
            cy={circle.center.y}
            r={circle.radius}
            className={styles['keyCircle']}
          />
        ),
      )}
      {label !== null && (
        <>
          <rect
            x={label.x}
            y={label.y}
            width={noIndexLabel.width}
            height={noIndexLabel.height}
            rx={3}
            className={styles['labelBack']}
          />
          <rect
            x={label.x}
            y={label.y}
            width={noIndexLabel.width}
            height={noIndexLabel.height}
            rx={3}
            className={styles['labelBox']}
          />
          <text x={label.x + noIndexLabel.width / 2} y={label.y + 12.2} textAnchor="middle" className={styles['label']}>
            {noIndexLabel.text}
          </text>
        </>
      )}
    </g>
  );
});

function same(a: { readonly x: number; readonly y: number }, b: { readonly x: number; readonly y: number }): boolean {
  return Math.abs(a.x - b.x) < 0.6 && Math.abs(a.y - b.y) < 0.6;
}
