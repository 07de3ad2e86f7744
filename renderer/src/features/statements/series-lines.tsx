import type { StatementDetail } from '#contract/statements.ts';

import { formatDuration } from '../../lib/format-duration.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';

import { splitRate } from './statement-words.ts';
import styles from './statements.module.css';

const width = 300;
const height = 34;

/** How mean time and calls went from snapshot to snapshot; the points with their values on hover. */
export function SeriesLines({ series }: { readonly series: StatementDetail['series'] }) {
  if (series.length < 2)
    return (
      <p className={styles['quiet']}>
        {series.length === 0
          ? 'One snapshot shows no course yet.'
          : 'Two snapshots make one point. The next one makes a line.'}
      </p>
    );
  return (
    <div className={styles['series']}>
      <Line
        label="Mean"
        points={series.map(({ at, meanMs, calls }) => ({
          at,
          value: meanMs,
          words: meanMs === null ? (calls === null ? 'not known' : 'no calls') : formatDuration(meanMs),
        }))}
      />
      <Line
        label="Calls"
        points={series.map(({ at, calls, spanMs }) => {
          const rate = calls === null ? null : splitRate(calls, spanMs);
          return {
            at,
            value: calls === null ? null : (calls * 1000) / Math.max(1, spanMs),
            words: rate === null ? (calls === null ? 'not known' : 'none') : `${rate.value}${rate.unit}`,
          };
        })}
      />
    </div>
  );
}

interface Point {
  readonly at: string;
  readonly value: number | null;
  readonly words: string;
}

function Line({ label, points }: { readonly label: string; readonly points: readonly Point[] }) {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const high = Math.max(...values, 0);
  const last = points.at(-1);
  const [from, to] = [Date.parse(points[0]?.at ?? ''), Date.parse(points.at(-1)?.at ?? '')];
  const place = (point: Point) => ({
    x: ((Date.parse(point.at) - from) / Math.max(1, to - from)) * (width - 8) + 4,
    y: height - 3 - (high === 0 ? 0 : ((point.value ?? 0) / high) * (height - 7)),
  });
  const top = points.find(({ value }) => value === high);
  return (
    <figure className={styles['line']}>
      <figcaption>
        <span>{label}</span>
        <span className={styles['lineWords']}>
          {last === undefined ? 'none' : `${last.words} now${top === undefined ? '' : `, ${top.words} at most`}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label} from snapshot to snapshot: ${last?.words ?? 'none'} now`}
      >
        <line x1="0" y1={height - 3} x2={width} y2={height - 3} className={styles['base']} />
        {runs(points).map((run) => (
          <polyline
            key={run[0]?.at}
            points={run.map((point) => `${place(point).x.toFixed(1)},${place(point).y.toFixed(1)}`).join(' ')}
          />
        ))}
        {points.map((point, index) => {
          const { x, y } = place(point);
          return (
            <g key={point.at}>
              {isAlone(points, index) && <circle cx={x} cy={y} r="2" />}
              <rect x={x - width / points.length / 2} y="0" width={width / points.length} height={height}>
                <title>{`${formatAbsolute(point.at)}: ${point.words}`}</title>
              </rect>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

/** A point between gaps, which makes no line. */
function isAlone(points: readonly Point[], index: number): boolean {
  const isKnown = (at: number) => typeof points[at]?.value === 'number';
  return isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1);
}

/** Points in a row that have values: where statistics were reset there is a gap. */
function runs(points: readonly Point[]): Point[][] {
  const found: Point[][] = [[]];
  for (const point of points) {
    if (point.value === null) found.push([]);
    else found.at(-1)?.push(point);
  }
  return found.filter((run) => run.length > 1);
}
