import type { RelationDetail } from '#contract/schema.ts';

import { formatCount } from '../../../lib/format-count.ts';
import { Badge } from '../../../ui/badge.tsx';
import { DataTable } from '../../../ui/data-table.tsx';
import type { DataColumn } from '../../../ui/data-table.tsx';
import { Bytes } from '../../../ui/quantity.tsx';
import { openRelation } from '../schema-actions.ts';

import { Mono } from './columns-table.tsx';
import styles from './relation.module.css';

interface TableProps {
  readonly relation: RelationDetail;
}

type Index = RelationDetail['indexes'][number];
type Constraint = RelationDetail['constraints'][number];
type Trigger = RelationDetail['triggers'][number];
type Policy = RelationDetail['policies'][number];
type Partition = RelationDetail['partitionList'][number];

const indexColumns: readonly DataColumn<Index>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 250,
    value: (index) => index.name,
    cell: (index) => (
      <>
        <span className={styles['columnName']} title={index.name}>
          {index.name}
        </span>
        {index.primary ? <Badge tone="accent">primary</Badge> : index.unique ? <Badge>unique</Badge> : null}
        {!index.valid && <Badge tone="critical">invalid</Badge>}
      </>
    ),
  },
  {
    id: 'definition',
    header: 'Definition',
    width: 320,
    grow: true,
    value: (index) => index.definition,
    cell: (index) => <Mono text={shortDefinition(index)} />,
  },
  {
    id: 'size',
    header: 'Size',
    width: 90,
    align: 'right',
    value: (index) => index.sizeBytes,
    cell: (index) => <Bytes bytes={index.sizeBytes} />,
  },
  {
    id: 'scans',
    header: 'Scans',
    width: 90,
    align: 'right',
    value: (index) => index.scans,
    cell: (index) => (index.scans === null ? '–' : formatCount(index.scans)),
  },
];

/** `btree (a, b) WHERE c`: the rest of the definition repeats the page. */
function shortDefinition(index: Index): string {
  const at = index.definition.indexOf(' USING ');
  return at === -1 ? index.definition : index.definition.slice(at + ' USING '.length);
}

/** The indexes of a relation. */
export function IndexesTable({ relation }: TableProps) {
  return (
    <DataTable
      label="Indexes"
      columns={indexColumns}
      rows={relation.indexes}
      rowKey={(index) => String(index.oid)}
      empty={<p className={styles['none']}>No indexes. Every query reads the whole table.</p>}
    />
  );
}

const constraintColumns: readonly DataColumn<Constraint>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 250,
    value: (constraint) => constraint.name,
    cell: (constraint) => (
      <>
        <span className={styles['columnName']} title={constraint.name}>
          {constraint.name}
        </span>
        {!constraint.validated && <Badge tone="warning">not validated</Badge>}
      </>
    ),
  },
  { id: 'kind', header: 'Kind', width: 110, value: (constraint) => constraint.kind },
  {
    id: 'definition',
    header: 'Definition',
    width: 360,
    grow: true,
    value: (constraint) => constraint.definition,
    cell: (constraint) => <Mono text={constraint.definition} />,
  },
];

/** The constraints of a relation. */
export function ConstraintsTable({ relation }: TableProps) {
  return (
    <DataTable
      label="Constraints"
      columns={constraintColumns}
      rows={relation.constraints}
      rowKey={(constraint) => `${constraint.kind} ${constraint.name}`}
      empty={<p className={styles['none']}>No constraints, not even a primary key.</p>}
    />
  );
}

const triggerColumns: readonly DataColumn<Trigger>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 240,
    value: (trigger) => trigger.name,
    cell: (trigger) => (
      <>
        <span className={styles['columnName']}>{trigger.name}</span>
        {!trigger.enabled && <Badge tone="warning">disabled</Badge>}
      </>
    ),
  },
  {
    id: 'definition',
    header: 'Definition',
    width: 420,
    grow: true,
    value: (trigger) => trigger.definition,
    cell: (trigger) => <Mono text={trigger.definition} />,
  },
];

/** The triggers of a relation. */
export function TriggersTable({ relation }: TableProps) {
  return (
    <DataTable label="Triggers" columns={triggerColumns} rows={relation.triggers} rowKey={(trigger) => trigger.name} />
  );
}

const policyColumns: readonly DataColumn<Policy>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 200,
    value: (policy) => policy.name,
    cell: (policy) => <span className={styles['columnName']}>{policy.name}</span>,
  },
  { id: 'command', header: 'For', width: 80, value: (policy) => policy.command },
  { id: 'roles', header: 'To', width: 140, value: (policy) => policy.roles.join(', ') },
  {
    id: 'using',
    header: 'Using',
    width: 220,
    grow: true,
    value: (policy) => policy.using,
    cell: (policy) => <Mono text={policy.using ?? ''} />,
  },
  {
    id: 'check',
    header: 'With check',
    width: 220,
    grow: true,
    value: (policy) => policy.check,
    cell: (policy) => <Mono text={policy.check ?? ''} />,
  },
];

/** The row-level security policies of a relation. */
export function PoliciesTable({ relation }: TableProps) {
  return (
    <DataTable label="Policies" columns={policyColumns} rows={relation.policies} rowKey={(policy) => policy.name} />
  );
}

const partitionColumns: readonly DataColumn<Partition>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 240,
    value: (partition) => partition.name,
    cell: (partition) => <span className={styles['columnName']}>{partition.name}</span>,
  },
  {
    id: 'bound',
    header: 'Bound',
    width: 360,
    grow: true,
    value: (partition) => partition.bound,
    cell: (partition) => <Mono text={partition.bound} />,
  },
  {
    id: 'size',
    header: 'Size',
    width: 100,
    align: 'right',
    value: (partition) => partition.sizeBytes,
    cell: (partition) => <Bytes bytes={partition.sizeBytes} />,
  },
];

/** The partitions of a partitioned table. Enter or double click opens one. */
export function PartitionsTable({ connectionId, relation }: TableProps & { readonly connectionId: string }) {
  return (
    <DataTable
      label="Partitions"
      columns={partitionColumns}
      rows={relation.partitionList}
      rowKey={(partition) => String(partition.oid)}
      onOpen={(partition) => void openRelation(connectionId, partition.oid)}
      menuEntries={(partition) => [{ label: 'Open', onSelect: () => void openRelation(connectionId, partition.oid) }]}
    />
  );
}
