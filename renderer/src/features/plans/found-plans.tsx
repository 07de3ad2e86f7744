import { useMemo } from 'react';

import { countOf, formatCount } from '../../lib/format-count.ts';
import { useLatest } from '../../lib/use-latest.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Button } from '../../ui/button.tsx';
import { Duration } from '../../ui/quantity.tsx';

import styles from './plans-home.module.css';
import type { FoundPlan } from './reader/reader-protocol.ts';

interface FoundRow {
  readonly plan: FoundPlan;
  readonly place: number;
}

const columnsFor = (onOpen: (place: number) => void): readonly DataColumn<FoundRow>[] => [
  { id: 'place', header: 'No.', width: 60, align: 'right', value: ({ place }) => place + 1 },
  {
    id: 'plan',
    header: 'Plan',
    width: 220,
    grow: true,
    value: ({ plan }) => titleOf(plan),
    cell: ({ plan, place }) => (
      <button type="button" className={styles['open']} onClick={() => onOpen(place)}>
        {titleOf(plan)}
      </button>
    ),
  },
  {
    id: 'time',
    header: 'Execution',
    width: 110,
    align: 'right',
    value: ({ plan }) => plan.executionMs,
    cell: ({ plan }) => <Duration ms={plan.executionMs} />,
  },
  {
    id: 'nodes',
    header: 'Nodes',
    width: 80,
    align: 'right',
    value: ({ plan }) => plan.nodes,
    cell: ({ plan }) => formatCount(plan.nodes),
  },
  { id: 'findings', header: 'Findings', width: 90, align: 'right', value: ({ plan }) => plan.insights },
];

function titleOf(plan: FoundPlan): string {
  return plan.queryText?.replaceAll(/\s+/g, ' ').slice(0, 300) ?? plan.title;
}

const mostOpenedAtOnce = 10;

/** Several plans in one paste: each opens in its own tab. */
export function FoundPlans({
  plans,
  onOpen,
  onClose,
}: {
  readonly plans: readonly FoundPlan[];
  /** Opens plans by their places. */
  readonly onOpen: (places: readonly number[]) => void;
  readonly onClose: () => void;
}) {
  const latest = useLatest(onOpen);
  const columns = useMemo(() => columnsFor((place) => latest.current([place])), [latest]);
  const rows = plans.map((plan, place) => ({ plan, place }));
  return (
    <div className={styles['found']}>
      <div className={styles['foundHead']}>
        <h2>{countOf(plans.length, 'plan')} found</h2>
        {plans.length <= mostOpenedAtOnce && (
          <Button onClick={() => onOpen(rows.map(({ place }) => place))}>Open all</Button>
        )}
        <Button look="quiet" onClick={onClose}>
          Close list
        </Button>
      </div>
      <div className={styles['foundList']} style={{ height: Math.min(9, plans.length + 1) * 29 + 4 }}>
        <DataTable
          label="Plans found"
          columns={columns}
          rows={rows}
          rowKey={({ place }) => String(place)}
          onOpen={({ place }) => onOpen([place])}
        />
      </div>
    </div>
  );
}
