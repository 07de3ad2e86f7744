import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Equal, Minus, Plus } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';

import type { HealthChange } from '#contract/health.ts';

import { classNames } from '../../lib/class-names.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Tone } from '../../ui/badge.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

import styles from './comparison-view.module.css';
import { ToneIcon } from './tone-icon.tsx';
import tones from './tones.module.css';

type Kind = HealthChange['kind'];

const kindWords: Readonly<Record<Kind, { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone }>> = {
  new: { word: 'New', icon: Plus, tone: 'critical' },
  worse: { word: 'Worse', icon: ArrowUp, tone: 'warning' },
  gone: { word: 'Gone', icon: Minus, tone: 'good' },
  better: { word: 'Better', icon: ArrowDown, tone: 'good' },
  same: { word: 'Same', icon: Equal, tone: 'neutral' },
};
const kinds = Object.keys(kindWords) as readonly Kind[];

export interface ComparisonViewProps {
  readonly beforeId: string;
  readonly afterId: string | null;
  readonly connectionId: string;
}

/** What is new, worse, gone, better and the same since another report, and what cannot be compared. */
export function ComparisonView({ beforeId, afterId }: ComparisonViewProps) {
  const [chosen, setChosen] = useState<Kind | 'changed'>('changed');
  const { data, error, isFetching, refetch } = useQuery({
    ...rpcQuery('health', 'compare', { before: beforeId, after: afterId ?? '' }),
    enabled: afterId !== null,
  });
  if (error !== null && !isFetching)
    return <FailureView failure={failureOf(error)} onRetry={() => void refetch()} className={styles['failure']} />;
  if (data === undefined) return <SkeletonRows rows={8} label="Comparing the reports" />;
  const count = (kind: Kind) => data.changes.filter((change) => change.kind === kind).length;
  const shown = data.changes.filter(({ kind }) => (chosen === 'changed' ? kind !== 'same' : kind === chosen));
  const score = [data.before.score, data.after.score];
  return (
    <div className={styles['comparison']}>
      <p className={styles['head']}>
        {data.before.database} on {formatAbsolute(data.before.takenAt).slice(0, 16)} → {data.after.database} on{' '}
        {formatAbsolute(data.after.takenAt).slice(0, 16)}
        {score.every((one) => one !== null) && ` · score ${score.join(' → ')}`}
      </p>
      <div className={styles['chips']} role="group" aria-label="Kinds of change">
        <Chip chosen={chosen === 'changed'} onClick={() => setChosen('changed')}>
          Changed <b>{data.changes.length - count('same')}</b>
        </Chip>
        {kinds.map((kind) => (
          <Chip key={kind} chosen={chosen === kind} onClick={() => setChosen(kind)}>
            {kindWords[kind].word} <b>{count(kind)}</b>
          </Chip>
        ))}
      </div>
      <div className={styles['list']}>
        {shown.length === 0 ? (
          <EmptyState icon={Equal} title="Nothing of this kind">
            {chosen === 'changed' ? 'Both reports found the same.' : 'Choose another kind above.'}
          </EmptyState>
        ) : (
          <ul aria-label="Changes">
            {shown.slice(0, 500).map((change, place) => (
              <Change key={place} change={change} />
            ))}
          </ul>
        )}
        {shown.length > 500 && <p className={styles['more']}>And {shown.length - 500} more.</p>}
        {data.unsure.length > 0 && (
          <details className={styles['unsure']}>
            <summary>{countOf(data.unsure.length, 'check')} cannot be compared</summary>
            <ul>
              {data.unsure.map(({ check, title, reason }) => (
                <li key={check}>
                  <span className={tones['checkId']}>{check}</span> {title}: {reason}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  );
}

function Chip({
  chosen,
  onClick,
  children,
}: {
  readonly chosen: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      className={classNames(styles['chip'], chosen && styles['chipChosen'])}
      aria-pressed={chosen}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function Change({ change }: { readonly change: HealthChange }) {
  const { word, icon, tone } = kindWords[change.kind];
  return (
    <li className={styles['change']}>
      <span className={styles['kind']}>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      </span>
      <ToneIcon tone={change.finding.severity} size={14} />
      <span className={styles['words']}>
        <span className={styles['message']}>{change.finding.message}</span>
        {change.before !== undefined && change.before.message !== change.finding.message && (
          <span className={styles['before']}>Before: {change.before.message}</span>
        )}
      </span>
      <span className={tones['checkId']}>{change.check}</span>
    </li>
  );
}
