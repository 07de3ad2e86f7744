import { KeyRound, Link2 } from 'lucide-react';
import { useMemo } from 'react';

import type { RelationDetail } from '#contract/schema.ts';

import { DataTable } from '../../../ui/data-table.tsx';
import type { DataColumn } from '../../../ui/data-table.tsx';
import { ShortCount } from '../../../ui/quantity.tsx';

import { keyColumnsOf } from './relation-keys.ts';
import styles from './relation.module.css';

type Column = RelationDetail['columns'][number];

/** The columns of a relation with what the planner knows about their values. */
export function ColumnsTable({ relation }: { readonly relation: RelationDetail }) {
  const columns = useMemo(() => columnsFor(relation), [relation]);
  return (
    <DataTable
      label="Columns"
      columns={columns}
      rows={relation.columns}
      rowKey={(column) => String(column.position)}
      empty="This relation has no columns."
    />
  );
}

function columnsFor(relation: RelationDetail): readonly DataColumn<Column>[] {
  const { primary, foreign } = keyColumnsOf(relation);
  const analyzed = relation.columns.some((column) => column.nullFraction !== null);
  const described = relation.columns.some((column) => column.comment !== null);
  const statistics: readonly DataColumn<Column>[] = [
    {
      id: 'nulls',
      header: 'Nulls',
      width: 78,
      align: 'right',
      value: (column) => column.nullFraction,
      cell: (column) => <Percent fraction={column.nullFraction} />,
    },
    {
      id: 'distinct',
      header: 'Distinct',
      width: 86,
      align: 'right',
      value: (column) => distinctOf(column, relation.estimatedRows),
      cell: (column) => <ShortCount count={distinctOf(column, relation.estimatedRows)} />,
    },
    {
      id: 'correlation',
      header: 'Correlation',
      width: 94,
      align: 'right',
      value: (column) => column.correlation,
      cell: (column) =>
        column.correlation === null ? (
          <ShortCount count={null} />
        ) : (
          (Math.abs(column.correlation) < 0.005 ? 0 : column.correlation).toFixed(2)
        ),
    },
  ];
  return [
    {
      id: 'name',
      header: 'Name',
      width: 180,
      grow: true,
      value: (column) => column.name,
      cell: (column) => (
        <>
          {primary.has(column.name) ? (
            <KeyRound size={13} className={styles['primary']} aria-label="Primary key" />
          ) : foreign.has(column.name) ? (
            <Link2 size={13} className={styles['foreign']} aria-label="Foreign key" />
          ) : (
            <span className={styles['noKey']} />
          )}
          <span className={styles['columnName']} title={column.name}>
            {column.name}
          </span>
        </>
      ),
    },
    {
      id: 'type',
      header: 'Type',
      width: 204,
      value: (column) => column.type,
      cell: (column) => <Mono text={column.type} />,
    },
    {
      id: 'null',
      header: 'Null',
      width: 88,
      value: (column) => (column.notNull ? 'not null' : 'null'),
      cell: (column) => (
        <span className={column.notNull ? styles['normal'] : styles['dim']}>
          {column.notNull ? 'not null' : 'nullable'}
        </span>
      ),
    },
    {
      id: 'default',
      header: 'Default',
      width: 170,
      grow: true,
      value: defaultOf,
      cell: (column) => <Mono text={defaultOf(column) ?? ''} />,
    },
    ...(analyzed ? statistics : []),
    ...(described
      ? [
          {
            id: 'comment',
            header: 'Comment',
            width: 200,
            grow: true,
            value: (column: Column) => column.comment,
            cell: (column: Column) => (
              <span className={styles['cut']} title={column.comment ?? ''}>
                {column.comment}
              </span>
            ),
          },
        ]
      : []),
  ];
}

function defaultOf(column: Column): string | null {
  if (column.generated === 'stored' || column.generated === 'virtual')
    return `generated as ${column.default ?? ''} ${column.generated}`;
  if (column.generated !== null)
    return column.generated === 'identity always' ? 'identity, always' : 'identity, by default';
  return column.default;
}

/** pg_stats.n_distinct: negative values are a fraction of the rows. https://www.postgresql.org/docs/current/view-pg-stats.html */
function distinctOf(column: Column, estimatedRows: number | null): number | null {
  if (column.distinct === null) return null;
  if (column.distinct >= 0) return column.distinct;
  return estimatedRows === null ? null : Math.round(-column.distinct * estimatedRows);
}

function Percent({ fraction }: { readonly fraction: number | null }) {
  if (fraction === null) return <ShortCount count={null} />;
  const percent = fraction * 100;
  return (
    <span>
      {percent === 0 || percent >= 10 ? percent.toFixed(0) : percent.toFixed(1)}
      <span className={styles['unit']}>%</span>
    </span>
  );
}

/** Text in the data font, cut where it does not fit and whole on hover. */
export function Mono({ text }: { readonly text: string }) {
  return (
    <span className={styles['monoCut']} title={text}>
      {text}
    </span>
  );
}
