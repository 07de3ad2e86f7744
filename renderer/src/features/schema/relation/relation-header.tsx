import { RotateCw, SquareTerminal, Workflow } from 'lucide-react';
import type { ReactNode } from 'react';

import type { RelationDetail } from '#contract/schema.ts';

import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Bytes, ShortCount } from '../../../ui/quantity.tsx';
import { isInDiagram, relationIcons } from '../relation-kinds.ts';
import { openRelation, openRowsQuery, refreshSchema, showTableInDiagram } from '../schema-actions.ts';

import styles from './relation.module.css';

/** What a relation is, how large, and what can be done with it. */
export function RelationHeader({
  connectionId,
  relation,
}: {
  readonly connectionId: string;
  readonly relation: RelationDetail;
}) {
  const Icon = relationIcons[relation.kind];
  const { partitionOf } = relation;
  return (
    <header className={styles['header']}>
      <div className={styles['titleRow']}>
        <Icon size={17} className={styles['kindIcon']} aria-hidden />
        <h1 className={styles['title']}>
          <span className={styles['schema']}>{relation.schema}.</span>
          {relation.name}
        </h1>
        <Badge>{partitionOf === null ? relation.kind : `partition, ${relation.kind}`}</Badge>
        <span className={styles['space']} />
        {isInDiagram(relation.kind) && partitionOf === null && (
          <Button icon={Workflow} onClick={() => showTableInDiagram(connectionId, relation)}>
            Show in diagram
          </Button>
        )}
        <Button icon={SquareTerminal} onClick={() => openRowsQuery(connectionId, relation)}>
          Select rows
        </Button>
        <IconButton icon={RotateCw} label="Refresh" onClick={() => void refreshSchema()} />
      </div>
      <dl className={styles['facts']}>
        {relation.sizeBytes !== null && (
          <Fact name="Size">
            <Bytes bytes={relation.sizeBytes} />
          </Fact>
        )}
        <SizeParts relation={relation} />
        {relation.kind !== 'view' && relation.kind !== 'sequence' && (
          <Fact
            name="Rows"
            title={relation.estimatedRows === null ? 'Never analyzed' : 'Estimated by the last ANALYZE or VACUUM'}
          >
            {relation.estimatedRows === null ? (
              'never analyzed'
            ) : (
              <>
                <span className={styles['about']}>≈</span>
                <ShortCount count={relation.estimatedRows} />
              </>
            )}
          </Fact>
        )}
        <Fact name="Owner">
          <span className={styles['mono']}>{relation.owner}</span>
        </Fact>
        {relation.partitionKey !== null && (
          <Fact name="Partitioned by">
            <span className={styles['mono']}>{relation.partitionKey}</span>
          </Fact>
        )}
        {partitionOf !== null && (
          <Fact name="Partition of">
            <button
              type="button"
              className={styles['link']}
              onClick={() => void openRelation(connectionId, partitionOf.oid)}
            >
              {partitionOf.schema}.{partitionOf.name}
            </button>{' '}
            <span className={styles['mono']}>{partitionOf.bound}</span>
          </Fact>
        )}
      </dl>
      {relation.comment !== null && <p className={styles['comment']}>{relation.comment}</p>}
    </header>
  );
}

function SizeParts({ relation }: { readonly relation: RelationDetail }) {
  if (relation.kind !== 'table' && relation.kind !== 'partitioned table' && relation.kind !== 'materialized view')
    return null;
  return (
    <>
      <Fact name="Table">
        <Bytes bytes={relation.tableBytes} />
      </Fact>
      <Fact name="Indexes">
        <Bytes bytes={relation.indexBytes} />
      </Fact>
      {relation.toastBytes !== null && relation.toastBytes > 0 && (
        <Fact name="TOAST">
          <Bytes bytes={relation.toastBytes} />
        </Fact>
      )}
    </>
  );
}

function Fact({
  name,
  title,
  children,
}: {
  readonly name: string;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles['fact']} title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
