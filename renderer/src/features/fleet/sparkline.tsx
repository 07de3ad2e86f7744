import { formatBytes } from '../../lib/format-bytes.ts';

import styles from './fleet.module.css';

export interface SparklineProps {
  readonly samples: readonly { readonly at: string; readonly bytes: number }[];
}

const width = 44;
const height = 14;

/** The sizes of the last weeks as a line, from the smallest to the largest; its ends on hover. */
export function Sparkline({ samples }: SparklineProps) {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2)
    return <span className={styles['sparkline']} aria-hidden />;
  const sizes = samples.map(({ bytes }) => bytes);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const [from, to] = [Date.parse(first.at), Date.parse(last.at)];
  const points = samples.map(({ at, bytes }) => {
    const x = ((Date.parse(at) - from) / Math.max(1, to - from)) * (width - 2) + 1;
    const y = high === low ? height / 2 : height - 1.5 - ((bytes - low) / (high - low)) * (height - 3);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const words = `${formatBytes(first.bytes)} on ${first.at.slice(0, 10)}, ${formatBytes(last.bytes)} on ${last.at.slice(0, 10)}`;
  return (
    <svg className={styles['sparkline']} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
      <title>{words}</title>
      <polyline points={points.join(' ')} />
    </svg>
  );
}
