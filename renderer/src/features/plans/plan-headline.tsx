import { useQuery } from '@tanstack/react-query';
import { History, Play, RotateCcw, TriangleAlert } from 'lucide-react';

import { formatCount } from '../../lib/format-count.ts';
import { splitDuration } from '../../lib/format-duration.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';

import { ExplainOptionsButton } from './explain-options-button.tsx';
import { headlineFacts } from './headline-facts.ts';
import { openSavedPlan } from './plan-tabs.ts';
import type { ShownPlan } from './plan-store.ts';
import styles from './plans.module.css';

export interface PlanHeadlineProps {
  readonly shown: ShownPlan;
  readonly busy: boolean;
  /** null where the statement or its connection is not known. */
  readonly onExplain: ((analyze: boolean) => void) | null;
}

/** The plan in one line: how long, how much was read, how many rows; and what can be done with it. */
export function PlanHeadline({ shown, busy, onExplain }: PlanHeadlineProps) {
  const { plan } = shown.index;
  const { main, others } = headlineFacts(shown.index);
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
      <EarlierPlans shown={shown} />
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

/** Plans of the same statement that were kept before this one. */
function EarlierPlans({ shown }: { readonly shown: ShownPlan }) {
  const { data: history = [] } = useQuery(rpcQuery('plans', 'history', { limit: 200 }));
  const sql = shown.index.plan.queryText;
  const takenAt = shown.takenAt === null ? Number.POSITIVE_INFINITY : Date.parse(shown.takenAt);
  const earlier = history
    .filter((saved) => saved.sql !== null && saved.sql === sql && saved.id !== shown.savedId)
    .filter((saved) => Date.parse(saved.takenAt) < takenAt)
    .slice(0, 20);
  if (earlier.length === 0) return null;
  return (
    <Menu
      align="end"
      trigger={<Button icon={History}>{formatCount(earlier.length)} earlier</Button>}
      entries={earlier.map((saved) => ({
        label: `${formatAbsolute(saved.takenAt)} · ${saved.executionMs === null ? 'not run' : durationWords(saved.executionMs)}`,
        onSelect: () => openSavedPlan(saved),
      }))}
    />
  );
}

function durationWords(ms: number): string {
  const { value, unit } = splitDuration(ms);
  return `${value} ${unit}`;
}
