import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';

import { formatAbsolute, formatRelative } from '../../lib/relative-time.ts';
import { useNow } from '../../lib/use-now.ts';
import { rpcQuery } from '../../rpc/queries.ts';

import { compareWith } from './health-store.ts';
import styles from './health.module.css';
import { useSavedReports } from './use-health-report.ts';

/** What has changed since the report before the shown one; chosen, it shows the changes. */
export function SinceChip({
  connectionId,
  shownId,
}: {
  readonly connectionId: string;
  readonly shownId: string | null;
}) {
  const now = useNow(60_000);
  const reports = useSavedReports(connectionId).data ?? [];
  const place = reports.findIndex(({ id }) => id === shownId);
  const before = place < 0 ? undefined : reports[place + 1];
  const { data } = useQuery({
    ...rpcQuery('health', 'compare', { before: before?.id ?? '', after: shownId ?? '' }),
    enabled: before !== undefined && shownId !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (before === undefined || data === undefined) return null;
  const count = (kind: 'new' | 'gone' | 'worse' | 'better') =>
    data.changes.filter((change) => change.kind === kind).length;
  const parts = (['new', 'worse', 'gone', 'better'] as const)
    .map((kind) => [count(kind), kind] as const)
    .filter(([number]) => number > 0)
    .map(([number, kind]) => `${number} ${kind}`);
  return (
    <button
      type="button"
      className={styles['chip']}
      title={`Compared with the report of ${formatAbsolute(before.takenAt)}`}
      onClick={() => compareWith(connectionId, before.id)}
    >
      <GitCompareArrows size={13} aria-hidden />
      Since {formatRelative(before.takenAt, now)}:{' '}
      <span className={styles['chipCount']}>{parts.length === 0 ? 'nothing changed' : parts.join(', ')}</span>
    </button>
  );
}
