import { useMemo, useState } from 'react';

import { formatCount } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Duration } from '../../ui/quantity.tsx';
import { Segmented } from '../../ui/segmented.tsx';

import { formatFactor, formatShare } from './plan-heat.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { formatCost } from './plan-marks.ts';
import { statementRows } from './plan-properties.ts';
import { statisticsByFunction, statisticsByIndex, statisticsByKind, statisticsByTable } from './plan-statistics.ts';
import type { StatisticsRow } from './plan-statistics.ts';
import styles from './plans.module.css';

type Scope = 'kind' | 'table' | 'index' | 'function' | 'statement';

const scopes = {
  kind: { rows: statisticsByKind, label: 'By node type', noun: 'Node type', empty: 'The plan has no nodes.' },
  table: { rows: statisticsByTable, label: 'By table', noun: 'Table', empty: 'The plan reads no table.' },
  index: { rows: statisticsByIndex, label: 'By index', noun: 'Index', empty: 'The plan uses no index.' },
  function: {
    rows: statisticsByFunction,
    label: 'By function',
    noun: 'Function',
    empty: 'The plan reads from no function.',
  },
} as const;

/** Where the time went, taken together by kind of node or by table; and what holds for the whole statement. */
export function StatisticsView({ index }: { readonly index: PlanIndex }) {
  const [scope, setScope] = useState<Scope>('kind');
  const columns = useMemo(() => columnsOf(index, scope), [index, scope]);
  const rows = useMemo(() => (scope === 'statement' ? [] : scopes[scope].rows(index)), [index, scope]);
  return (
    <div className={styles['statistics']}>
      <div className={styles['scope']}>
        <Segmented
          label="Statistics by"
          value={scope}
          onValueChange={setScope}
          options={[
            { value: 'kind', label: scopes.kind.label },
            { value: 'table', label: scopes.table.label },
            { value: 'index', label: scopes.index.label },
            { value: 'function', label: scopes.function.label },
            { value: 'statement', label: 'Statement' },
          ]}
        />
      </div>
      <div className={styles['statisticsBody']}>
        {scope === 'statement' ? (
          <StatementFacts index={index} />
        ) : (
          <DataTable
            label={`Statistics ${scopes[scope].label.toLowerCase()}`}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.name}
            initialSort={{ columnId: 'own', descending: true }}
            empty={scopes[scope].empty}
          />
        )}
      </div>
    </div>
  );
}

function columnsOf(index: PlanIndex, scope: Scope): DataColumn<StatisticsRow>[] {
  const time = index.metric === 'time';
  return [
    {
      id: 'name',
      header: scope === 'statement' ? '' : scopes[scope].noun,
      width: 180,
      grow: true,
      value: (row) => row.name,
    },
    {
      id: 'nodes',
      header: 'Nodes',
      width: 76,
      align: 'right',
      value: (row) => row.nodes,
      cell: (row) => formatCount(row.nodes),
    },
    {
      id: 'own',
      header: time ? 'Self time' : 'Own cost',
      width: 96,
      align: 'right',
      value: (row) => row.own,
      cell: (row) => (time ? <Duration ms={row.own} /> : formatCost(row.own)),
    },
    {
      id: 'share',
      header: 'Share',
      width: 76,
      align: 'right',
      value: (row) => row.share,
      cell: (row) => formatShare(row.share) || '–',
    },
    {
      id: 'rows',
      header: 'Rows',
      width: 104,
      align: 'right',
      value: (row) => row.rows,
      cell: (row) => formatCount(row.rows),
    },
    {
      id: 'worst',
      header: 'Off by at most',
      width: 112,
      align: 'right',
      value: (row) => row.worstFactor,
      cell: (row) => formatFactor(row.worstFactor) ?? '–',
    },
    {
      id: 'blocks',
      header: 'Blocks',
      width: 92,
      align: 'right',
      value: (row) => row.blocks,
      cell: (row) => (row.blocks === null ? '–' : formatCount(row.blocks)),
    },
    {
      id: 'read',
      header: 'Read',
      width: 92,
      align: 'right',
      value: (row) => row.blocksRead,
      cell: (row) => (row.blocksRead === null ? '–' : formatCount(row.blocksRead)),
    },
  ];
}

function StatementFacts({ index: { plan } }: { readonly index: PlanIndex }) {
  const rows = statementRows(plan);
  if (rows.length === 0)
    return (
      <p className={styles['words']}>The plan says nothing about settings, triggers or just-in-time compilation.</p>
    );
  return (
    <dl className={styles['facts']} aria-label="About the statement">
      {rows.map(([name, value], place) => (
        <div key={`${name}:${place}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
