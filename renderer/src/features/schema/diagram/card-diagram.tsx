import { useQuery } from '@tanstack/react-query';
import { ReactFlowProvider } from '@xyflow/react';
import { RotateCw, Workflow } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';

import { countOf } from '../../../lib/format-count.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { queryClient } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { ProgressBar } from '../../../ui/progress-bar.tsx';

import type { DiagramGraph, DiagramKey, DiagramTable } from './diagram-graph.ts';
import { layoutDiagram } from './diagram-layout.ts';
import type { DiagramViewState } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import { FlowCanvas } from './flow-canvas.tsx';
import { cardOf } from './table-card.ts';
import type { DetailLevel } from './table-card.ts';

interface CardDiagramProps {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly tables: readonly DiagramTable[];
  readonly lines: readonly DiagramKey[];
  readonly view: DiagramViewState;
  readonly detail: DetailLevel;
}

/** Tables as cards: laid out in a worker, then drawn. */
export function CardDiagram({ connectionId, graph, tables, lines, view, detail }: CardDiagramProps) {
  const cards = useMemo(() => tables.map((table) => cardOf(graph, table, detail)), [graph, tables, detail]);
  // The layout depends on sizes and lines only; the same picture is laid out once.
  const signature = useMemo(
    () => JSON.stringify([cards.map((card) => [card.key, card.width, card.height]), lines.map((line) => line.id)]),
    [cards, lines],
  );
  const queryKey = ['diagram layout', connectionId, signature];
  const { data, error, fetchStatus, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => layoutDiagram(cards, lines, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: false,
    structuralSharing: false,
  });
  if (data !== undefined) {
    return (
      <ReactFlowProvider>
        <FlowCanvas
          key={signature}
          connectionId={connectionId}
          graph={graph}
          cards={cards}
          lines={lines}
          layout={data}
          view={view}
        />
      </ReactFlowProvider>
    );
  }
  if (error !== null) {
    return (
      <div className={styles['failure']}>
        <FailureView
          failure={{ ...failureOf(error), retryable: true }}
          title="The tables could not be laid out"
          onRetry={() => void refetch()}
        />
      </div>
    );
  }
  if (fetchStatus === 'idle') {
    return (
      <EmptyState
        icon={Workflow}
        title="The layout was cancelled"
        actions={
          <Button icon={RotateCw} onClick={() => void refetch()}>
            Lay out again
          </Button>
        }
      >
        Focus on one table for a smaller picture.
      </EmptyState>
    );
  }
  return <LayingOut tables={tables.length} onCancel={() => void queryClient.cancelQueries({ queryKey })} />;
}

/** Appears only when the layout takes long enough to be noticed. */
function LayingOut({ tables, onCancel }: { readonly tables: number; readonly onCancel: () => void }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 150);
    return () => window.clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className={styles['working']} role="status">
      <span className={styles['workingBar']}>
        <ProgressBar label="Laying out" fraction={null} />
      </span>
      Laying out {countOf(tables, 'table')}…
      <Button size="small" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
