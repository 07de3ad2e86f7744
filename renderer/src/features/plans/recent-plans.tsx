import { useQuery } from '@tanstack/react-query';
import { ListTree } from 'lucide-react';

import type { SavedPlan } from '#contract/plans.ts';

import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Duration } from '../../ui/quantity.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { runCommand, runCommandWith } from '../../workbench/commands.ts';

import { openComparison } from './compare/open-comparison.ts';
import { openSavedPlan } from './plan-tabs.ts';
import styles from './plans-home.module.css';

const columns: readonly DataColumn<SavedPlan>[] = [
  {
    id: 'sql',
    header: 'Statement',
    width: 240,
    grow: true,
    value: (saved) => saved.sql,
    cell: (saved) => (
      <button type="button" className={styles['open']} onClick={() => openSavedPlan(saved)}>
        {saved.sql === null ? 'Statement not kept' : saved.sql.replaceAll(/\s+/g, ' ').slice(0, 400)}
      </button>
    ),
  },
  {
    id: 'where',
    header: 'Database',
    width: 190,
    value: (saved) => [saved.connectionName, saved.database].filter((part) => part !== null).join(' / '),
  },
  {
    id: 'execution',
    header: 'Execution',
    width: 110,
    align: 'right',
    value: (saved) => saved.executionMs,
    cell: (saved) =>
      saved.analyzed ? <Duration ms={saved.executionMs} /> : <span className={styles['hint']}>not run</span>,
  },
  {
    id: 'taken',
    header: 'Taken',
    width: 120,
    align: 'right',
    value: (saved) => saved.takenAt,
    cell: (saved) => <RelativeTime at={saved.takenAt} />,
  },
];

/** The plans that were taken before, newest first. */
export function RecentPlans() {
  const { data, error, refetch } = useQuery(rpcQuery('plans', 'history', { limit: 100 }));
  return (
    <section className={styles['recent']} aria-label="Recent plans">
      <h2>Recent plans</h2>
      <div className={styles['recentBody']}>
        {error !== null && <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />}
        {error === null && data === undefined && <SkeletonRows rows={5} label="Reading the history of plans" />}
        {error === null && data?.length === 0 && (
          <EmptyState
            icon={ListTree}
            title="No plans taken yet"
            actions={<Button onClick={() => void runCommand('query.new')}>New query</Button>}
          >
            Choose Explain in a query tab: every plan is kept here, so that you can see what a change has brought.
          </EmptyState>
        )}
        {data !== undefined && data.length > 0 && (
          <DataTable
            label="Recent plans"
            columns={columns}
            rows={data}
            rowKey={(saved) => saved.id}
            onOpen={openSavedPlan}
            initialSort={{ columnId: 'taken', descending: true }}
            menuEntries={(saved) => [
              { label: 'Open plan', onSelect: () => openSavedPlan(saved) },
              {
                label: 'Compare with the one before',
                disabled: earlierOf(data, saved) === null,
                onSelect: () => {
                  const earlier = earlierOf(data, saved);
                  if (earlier !== null) openComparison({ kind: 'saved', saved: earlier }, { kind: 'saved', saved });
                },
              },
              {
                label: 'Open statement in a query tab',
                disabled: saved.sql === null,
                onSelect: () => void runCommandWith('query.open', { sql: saved.sql ?? '' }),
              },
            ]}
          />
        )}
      </div>
    </section>
  );
}

/** The newest plan of the same statement, on the same database, that was taken before another. */
function earlierOf(plans: readonly SavedPlan[], saved: SavedPlan): SavedPlan | null {
  if (saved.fingerprint === null) return null;
  return (
    plans.find(
      (other) =>
        other.id !== saved.id &&
        other.fingerprint === saved.fingerprint &&
        other.database === saved.database &&
        other.connectionId === saved.connectionId &&
        other.takenAt < saved.takenAt,
    ) ?? null
  );
}
