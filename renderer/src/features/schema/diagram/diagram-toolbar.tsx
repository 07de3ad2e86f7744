import { ChevronDown, Download, Eye, Shuffle, X } from 'lucide-react';

import { countOf, formatCount } from '../../../lib/format-count.ts';
import { Button } from '../../../ui/button.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Menu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';

import { copyMermaid, copySvg, saveSvg } from './diagram-export.ts';
import type { DiagramGraph, DiagramKey, DiagramTable } from './diagram-graph.ts';
import { DiagramSearch } from './diagram-search.tsx';
import { changeView, focusTable, forgetPlaces, revealTable, showAll, showSchema } from './diagram-store.ts';
import { scopeId } from './diagram-view-state.ts';
import type { DiagramViewState } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import type { DetailLevel } from './table-card.ts';

interface DiagramToolbarProps {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly view: DiagramViewState;
  readonly shown: { readonly tables: readonly DiagramTable[]; readonly lines: readonly DiagramKey[] };
  readonly asCards: boolean;
  readonly detail: DetailLevel;
}

const detailWords: Readonly<Record<DetailLevel, string>> = {
  keys: 'Keys and names',
  all: 'All columns',
  names: 'Names only',
};

/** What the picture is of, how much it shows, and how to take it along. */
export function DiagramToolbar({ connectionId, graph, view, shown, asCards, detail }: DiagramToolbarProps) {
  const { scope, hidden } = view;
  const moved = Object.keys(view.moved[scopeId(scope)] ?? {}).length > 0;
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label="Diagram">
      <ScopeMenu connectionId={connectionId} graph={graph} view={view} count={shown.tables.length} />
      {scope.kind === 'focus' && (
        <Menu
          trigger={
            <Button>
              Depth {scope.depth}
              <ChevronDown size={13} aria-hidden />
            </Button>
          }
          entries={([1, 2] as const).map((depth) => ({
            label: depth === 1 ? 'Depth 1: its own relations' : 'Depth 2: and the relations of those',
            onSelect: () => changeView(connectionId, { scope: { ...scope, depth } }),
          }))}
        />
      )}
      {asCards && (
        <Menu
          trigger={
            <Button>
              {detailWords[detail]}
              <ChevronDown size={13} aria-hidden />
            </Button>
          }
          entries={(['keys', 'all', 'names'] as const).map((level) => ({
            label: detailWords[level],
            onSelect: () => changeView(connectionId, { detail: level }),
          }))}
        />
      )}
      {hidden.length > 0 && (
        <Button icon={Eye} onClick={() => changeView(connectionId, { hidden: [] })}>
          Show {formatCount(hidden.length)} hidden
        </Button>
      )}
      {asCards && moved && (
        <IconButton icon={Shuffle} label="Arrange again" onClick={() => forgetPlaces(connectionId, scope)} />
      )}
      <span className={styles['space']} />
      <DiagramSearch
        graph={graph}
        onChoose={(table) => {
          const inView = shown.tables.some((candidate) => candidate.key === table);
          if (inView) revealTable(connectionId, table);
          else focusTable(connectionId, table);
        }}
      />
      <Menu align="end" trigger={<Button icon={Download}>Export</Button>} entries={exportEntries(shown)} />
    </div>
  );
}

function exportEntries(shown: DiagramToolbarProps['shown']): readonly MenuEntry[] {
  return [
    { label: 'Save as SVG', onSelect: () => saveSvg() },
    { label: 'Copy SVG', onSelect: () => void copySvg() },
    { label: 'Copy as Mermaid', onSelect: () => void copyMermaid(shown.tables, shown.lines) },
  ];
}

function ScopeMenu({
  connectionId,
  graph,
  view,
  count,
}: {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly view: DiagramViewState;
  readonly count: number;
}) {
  const { scope } = view;
  if (scope.kind === 'focus') {
    const table = graph.tables.get(scope.table);
    return (
      <span className={styles['focusChip']}>
        <span>Focus: {table?.name ?? scope.table}</span>
        <IconButton icon={X} label="Show all tables" size="small" onClick={() => showAll(connectionId)} />
      </span>
    );
  }
  const words = scope.kind === 'all' ? 'All tables' : scope.schema;
  const counts = Map.groupBy(graph.tables.values(), (table) => table.schema);
  return (
    <Menu
      trigger={
        <Button aria-label={`${words}, ${countOf(count, 'table')}`}>
          {words}
          <span className={styles['count']}>{formatCount(count)}</span>
          <ChevronDown size={13} aria-hidden />
        </Button>
      }
      entries={[
        { label: 'All tables', onSelect: () => showAll(connectionId) },
        'separator',
        ...graph.schemas.map((schema) => ({
          label: `${schema} (${formatCount(counts.get(schema)?.length ?? 0)})`,
          onSelect: () => showSchema(connectionId, schema),
        })),
      ]}
    />
  );
}
