import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';

import type { RelationDetail } from '#contract/schema.ts';

import { failureOf } from '../../../rpc/failure.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { Skeleton, SkeletonRows } from '../../../ui/skeleton.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { ConnectionGate } from '../../../workbench/connection-gate.tsx';
import type { TabViewProps } from '../../../workbench/tab-kinds.ts';
import { updateTab } from '../../../workbench/workbench-store.ts';
import { refreshSchema } from '../schema-actions.ts';

import { ActivityView } from './activity-view.tsx';
import { ColumnsTable } from './columns-table.tsx';
import { DefinitionView } from './definition-view.tsx';
import { ConstraintsTable, IndexesTable, PartitionsTable, PoliciesTable, TriggersTable } from './relation-tables.tsx';
import { RelationHeader } from './relation-header.tsx';
import { pagesOf } from './relation-pages.ts';
import type { RelationPage } from './relation-pages.ts';
import { RelationsView } from './relations-view.tsx';
import styles from './relation.module.css';
import { RowsView } from './rows-view.tsx';

/** The page of one relation. */
export function RelationTabView({ tab }: TabViewProps) {
  const { state } = tab;
  const oid = typeof state === 'object' && state !== null && !Array.isArray(state) ? state['oid'] : null;
  const page = typeof state === 'object' && state !== null && !Array.isArray(state) ? state['page'] : null;
  return (
    <ConnectionGate connectionId={tab.connectionId} purpose={`to show ${tab.title}`}>
      {(connection) => (
        <Relation
          key={tab.id}
          tabId={tab.id}
          connectionId={connection.id}
          oid={typeof oid === 'number' ? oid : 0}
          page={typeof page === 'string' ? page : null}
        />
      )}
    </ConnectionGate>
  );
}

interface RelationProps {
  readonly tabId: string;
  readonly connectionId: string;
  readonly oid: number;
  readonly page: string | null;
}

function Relation({ tabId, connectionId, oid, page }: RelationProps) {
  const { data, error, refetch, isFetching } = useQuery(rpcQuery('schema', 'relation', { connectionId, oid }));
  if (error !== null) {
    return (
      <div className={styles['failure']}>
        <FailureView
          failure={failureOf(error)}
          actions={
            <Button
              size="small"
              icon={RotateCw}
              disabled={isFetching}
              onClick={() => void Promise.all([refetch(), refreshSchema()])}
            >
              Refresh
            </Button>
          }
        />
      </div>
    );
  }
  if (data === undefined) return <RelationSkeleton />;
  return <LoadedRelation tabId={tabId} connectionId={connectionId} relation={data} page={page} />;
}

interface LoadedRelationProps {
  readonly tabId: string;
  readonly connectionId: string;
  readonly relation: RelationDetail;
  readonly page: string | null;
}

function LoadedRelation({ tabId, connectionId, relation, page }: LoadedRelationProps) {
  const pages = pagesOf(relation);
  const first = pages[0]?.value ?? 'definition';
  const [chosen, setChosen] = useState(page);
  const shown = pages.find(({ value }) => value === chosen)?.value ?? first;
  return (
    <article className={styles['page']} aria-label={`${relation.schema}.${relation.name}`}>
      <RelationHeader connectionId={connectionId} relation={relation} />
      <Tabs
        label="Parts of the relation"
        className={styles['tabs']}
        items={pages}
        value={shown}
        onValueChange={(next) => {
          setChosen(next);
          updateTab(tabId, { state: { oid: relation.oid, page: next } });
        }}
      />
      <div className={styles['body']} role="tabpanel" aria-label={pages.find(({ value }) => value === shown)?.label}>
        <Part tabId={tabId} connectionId={connectionId} relation={relation} page={shown} />
      </div>
    </article>
  );
}

function Part({
  tabId,
  connectionId,
  relation,
  page,
}: Omit<LoadedRelationProps, 'page'> & { readonly page: RelationPage }) {
  switch (page) {
    case 'columns':
      return <ColumnsTable relation={relation} />;
    case 'indexes':
      return <IndexesTable relation={relation} />;
    case 'constraints':
      return <ConstraintsTable relation={relation} />;
    case 'relations':
      return <RelationsView connectionId={connectionId} relation={relation} />;
    case 'triggers':
      return <TriggersTable relation={relation} />;
    case 'policies':
      return <PoliciesTable relation={relation} />;
    case 'partitions':
      return <PartitionsTable connectionId={connectionId} relation={relation} />;
    case 'activity':
      return <ActivityView relation={relation} />;
    case 'definition':
      return <DefinitionView connectionId={connectionId} oid={relation.oid} />;
    case 'rows':
      return <RowsView tabId={tabId} connectionId={connectionId} relation={relation} />;
  }
}

function RelationSkeleton() {
  return (
    <div className={styles['page']} role="status" aria-label="Reading the relation">
      <div className={styles['header']}>
        <p className={styles['title']}>
          <Skeleton width={180} />
        </p>
        <p className={styles['facts']}>
          <Skeleton width={340} />
        </p>
      </div>
      <SkeletonRows rows={8} label="Reading the columns" />
    </div>
  );
}
