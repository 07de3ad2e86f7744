import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { failureOf } from '../../../rpc/failure.ts';
import { FailureView } from '../../../ui/failure-view.tsx';

import type { DiagramGraph, DiagramKey, DiagramTable } from './diagram-graph.ts';
import type { DiagramScope } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import { OverviewCanvas } from './overview-canvas.tsx';
import { runOverviewLayout } from './run-overview-layout.ts';

export interface OverviewDiagramProps {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly tables: readonly DiagramTable[];
  readonly lines: readonly DiagramKey[];
  readonly scope: DiagramScope;
}

/** A large schema from above: every table as a box in its schema's region. */
export function OverviewDiagram(props: OverviewDiagramProps) {
  const { connectionId, tables, lines } = props;
  const signature = useMemo(
    () => JSON.stringify([tables.map((table) => table.key), lines.map((line) => line.id)]),
    [tables, lines],
  );
  const { data, error, refetch } = useQuery({
    queryKey: ['overview layout', connectionId, signature],
    queryFn: ({ signal }) =>
      runOverviewLayout(
        {
          tables: tables.map(({ key, schema }) => ({ key, schema })),
          lines: lines.map(({ from, to }) => ({ from, to })),
        },
        signal,
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: false,
    structuralSharing: false,
  });
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
  return data === undefined ? null : <OverviewCanvas {...props} layout={data} />;
}
