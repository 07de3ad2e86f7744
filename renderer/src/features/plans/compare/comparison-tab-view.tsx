import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, CircleHelp, Equal, GitCompareArrows, TrendingDown, TrendingUp } from 'lucide-react';
import { useMemo, useState } from 'react';

import type { PlanComparison } from '#contract/plan-comparison.ts';

import { classNames } from '../../../lib/class-names.ts';
import { formatBytes } from '../../../lib/format-bytes.ts';
import { countOf, formatCount } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { SkeletonRows } from '../../../ui/skeleton.tsx';
import { SplitPane } from '../../../ui/split-pane.tsx';
import type { TabViewProps } from '../../../workbench/tab-kinds.ts';
import { showSectionHome, updateTab } from '../../../workbench/workbench-store.ts';

import type { ComparedPlans } from '../reader/plan-reader.ts';
import { useRememberedSize } from '../use-remembered-size.ts';

import { comparisonState, readComparisonState } from './comparison-state.ts';
import type { ComparisonState } from './comparison-state.ts';
import styles from './comparison.module.css';
import { readComparison } from './open-comparison.ts';
import { changeSentence, pairRows, totalName } from './pair-rows.ts';
import type { PairRow } from './pair-rows.ts';
import { PairTable } from './pair-table.tsx';

/** A tab with two plans, node by node: which is faster, where, and why. */
export function ComparisonTabView({ tab }: TabViewProps) {
  const state = readComparisonState(tab.state);
  if (state === null)
    return (
      <EmptyState
        icon={GitCompareArrows}
        title="These plans were not kept"
        actions={<Button onClick={() => showSectionHome('plans')}>Go to Plans</Button>}
      >
        Open two plans again, and compare them from there.
      </EmptyState>
    );
  return <Comparison key={JSON.stringify(state)} tabId={tab.id} state={state} />;
}

function Comparison({ tabId, state }: { readonly tabId: string; readonly state: ComparisonState }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['plan-comparison', state],
    queryFn: ({ signal }) => readComparison(state, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <div className={styles['tab']}>
      <header className={styles['headline']} aria-label="Verdict">
        <div className={styles['verdict']}>
          {data === undefined ? <strong>Comparing two plans</strong> : <Verdict comparison={data.comparison} />}
          <p className={styles['sides']}>
            <b>Before</b> {state.before.label}
            <b>After</b> {state.after.label}
          </p>
        </div>
        <Button
          icon={ArrowLeftRight}
          onClick={() => updateTab(tabId, { state: comparisonState({ before: state.after, after: state.before }) })}
        >
          Swap
        </Button>
      </header>
      {error !== null && (
        <FailureView className={styles['failure']} failure={failureOf(error)} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <SkeletonRows rows={12} label="Comparing the plans" />}
      {data !== undefined && <Compared compared={data} />}
    </div>
  );
}

const verdicts = {
  faster: { icon: TrendingDown, tone: 'good' },
  slower: { icon: TrendingUp, tone: 'critical' },
  same: { icon: Equal, tone: 'info' },
  unknown: { icon: CircleHelp, tone: 'unknown' },
} as const;

function Verdict({ comparison: { verdict, headline } }: { readonly comparison: PlanComparison }) {
  const { icon: Icon, tone } = verdicts[verdict];
  return (
    <strong className={styles[tone]}>
      <Icon size={18} aria-hidden /> {headline}
    </strong>
  );
}

function Compared({ compared }: { readonly compared: ComparedPlans }) {
  const { comparison } = compared;
  const all = useMemo(() => pairRows(compared), [compared]);
  const [scope, setScope] = useState<'all' | 'changed'>(all.length > mostShownAtOnce ? 'changed' : 'all');
  const rows = useMemo(() => (scope === 'all' ? all : all.filter(({ state }) => state !== 'same')), [all, scope]);
  const [place, setPlace] = useState<Place | undefined>(comparison.differences[0]);
  const chosen = placeOf(rows, place);
  const [sideWidth, setSideWidth] = useRememberedSize('plans.comparison-width', 352);
  const row = rows[chosen];
  return (
    <div className={styles['body']}>
      <SplitPane
        direction="horizontal"
        fixed="second"
        size={sideWidth}
        onSizeChange={setSideWidth}
        min={280}
        minRest={480}
        label="Width of the explanation"
        first={
          <section className={styles['nodes']} aria-label="Nodes">
            <div className={styles['scope']}>
              <Segmented
                label="Nodes"
                value={scope}
                onValueChange={setScope}
                options={[
                  { value: 'all', label: `All · ${formatCount(all.length)}` },
                  {
                    value: 'changed',
                    label: `Changed · ${formatCount(all.filter(({ state }) => state !== 'same').length)}`,
                  },
                ]}
              />
            </div>
            <PairTable
              rows={rows}
              basis={comparison.basis}
              chosen={chosen}
              onChoose={(next) => setPlace(rows[next]?.pair)}
            />
          </section>
        }
        second={
          <aside className={styles['side']} aria-label="What changed and why">
            <Causes comparison={comparison} onChoose={setPlace} />
            <Differences comparison={comparison} onChoose={setPlace} />
            {row !== undefined && <Changes row={row} />}
            <Totals comparison={comparison} />
          </aside>
        }
      />
    </div>
  );
}

interface Place {
  readonly beforeId: number | null;
  readonly afterId: number | null;
}

/** With more nodes than this, those that are the same are left out at first. */
const mostShownAtOnce = 60;

/** The line of a node; the first one for what belongs to the statement. */
function placeOf(rows: readonly PairRow[], place: Place | undefined): number {
  if (place === undefined) return 0;
  const found = rows.findIndex(({ pair }) =>
    place.afterId === null
      ? place.beforeId !== null && pair.beforeId === place.beforeId
      : pair.afterId === place.afterId,
  );
  return Math.max(0, found);
}

function Causes({
  comparison,
  onChoose,
}: {
  readonly comparison: PlanComparison;
  readonly onChoose: (place: Place) => void;
}) {
  const { causes, notes } = comparison;
  return (
    <section className={styles['section']} aria-label="Why">
      <h2>Why they differ</h2>
      {notes.map((note) => (
        <p key={note} className={styles['note']}>
          {note}
        </p>
      ))}
      {causes.length === 0 && <p>The plans themselves do not show a reason.</p>}
      {causes.map((cause, at) => (
        <article key={`${cause.rule}:${at}`} className={styles['card']}>
          <h3>{cause.title}</h3>
          <p>{cause.message}</p>
          <ShowNode place={cause} onChoose={onChoose} />
        </article>
      ))}
    </section>
  );
}

function Differences({
  comparison: { differences },
  onChoose,
}: {
  readonly comparison: PlanComparison;
  readonly onChoose: (place: Place) => void;
}) {
  return (
    <section className={styles['section']} aria-label="Where">
      <h2>Where it was won and lost{differences.length > 0 && ` · ${countOf(differences.length, 'place')}`}</h2>
      {differences.length === 0 && <p>No node differs by enough to matter.</p>}
      {differences.map((difference, at) => (
        <article key={at} className={styles['card']}>
          <h3 className={difference.delta < 0 ? styles['good'] : styles['critical']}>{difference.title}</h3>
          <p>{difference.message}</p>
          <ShowNode place={difference} onChoose={onChoose} />
        </article>
      ))}
    </section>
  );
}

function ShowNode({ place, onChoose }: { readonly place: Place; readonly onChoose: (place: Place) => void }) {
  if (place.beforeId === null && place.afterId === null) return null;
  return (
    <button type="button" className={styles['link']} onClick={() => onChoose(place)}>
      Show the node
    </button>
  );
}

function Changes({ row }: { readonly row: PairRow }) {
  return (
    <section className={styles['section']} aria-label="Changes of the node">
      <h2>{row.label}</h2>
      {row.pair.changes.length === 0 && (
        <p>
          {row.state === 'added'
            ? 'The plan before has no such node.'
            : row.state === 'removed'
              ? 'The plan after has no such node.'
              : 'Nothing changed in it.'}
        </p>
      )}
      {row.pair.changes.map((change, at) => {
        const { what, before, after } = changeSentence(change);
        return (
          <dl key={at} className={styles['change']}>
            <dt>{what}</dt>
            <dd className={styles['former']}>{before}</dd>
            <dd>{after}</dd>
          </dl>
        );
      })}
    </section>
  );
}

function Totals({ comparison: { totals } }: { readonly comparison: PlanComparison }) {
  const told = totals.filter(({ before, after }) => (before ?? 0) !== 0 || (after ?? 0) !== 0);
  return (
    <section className={styles['section']} aria-label="Totals">
      <h2>Totals</h2>
      <table className={styles['totals']}>
        <thead>
          <tr>
            <th>Total</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          {told.map(({ name, unit, before, after }) => (
            <tr key={name}>
              <th scope="row">{totalName(name)}</th>
              <td>{before === null ? '–' : totalWords(unit, before)}</td>
              <td className={classNames(before !== null && after !== null && after < before * 0.95 && styles['good'])}>
                {after === null ? '–' : totalWords(unit, after)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function totalWords(unit: PlanComparison['totals'][number]['unit'], value: number): string {
  if (unit === 'ms') return formatDuration(value);
  return unit === 'bytes' ? formatBytes(value) : formatCount(Math.round(value * 100) / 100);
}
