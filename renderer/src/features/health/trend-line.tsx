import { classNames } from '../../lib/class-names.ts';
import { formatCount } from '../../lib/format-count.ts';

import styles from './health-card.module.css';
import tones from './tones.module.css';
import type { CardTone } from './health-words.ts';

export interface TrendLineProps {
  /** Oldest first. */
  readonly points: readonly { readonly at: string; readonly value: number }[];
  readonly tone: CardTone;
}

const width = 84;
const height = 18;

/** How a number moved over the last reports, from the lowest to the highest; its ends on hover. */
export function TrendLine({ points, tone }: TrendLineProps) {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [Date.parse(first.at), Date.parse(last.at)];
  const path = points.map(({ at, value }) => {
    const x = ((Date.parse(at) - from) / Math.max(1, to - from)) * (width - 4) + 2;
    const y = high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const words = `${short(first.value)} on ${first.at.slice(0, 10)}, ${short(last.value)} on ${last.at.slice(0, 10)}`;
  return (
    <svg
      className={classNames(styles['trend'], tones[tone])}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={`Trend: ${words}`}
    >
      <title>{words}</title>
      <polyline points={path.join(' ')} />
    </svg>
  );
}

function short(value: number): string {
  return formatCount(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
