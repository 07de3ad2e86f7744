import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { HealthForecast } from '#contract/health.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCountShort } from '../../lib/format-count.ts';
import { formatRelative } from '../../lib/relative-time.ts';
import { useNow } from '../../lib/use-now.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

import styles from './health-panel.module.css';
import tables from './health.module.css';
import { TrendLine } from './trend-line.tsx';

const dayMs = 86_400_000;

/** What reaches its end, the soonest first, and a table of the numbers behind it. */
export function ForecastList({ connectionId }: { readonly connectionId: string }) {
  const [open, setOpen] = useState(false);
  const now = useNow(60_000);
  const { data } = useQuery(rpcQuery('health', 'forecasts', { connectionId }));
  const sorted = (data ?? []).toSorted(
    (left, right) => (left.reachedAt ?? '9').localeCompare(right.reachedAt ?? '9') || right.perDay - left.perDay,
  );
  if (sorted.length === 0) return null;
  return (
    <>
      <h2 className={styles['heading']}>Forecast</h2>
      <ul className={styles['groups']} aria-label="Forecast">
        {sorted.slice(0, 4).map((forecast) => (
          <li key={forecast.key}>
            <button
              type="button"
              className={styles['report']}
              title={forecast.confidenceReason}
              onClick={() => setOpen(true)}
            >
              <span className={styles['name']}>{forecast.label}</span>
              <span className={styles[soonTone(forecast, now)]}>{endWords(forecast, now)}</span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Dialog
          open
          onOpenChange={setOpen}
          title="Forecast"
          description="The rate is the median over the reports that were kept; the date is where it leads if nothing changes."
          size="large"
          footer={<Button onClick={() => setOpen(false)}>Close</Button>}
        >
          <ForecastTable forecasts={sorted} now={now} />
        </Dialog>
      )}
    </>
  );
}

function ForecastTable({ forecasts, now }: { readonly forecasts: readonly HealthForecast[]; readonly now: number }) {
  return (
    <table className={tables['plainTable']}>
      <thead>
        <tr>
          <th>What</th>
          <th>Trend</th>
          <th className={tables['number']}>Now</th>
          <th className={tables['number']}>Limit</th>
          <th className={tables['number']}>A day</th>
          <th className={tables['number']}>Reached</th>
          <th>Confidence</th>
        </tr>
      </thead>
      <tbody>
        {forecasts.map((forecast) => (
          <tr key={forecast.key}>
            <td>{forecast.label}</td>
            <td>
              <TrendLine points={forecast.points} tone="info" />
            </td>
            <td className={tables['number']}>{amount(forecast, forecast.value)}</td>
            <td className={tables['number']}>{forecast.limit === null ? '' : amount(forecast, forecast.limit)}</td>
            <td className={tables['number']}>
              {forecast.perDay > 0 ? '+' : ''}
              {amount(forecast, forecast.perDay)}
            </td>
            <td className={tables['number']} title={endWords(forecast, now)}>
              {forecast.reachedAt?.slice(0, 10) ?? 'not in sight'}
            </td>
            <td title={forecast.confidenceReason}>
              {forecast.confidence}: {forecast.confidenceReason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function amount({ unit }: HealthForecast, value: number): string {
  return unit === 'bytes' ? formatBytes(value) : formatCountShort(value);
}

function endWords(forecast: HealthForecast, now: number): string {
  if (forecast.reachedAt !== null) return formatRelative(forecast.reachedAt, now);
  return `${forecast.perDay > 0 ? '+' : ''}${amount(forecast, forecast.perDay)} a day`;
}

function soonTone({ reachedAt }: HealthForecast, now: number): 'critical' | 'warning' | 'count' {
  if (reachedAt === null) return 'count';
  const days = (Date.parse(reachedAt) - now) / dayMs;
  if (days < 30) return 'critical';
  return days < 180 ? 'warning' : 'count';
}
