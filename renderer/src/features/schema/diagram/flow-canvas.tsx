import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  ReactFlow,
  applyNodeChanges,
  useReactFlow,
  useStore,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

import { useResolvedTheme } from '../../../theme/theme.ts';
import { ContextMenu } from '../../../ui/menu.tsx';
import { openRelation } from '../schema-actions.ts';

import { setExportedPicture } from './diagram-export.ts';
import type { DiagramGraph, DiagramKey } from './diagram-graph.ts';
import type { DiagramLayout } from './diagram-layout.ts';
import { focusTable, hideTable, rememberPlace, rememberViewport, selectTable, useDiagrams } from './diagram-store.ts';
import { scopeId } from './diagram-view-state.ts';
import type { DiagramViewState } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import { flowEdges, flowNodes } from './flow-elements.ts';
import type { TableNode } from './flow-elements.ts';
import { KeyEdgeView } from './key-edge.tsx';
import { isDirection, nearestTable } from './nearest-table.ts';
import { RelatedTables, relatedTo } from './related-tables.ts';
import { schemaColor } from './schema-colors.ts';
import type { TableCard } from './table-card.ts';
import { tableMenu } from './table-menu.ts';
import { TableNodeView } from './table-node.tsx';
import { ZoomControls } from './zoom-controls.tsx';

interface FlowCanvasProps {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly cards: readonly TableCard[];
  readonly lines: readonly DiagramKey[];
  readonly layout: DiagramLayout;
  readonly view: DiagramViewState;
}

const nodeTypes = { table: TableNodeView };
const edgeTypes = { key: KeyEdgeView };
const fitOptions = { padding: { top: '64px', bottom: '32px', left: '40px', right: '40px' }, maxZoom: 1.1 } as const;
const motionMs = 140;
const farBelow = 0.42;

/** Cards and lines that can be moved, zoomed, selected and walked through. */
export function FlowCanvas({ connectionId, graph, cards, lines, layout, view }: FlowCanvasProps) {
  const theme = useResolvedTheme();
  const flow = useReactFlow<TableNode>();
  const menuTable = useRef<TableCard | null>(null);
  const { scope } = view;
  const id = scopeId(scope);
  const moved = view.moved[id];
  const [nodes, setNodes] = useState<TableNode[]>(() =>
    flowNodes(connectionId, cards, layout, moved ?? {}, (schema) => schemaColor(graph.schemas, schema, theme)),
  );
  const edges = useMemo(() => flowEdges(connectionId, cards, lines, layout), [connectionId, cards, lines, layout]);
  const selected = useDiagrams((state) => state.selected[connectionId]) ?? null;
  const related = useMemo(
    () => relatedTo(graph, selected, new Set(cards.map((card) => card.key))),
    [graph, selected, cards],
  );

  useEffect(() => {
    setNodes(
      flowNodes(connectionId, cards, layout, moved ?? {}, (schema) => schemaColor(graph.schemas, schema, theme)),
    );
  }, [connectionId, cards, layout, moved, graph, theme]);
  useReveal(connectionId, cards);
  useEffect(() => {
    const positions = () => new Map(flow.getNodes().map((node) => [node.id, node.position]));
    return setExportedPicture({ kind: 'cards', graph, cards, lines, layout, positions });
  }, [graph, cards, lines, layout, flow]);

  function step(event: KeyboardEvent): void {
    if (event.target instanceof HTMLElement && event.target.closest('button, input') !== null) return;
    const boxes = flow
      .getNodes()
      .map((node) => ({ id: node.id, ...node.position, width: node.width ?? 0, height: node.height ?? 0 }));
    const from = boxes.find((box) => box.id === selected);
    const card = cards.find((candidate) => candidate.key === selected);
    if (isDirection(event.key)) {
      const next = from === undefined ? boxes[0] : nearestTable(boxes, from, event.key);
      if (next === undefined || next === null) return;
      selectTable(connectionId, next.id);
      void flow.setCenter(next.x + next.width / 2, next.y + next.height / 2, {
        zoom: Math.max(0.6, flow.getZoom()),
        duration: motionMs,
      });
    } else if (event.key === '+' || event.key === '=') void flow.zoomIn();
    else if (event.key === '-') void flow.zoomOut();
    else if (event.key === '0') void flow.fitView({ ...fitOptions, duration: motionMs });
    else if (event.key === 'Escape' && selected !== null) selectTable(connectionId, null);
    else if (event.key === 'Enter' && card !== undefined) void openRelation(connectionId, card.oid);
    else if (event.key === 'f' && card !== undefined) focusTable(connectionId, card.key);
    else if ((event.key === 'h' || event.key === 'Delete') && card !== undefined) hideTable(connectionId, card.key);
    else return;
    event.preventDefault();
  }

  return (
    <RelatedTables value={related}>
      <ContextMenu
        entries={() =>
          menuTable.current === null
            ? [{ label: 'Fit', onSelect: () => void flow.fitView(fitOptions) }]
            : tableMenu(connectionId, menuTable.current)
        }
      >
        <FarFrame>
          <ReactFlow<TableNode>
            aria-label="Tables and relations"
            tabIndex={0}
            className={styles['flow'] ?? ''}
            onKeyDown={step}
            nodes={nodes}
            edges={edges as never[]}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes as never}
            onNodesChange={(changes) => setNodes((before) => applyNodeChanges(changes, before))}
            onNodeClick={(_event, node) => selectTable(connectionId, node.id)}
            onNodeDoubleClick={(_event, node) => void openRelation(connectionId, node.data.card.oid)}
            onNodeContextMenu={(_event, node) => {
              menuTable.current = node.data.card;
              selectTable(connectionId, node.id);
            }}
            onPaneClick={() => selectTable(connectionId, null)}
            onPaneContextMenu={() => {
              menuTable.current = null;
            }}
            onNodeDragStop={(_event, node) => rememberPlace(connectionId, scope, node.id, node.position)}
            onMoveEnd={(event, viewport) => {
              if (event !== null) rememberViewport(connectionId, scope, viewport);
            }}
            {...(view.viewports[id] === undefined
              ? { fitView: true, fitViewOptions: fitOptions }
              : { defaultViewport: view.viewports[id] })}
            minZoom={0.05}
            maxZoom={2}
            connectionMode={ConnectionMode.Loose}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            nodesDraggable
            nodeDragThreshold={3}
            zoomOnDoubleClick={false}
            disableKeyboardA11y
            deleteKeyCode={null}
            onlyRenderVisibleElements={cards.length > 30}
            proOptions={{ hideAttribution: true }}
          >
            <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dots)" />
          </ReactFlow>
          <FlowZoom />
          {layout.gaveUp && (
            <p className={styles['gaveUp']}>
              The layout took too long, so the tables stand in a grid. Focus on one for a picture of its relations.
            </p>
          )}
        </FarFrame>
      </ContextMenu>
    </RelatedTables>
  );
}

/** What is right-clicked. From afar its cards show names only. */
function FarFrame({ children, ...rest }: { readonly children: ReactNode }) {
  const far = useStore((state) => state.transform[2] < farBelow);
  return (
    <div {...rest} className={styles['canvas']} data-far={far ? '' : undefined}>
      {children}
    </div>
  );
}

function FlowZoom() {
  const flow = useReactFlow();
  const zoom = useStore((state) => state.transform[2]);
  return (
    <ZoomControls
      zoom={zoom}
      onIn={() => void flow.zoomIn({ duration: motionMs })}
      onOut={() => void flow.zoomOut({ duration: motionMs })}
      onFit={() => void flow.fitView({ ...fitOptions, duration: motionMs })}
      onWhole={() => void flow.zoomTo(1, { duration: motionMs })}
    />
  );
}

/** Brings a table into the middle when somebody asks for it. */
function useReveal(connectionId: string, cards: readonly TableCard[]): void {
  const flow = useReactFlow<TableNode>();
  const reveal = useDiagrams((state) => state.reveal);
  const [done, setDone] = useState(reveal);
  useEffect(() => {
    if (reveal === null || reveal === done || reveal.connectionId !== connectionId) return;
    setDone(reveal);
    const card = cards.find((candidate) => candidate.key === reveal.table);
    const node = flow.getNode(reveal.table);
    if (card === undefined || node === undefined) return;
    void flow.setCenter(node.position.x + card.width / 2, node.position.y + card.height / 2, {
      zoom: Math.max(0.8, flow.getZoom()),
      duration: motionMs,
    });
  }, [reveal, done, connectionId, cards, flow]);
}
