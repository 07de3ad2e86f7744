import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { PlanInsight } from '#contract/plan-model.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { classNames } from '../../lib/class-names.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';

import type { PlanIndex } from './reader/plan-index.ts';
import { nodeLabelOf } from './reader/plan-names.ts';
import styles from './plan-side.module.css';

export interface InsightCardsProps {
  readonly index: PlanIndex;
  readonly chosenId: number;
  readonly onChoose: (id: number) => void;
  readonly connectionId: string | null;
}

const severities: Readonly<Record<PlanInsight['severity'], readonly [word: string, icon: LucideIcon]>> = {
  critical: ['Critical', CircleAlert],
  warning: ['Warning', TriangleAlert],
  info: ['Note', Info],
};

/** What could be done about the plan, the most rewarding first. */
export function InsightCards({ index, chosenId, onChoose, connectionId }: InsightCardsProps) {
  const { insights, analyzed } = index.plan;
  const most = insights.reduce((max, insight) => Math.max(max, insight.savedMs ?? 0), 0);
  return (
    <section aria-label="What to do" className={styles['section']}>
      <h2 className={styles['heading']}>
        What to do
        {insights.length > 0 && ` · ${countOf(insights.length, 'finding')}`}
        {most > 0 && `, up to ${formatDuration(most)} to gain`}
      </h2>
      {!analyzed && (
        <p className={styles['quiet']}>
          The statement was not run: these are the planner’s costs, not times. Explain analyze measures it.
        </p>
      )}
      {insights.length === 0 && analyzed && (
        <p className={styles['nothing']}>
          <CircleCheck size={15} aria-hidden />
          Nothing costs time that an obvious change would save.
        </p>
      )}
      {insights.map((insight, place) => (
        <InsightCard
          key={`${insight.rule}:${insight.nodeId}:${place}`}
          insight={insight}
          label={labelOf(index, insight.nodeId)}
          chosen={insight.nodeId === chosenId}
          onChoose={onChoose}
          connectionId={connectionId}
        />
      ))}
    </section>
  );
}

function labelOf(index: PlanIndex, id: number): string {
  const name = index.names[id];
  return name === undefined ? '' : nodeLabelOf(name);
}

interface InsightCardProps {
  readonly insight: PlanInsight;
  readonly label: string;
  readonly chosen: boolean;
  readonly onChoose: (id: number) => void;
  readonly connectionId: string | null;
}

function InsightCard({ insight, label, chosen, onChoose, connectionId }: InsightCardProps) {
  const [word, Icon] = severities[insight.severity];
  return (
    <article className={styles['card']} data-chosen={chosen ? '' : undefined} aria-label={insight.title}>
      <div className={styles['cardHead']}>
        <Icon size={16} className={classNames(styles['icon'], styles[insight.severity])} aria-hidden />
        <div className={styles['titles']}>
          <h3>{insight.title}</h3>
          <p className={styles['meta']}>
            <span className={styles[insight.severity]}>{word}</span>
            {insight.savedMs !== undefined && insight.savedMs > 0 && (
              <> · saves up to {formatDuration(insight.savedMs)}</>
            )}
            {label !== '' && (
              <>
                {' · '}
                <button
                  type="button"
                  className={styles['link']}
                  aria-label={`Show ${label}`}
                  onClick={() => onChoose(insight.nodeId)}
                >
                  {label}
                </button>
              </>
            )}
          </p>
        </div>
      </div>
      <p className={styles['message']}>{insight.message}</p>
      {insight.sql !== undefined && (
        <SqlBlock
          sql={insight.sql}
          label={`SQL for: ${insight.title}`}
          className={styles['sql']}
          {...(connectionId === null ? {} : { connectionId })}
        />
      )}
      {insight.verify !== undefined && (
        <p className={styles['advice']}>
          <b>Verify</b> {insight.verify}
        </p>
      )}
      {insight.ignoreWhen !== undefined && (
        <p className={styles['advice']}>
          <b>Ignore when</b> {insight.ignoreWhen}
        </p>
      )}
    </article>
  );
}
