import { useMemo } from 'react';

import { PlanTextView } from '../../editor/plan-text-view.tsx';
import { SqlBlock } from '../../editor/sql-block.tsx';
import { SplitPane } from '../../ui/split-pane.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { runCommandWith } from '../../workbench/commands.ts';

import { DiagramView } from './diagram/diagram-view.tsx';
import { IcicleView } from './icicle-view.tsx';
import { InsightCards } from './insight-cards.tsx';
import { NodeDetails } from './node-details.tsx';
import { planMarks } from './plan-marks.ts';
import type { ShownPlan } from './plan-store.ts';
import type { PlanViewState } from './plan-view-state.ts';
import styles from './plans.module.css';
import { nodeAtLine, relationOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { StatisticsView } from './statistics-view.tsx';
import { ColumnsButton } from './tree/columns-button.tsx';
import { PlanTree } from './tree/plan-tree.tsx';
import type { Chosen, PlanFolding } from './tree/tree-rows.ts';
import { useRememberedSize } from './use-remembered-size.ts';

const pages = [
  { value: 'tree', label: 'Tree' },
  { value: 'diagram', label: 'Diagram' },
  { value: 'icicle', label: 'Icicle' },
  { value: 'statistics', label: 'Statistics' },
  { value: 'query', label: 'Query' },
] as const;

export interface PlanViewProps {
  readonly shown: ShownPlan;
  readonly connectionId: string | null;
  readonly view: PlanViewState;
  readonly onView: (update: (view: PlanViewState) => Partial<PlanViewState>) => void;
}

/** A plan: its text, its nodes as a tree, and what to do about it. Choosing a node in one chooses it in all. */
export function PlanView({ shown, connectionId, view, onView }: PlanViewProps) {
  const { index } = shown;
  const { plan } = index;
  const { page, chosen, reveal, folding } = view;
  const [sideWidth, setSideWidth] = useRememberedSize('plans.side-width', 356);
  const [lowerHeight, setLowerHeight] = useRememberedSize('plans.lower-height', Math.round(window.innerHeight * 0.38));
  const marks = useMemo(() => planMarks(index), [index]);
  const selected = useMemo(() => {
    const node = plan.nodes[chosen.id];
    return node === undefined ? null : { start: node.line, end: node.endLine, reveal };
  }, [plan, chosen.id, reveal]);
  const choose = (next: Chosen) => onView(() => ({ chosen: next, reveal: true }));
  const chooseNode = (id: number) => choose({ id, onRun: false });
  const fold = (change: (folding: PlanFolding) => PlanFolding) =>
    onView((before) => ({ folding: change(before.folding) }));
  const openObject =
    connectionId === null
      ? null
      : (id: number) => {
          const relation = relationOf(index, id);
          if (relation !== null) void runCommandWith('schema.openNamed', { connectionId, ...relation });
        };

  const text = (
    <section className={styles['text']} aria-label="Text of the plan">
      <PlanTextView
        label="Text of the plan"
        text={plan.text}
        marks={marks}
        selected={selected}
        onLineChosen={(line) => {
          const node = nodeAtLine(plan.nodes, line);
          if (node !== null && node.id !== chosen.id)
            onView(() => ({ chosen: { id: node.id, onRun: false }, reveal: false }));
        }}
        onNameOpened={
          openObject === null
            ? null
            : (line) => {
                const node = nodeAtLine(plan.nodes, line);
                if (node !== null) openObject(node.id);
              }
        }
      />
    </section>
  );
  const lower = (
    <section className={styles['lower']} aria-label="Nodes of the plan">
      <div className={styles['pages']}>
        <Tabs
          label="Views of the plan"
          items={pages}
          value={page}
          onValueChange={(next) => onView(() => ({ page: next }))}
        />
        {page === 'tree' && <ColumnsButton index={index} />}
      </div>
      <div className={styles['page']} role="tabpanel" aria-label={pages.find(({ value }) => value === page)?.label}>
        {page === 'tree' && (
          <PlanTree
            key={shown.serial}
            index={index}
            chosen={chosen}
            onChoose={choose}
            folding={folding}
            onFold={fold}
            sort={view.sort}
            onSort={(sort) => onView(() => ({ sort }))}
            onOpenObject={openObject}
          />
        )}
        {page === 'diagram' && (
          <DiagramView
            key={shown.serial}
            index={index}
            chosen={chosen}
            onChoose={choose}
            folding={folding}
            onFold={fold}
          />
        )}
        {page === 'icicle' && (
          <IcicleView key={shown.serial} index={index} chosenId={chosen.id} onChoose={chooseNode} />
        )}
        {page === 'statistics' && <StatisticsView index={index} />}
        {page === 'query' && <QueryPage index={index} connectionId={connectionId} />}
      </div>
    </section>
  );
  return (
    <div className={styles['plan']}>
      <SplitPane
        direction="horizontal"
        fixed="second"
        size={sideWidth}
        onSizeChange={setSideWidth}
        min={260}
        minRest={420}
        label="Width of the findings"
        first={
          <SplitPane
            direction="vertical"
            fixed="second"
            size={lowerHeight}
            onSizeChange={setLowerHeight}
            min={120}
            minRest={140}
            label="Height of the nodes"
            first={text}
            second={lower}
          />
        }
        second={
          <aside className={styles['side']} aria-label="Findings and details">
            <InsightCards index={index} chosenId={chosen.id} onChoose={chooseNode} connectionId={connectionId} />
            <NodeDetails index={index} id={chosen.id} onOpenObject={openObject} />
          </aside>
        }
      />
    </div>
  );
}

function QueryPage({
  index: { plan },
  connectionId,
}: {
  readonly index: PlanIndex;
  readonly connectionId: string | null;
}) {
  if (plan.queryText === undefined) return <p className={styles['words']}>The plan came without its query.</p>;
  return (
    <div className={styles['query']}>
      <SqlBlock sql={plan.queryText} label="Query" {...(connectionId === null ? {} : { connectionId })} />
    </div>
  );
}
