import { useMemo } from 'react';

import type { ForeignKey, RelationDetail } from '#contract/schema.ts';

import { Badge } from '../../../ui/badge.tsx';
import { DataTable } from '../../../ui/data-table.tsx';
import type { DataColumn } from '../../../ui/data-table.tsx';
import { openRelation } from '../schema-actions.ts';

import { Mono } from './columns-table.tsx';
import styles from './relation.module.css';

interface RelationsViewProps {
  readonly connectionId: string;
  readonly relation: RelationDetail;
}

type Line = ForeignKey & { readonly outgoing: boolean };

/** The foreign keys of a table, from both sides. The other table's name opens it. */
export function RelationsView({ connectionId, relation }: RelationsViewProps) {
  const lines = useMemo<readonly Line[]>(
    () => [
      ...relation.references.map((key) => ({ ...key, outgoing: true })),
      ...relation.referencedBy.filter((key) => key.fromOid !== key.toOid).map((key) => ({ ...key, outgoing: false })),
    ],
    [relation],
  );
  const columns = useMemo(() => columnsFor(connectionId), [connectionId]);
  const open = (line: Line) => void openRelation(connectionId, otherOid(line));
  return (
    <DataTable
      label="Relations"
      columns={columns}
      rows={lines}
      rowKey={(line) => `${line.outgoing} ${line.oid}`}
      onOpen={open}
      menuEntries={(line) => [{ label: `Open ${otherName(line)}`, onSelect: () => open(line) }]}
      empty={<p className={styles['none']}>No foreign key leads from here or to here.</p>}
    />
  );
}

function columnsFor(connectionId: string): readonly DataColumn<Line>[] {
  return [
    {
      id: 'direction',
      header: 'Direction',
      width: 110,
      value: (line) => (line.outgoing ? 'references' : 'referenced by'),
      cell: (line) => <span className={styles['dim']}>{line.outgoing ? 'references' : 'referenced by'}</span>,
    },
    {
      id: 'table',
      header: 'Table',
      width: 190,
      grow: true,
      value: otherName,
      cell: (line) => (
        <button
          type="button"
          className={styles['link']}
          title={otherName(line)}
          onClick={() => void openRelation(connectionId, otherOid(line))}
        >
          {otherName(line)}
        </button>
      ),
    },
    {
      id: 'columns',
      header: 'Columns',
      width: 220,
      grow: true,
      value: columnsText,
      cell: (line) => <Mono text={columnsText(line)} />,
    },
    {
      id: 'state',
      header: 'Support',
      width: 96,
      value: (line) => (line.indexed ? (line.validated ? 'indexed' : 'not validated') : 'no index'),
      cell: (line) => (
        <>
          {line.indexed ? (
            line.validated && <span className={styles['dim']}>indexed</span>
          ) : (
            <Badge tone="warning">no index</Badge>
          )}
          {!line.validated && <Badge tone="warning">not validated</Badge>}
        </>
      ),
    },
    { id: 'multiplicity', header: 'Multiplicity', width: 146, value: multiplicity },
    { id: 'onDelete', header: 'On delete', width: 92, value: (line) => line.onDelete },
    { id: 'onUpdate', header: 'On update', width: 92, value: (line) => line.onUpdate },
    {
      id: 'name',
      header: 'Constraint',
      width: 220,
      value: (line) => line.name,
      cell: (line) => <Mono text={line.name} />,
    },
  ];
}

function otherOid(line: Line): number {
  return line.outgoing ? line.toOid : line.fromOid;
}

function otherName(line: Line): string {
  return line.outgoing ? `${line.toSchema}.${line.toTable}` : `${line.fromSchema}.${line.fromTable}`;
}

function columnsText(line: Line): string {
  return `${line.fromColumns.join(', ')} → ${line.toColumns.join(', ')}`;
}

function multiplicity(line: Line): string {
  return `${line.unique ? 'one' : 'many'} to ${line.optional ? 'zero or one' : 'one'}`;
}
