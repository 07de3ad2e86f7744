import { useQuery } from '@tanstack/react-query';
import { Workflow } from 'lucide-react';
import { useEffect, useMemo } from 'react';

import type { SchemaGraph } from '#contract/schema.ts';

import { failureOf } from '../../../rpc/failure.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { runCommandWith } from '../../../workbench/commands.ts';
import { ConnectionGate } from '../../../workbench/connection-gate.tsx';

import { buildDiagramGraph } from './diagram-graph.ts';
import { restoreView, showAll, useDiagrams } from './diagram-store.ts';
import { DiagramToolbar } from './diagram-toolbar.tsx';
import { cardsAtMost, detailFor, scopeId, tablesInView } from './diagram-view-state.ts';
import type { DiagramViewState } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import { CardDiagram } from './card-diagram.tsx';
import { HubNotice } from './hub-notice.tsx';
import { OverviewDiagram } from './overview-diagram.tsx';

/** The diagram of the current database. */
export function SchemaView() {
  return (
    <ConnectionGate purpose="to draw its tables">
      {(connection) => <Diagram key={connection.id} connectionId={connection.id} />}
    </ConnectionGate>
  );
}

function Diagram({ connectionId }: { readonly connectionId: string }) {
  const { data, error, refetch } = useQuery(rpcQuery('schema', 'graph', { connectionId }));
  const view = useDiagrams((state) => state.views[connectionId]);
  useEffect(() => void restoreView(connectionId), [connectionId]);
  if (error !== null) {
    return (
      <div className={styles['failure']}>
        <FailureView failure={failureOf(error)} title="The tables could not be read" onRetry={() => void refetch()} />
      </div>
    );
  }
  if (data === undefined || view === undefined) return <DiagramSkeleton />;
  if (data.tables.length === 0) {
    return (
      <EmptyState
        icon={Workflow}
        title="This database has no tables yet"
        actions={
          <Button
            look="primary"
            onClick={() =>
              void runCommandWith('query.open', {
                connectionId,
                sql: 'create table first_table (\n  id bigint generated always as identity primary key\n);\n',
              })
            }
          >
            Write a create table
          </Button>
        }
      >
        Tables and their foreign keys are drawn here once there are some.
      </EmptyState>
    );
  }
  return <LoadedDiagram connectionId={connectionId} data={data} view={view} />;
}

interface LoadedDiagramProps {
  readonly connectionId: string;
  readonly data: SchemaGraph;
  readonly view: DiagramViewState;
}

function LoadedDiagram({ connectionId, data, view }: LoadedDiagramProps) {
  const graph = useMemo(() => buildDiagramGraph(data), [data]);
  const { scope, hidden } = view;
  const shown = useMemo(() => tablesInView(graph, { scope, hidden }), [graph, scope, hidden]);
  const asCards = shown.tables.length <= cardsAtMost;
  const detail = detailFor(view.detail, shown.tables.length);
  const key = `${scopeId(scope)} ${detail}`;
  return (
    <section className={styles['diagram']} aria-label="Diagram">
      <DiagramToolbar
        connectionId={connectionId}
        graph={graph}
        view={view}
        shown={shown}
        asCards={asCards}
        detail={detail}
      />
      <HubNotice connectionId={connectionId} graph={graph} scope={scope} />
      {shown.tables.length === 0 ? (
        <EmptyState
          icon={Workflow}
          title="No table is in view"
          actions={<Button onClick={() => showAll(connectionId)}>Show all tables</Button>}
        >
          The tables that this view would show are hidden or gone.
        </EmptyState>
      ) : asCards ? (
        <CardDiagram
          key={key}
          connectionId={connectionId}
          graph={graph}
          tables={shown.tables}
          lines={shown.lines}
          view={view}
          detail={detail}
        />
      ) : (
        <OverviewDiagram
          key={key}
          connectionId={connectionId}
          graph={graph}
          tables={shown.tables}
          lines={shown.lines}
          scope={scope}
        />
      )}
    </section>
  );
}

function DiagramSkeleton() {
  return (
    <div className={styles['skeleton']} role="status" aria-label="Reading the tables">
      {[180, 220, 200, 190, 210, 170].map((width, index) => (
        <div key={index} className={styles['skeletonCard']} style={{ width }}>
          <Skeleton width="55%" />
          <Skeleton width="80%" />
          <Skeleton width="68%" />
        </div>
      ))}
    </div>
  );
}
