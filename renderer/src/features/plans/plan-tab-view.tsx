import { ListTree, RotateCw } from 'lucide-react';
import { useEffect } from 'react';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import type { TabViewProps } from '../../workbench/tab-kinds.ts';
import { showSectionHome } from '../../workbench/workbench-store.ts';

import { BusyStrip } from './busy-strip.tsx';
import { PlanHeadline } from './plan-headline.tsx';
import { dismissFailure, noContent, setPlanView, usePlanTabs } from './plan-store.ts';
import { readPlanTabState } from './plan-tab-state.ts';
import { explainInTab, restorePlanTab } from './plan-tabs.ts';
import { PlanView } from './plan-view.tsx';
import styles from './plans.module.css';

/** A tab with one plan: read from the server, from the history, or from pasted text. */
export function PlanTabView({ tab }: TabViewProps) {
  const content = usePlanTabs((tabs) => tabs[tab.id]);
  const { shown, busy, failure, retry, view } = content ?? noContent;
  const source = readPlanTabState(tab.state);
  const explained =
    source?.kind === 'explain' && tab.connectionId !== null
      ? { connectionId: tab.connectionId, sql: source.sql }
      : null;
  const again = explained === null ? null : (analyze: boolean) => void explainInTab(tab.id, { ...explained, analyze });

  useEffect(() => {
    void restorePlanTab(tab);
  }, [tab]);

  return (
    <div className={styles['tab']}>
      {shown !== null && (
        <PlanHeadline tabId={tab.id} shown={shown} folding={view.folding} busy={busy !== null} onExplain={again} />
      )}
      {busy !== null && <BusyStrip tabId={tab.id} words={busy.words} startedAt={busy.startedAt} />}
      {failure !== null && (
        <FailureView
          className={styles['failure']}
          failure={failure}
          {...(retry === null ? {} : { onRetry: retry })}
          actions={
            shown !== null && (
              <Button size="small" look="quiet" onClick={() => dismissFailure(tab.id)}>
                Dismiss
              </Button>
            )
          }
        />
      )}
      {shown === null && failure !== null && explained !== null && (
        <div className={styles['failedSql']}>
          <SqlBlock sql={explained.sql} label="Statement" connectionId={explained.connectionId} />
        </div>
      )}
      {shown !== null && (
        <PlanView
          shown={shown}
          connectionId={tab.connectionId}
          view={view}
          onView={(update) => setPlanView(tab.id, update)}
        />
      )}
      {shown === null && busy !== null && <SkeletonRows rows={10} label={busy.words} />}
      {shown === null && busy === null && failure === null && (
        <NoPlan
          onExplain={again === null || source?.kind !== 'explain' ? null : () => again(source.analyze)}
          analyze={source?.kind === 'explain' && source.analyze}
        />
      )}
    </div>
  );
}

/** A tab of an earlier window whose plan was not kept. Nothing runs until the user asks for it. */
function NoPlan({ onExplain, analyze }: { readonly onExplain: (() => void) | null; readonly analyze: boolean }) {
  return (
    <EmptyState
      icon={ListTree}
      title="This plan was not kept"
      actions={
        onExplain === null ? (
          <Button onClick={() => showSectionHome('plans')}>Go to Plans</Button>
        ) : (
          <Button look="primary" icon={RotateCw} onClick={onExplain}>
            {analyze ? 'Explain analyze again' : 'Explain again'}
          </Button>
        )
      }
    >
      {onExplain === null
        ? 'Paste it again to read it.'
        : 'Its statement is still here, and runs only when you say so.'}
    </EmptyState>
  );
}
