import { Download, Play, RotateCcw, TriangleAlert } from 'lucide-react';

import { formatDuration } from '../../lib/format-duration.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';

import { CompareMenu } from './compare/compare-menu.tsx';
import { ExplainOptionsButton } from './explain-options-button.tsx';
import { headlineFacts } from './headline-facts.ts';
import {
  copyAnonymised,
  copyPlan,
  saveAnonymised,
  saveDiagramPng,
  saveDiagramSvg,
  savePlanText,
} from './plan-export.ts';
import type { ShownPlan } from './plan-store.ts';
import styles from './plans.module.css';
import type { PlanFolding } from './tree/tree-rows.ts';

export interface PlanHeadlineProps {
  readonly tabId: string;
  readonly shown: ShownPlan;
  readonly folding: PlanFolding;
  readonly busy: boolean;
  /** null where the statement or its connection is not known. */
  readonly onExplain: ((analyze: boolean) => void) | null;
}

/** The plan in one line: how long, how much was read, how many rows; and what can be done with it. */
export function PlanHeadline({ tabId, shown, folding, busy, onExplain }: PlanHeadlineProps) {
  const { plan } = shown.index;
  const { main, others } = headlineFacts(shown.index);
  const first = shown.firstRun?.executionMs ?? null;
  return (
    <header className={styles['headline']} aria-label="Summary of the plan">
      <p className={styles['main']}>
        <strong>{main.value}</strong> {main.unit}
      </p>
      {others.map(({ value, unit }) => (
        <p key={unit} className={styles['fact']}>
          <span className={styles['value']}>{value}</span> {unit}
        </p>
      ))}
      {first !== null && (
        <p className={styles['fact']} title="The run before this one, which found less in the caches">
          <span className={styles['value']}>{formatDuration(first)}</span> first run
        </p>
      )}
      {shown.rolledBack && (
        <Badge tone="info" icon={RotateCcw}>
          rolled back
        </Badge>
      )}
      {!plan.analyzed && <Badge>estimated, not run</Badge>}
      {plan.incomplete !== undefined && (
        <Badge tone="warning" icon={TriangleAlert}>
          not whole
        </Badge>
      )}
      <span className={styles['space']} />
      <CompareMenu tabId={tabId} shown={shown} />
      <ExportMenu shown={shown} folding={folding} />
      {onExplain !== null && (
        <>
          <ExplainOptionsButton />
          <Button disabled={busy} onClick={() => onExplain(false)}>
            Explain
          </Button>
          <Button look="primary" icon={Play} disabled={busy} onClick={() => onExplain(true)}>
            Explain analyze
          </Button>
        </>
      )}
    </header>
  );
}

function ExportMenu({ shown: { index }, folding }: { readonly shown: ShownPlan; readonly folding: PlanFolding }) {
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={Download} look="quiet">
          Export
        </Button>
      }
      entries={[
        { label: 'Copy text', onSelect: () => void copyPlan(index) },
        { label: 'Copy anonymised text', onSelect: () => void copyAnonymised(index) },
        'separator',
        { label: 'Save text', onSelect: () => void savePlanText(index) },
        { label: 'Save anonymised text', onSelect: () => void saveAnonymised(index) },
        'separator',
        { label: 'Save diagram as SVG', onSelect: () => void saveDiagramSvg(index, folding) },
        { label: 'Save diagram as PNG', onSelect: () => void saveDiagramPng(index, folding) },
      ]}
    />
  );
}
