import { useMemo } from 'react';

import type { Plan } from '#contract/plan-model.ts';

import { countOf, formatCount } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Button } from '../../ui/button.tsx';
import { Duration } from '../../ui/quantity.tsx';

import { openPastedPlan, pastedTitle } from './plan-tabs.ts';
import styles from './plans-home.module.css';

interface FoundPlan {
  readonly plan: Plan;
  readonly place: number;
}

const columnsFor = (pasteId: string): readonly DataColumn<FoundPlan>[] => [
  { id: 'place', header: 'No.', width: 60, align: 'right', value: ({ place }) => place + 1 },
  {
    id: 'plan',
    header: 'Plan',
    width: 220,
    grow: true,
    value: ({ plan }) => titleOf(plan),
    cell: ({ plan, place }) => (
      <button type="button" className={styles['open']} onClick={() => openPastedPlan(plan, pasteId, place)}>
        {titleOf(plan)}
      </button>
    ),
  },
  {
    id: 'time',
    header: 'Execution',
    width: 110,
    align: 'right',
    value: ({ plan }) => plan.executionMs ?? null,
    cell: ({ plan }) => <Duration ms={plan.executionMs} />,
  },
  {
    id: 'nodes',
    header: 'Nodes',
    width: 80,
    align: 'right',
    value: ({ plan }) => plan.nodes.length,
    cell: ({ plan }) => formatCount(plan.nodes.length),
  },
  { id: 'findings', header: 'Findings', width: 90, align: 'right', value: ({ plan }) => plan.insights.length },
];

function titleOf(plan: Plan): string {
  return plan.queryText?.replaceAll(/\s+/g, ' ').slice(0, 300) ?? pastedTitle(plan);
}

const mostOpenedAtOnce = 10;

/** Several plans in one paste: each opens in its own tab. */
export function FoundPlans({ plans, pasteId }: { readonly plans: readonly Plan[]; readonly pasteId: string }) {
  const columns = useMemo(() => columnsFor(pasteId), [pasteId]);
  const rows = plans.map((plan, place) => ({ plan, place }));
  return (
    <div className={styles['found']}>
      <div className={styles['foundHead']}>
        <h2>{countOf(plans.length, 'plan')} found</h2>
        {plans.length <= mostOpenedAtOnce && (
          <Button onClick={() => rows.forEach(({ plan, place }) => openPastedPlan(plan, pasteId, place))}>
            Open all
          </Button>
        )}
      </div>
      <div className={styles['foundList']} style={{ height: Math.min(9, plans.length + 1) * 29 + 4 }}>
        <DataTable
          label="Plans found"
          columns={columns}
          rows={rows}
          rowKey={({ place }) => String(place)}
          onOpen={({ plan, place }) => openPastedPlan(plan, pasteId, place)}
        />
      </div>
    </div>
  );
}
