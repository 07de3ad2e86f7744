import { CircleAlert, CircleHelp, CircleSlash, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Failure } from '#contract/failure.ts';

import { failureTitle } from '../lib/failure-words.ts';
import { classNames } from '../lib/class-names.ts';

import { Button } from './button.tsx';
import styles from './failure-view.module.css';

export interface FailureViewProps {
  readonly failure: Failure;
  /** Replaces the title that is worded by the failure's code. */
  readonly title?: string;
  /** Shows "Try again" where the failure says that it may help. */
  readonly onRetry?: () => void;
  readonly actions?: ReactNode;
  readonly className?: string | undefined;
}

/** What happened, the server's words verbatim with SQLSTATE, and what to do about it. */
export function FailureView({ failure, title, onRetry, actions, className }: FailureViewProps) {
  const cancelled = failure.code === 'cancelled';
  const asks = failure.code === 'needs_answer';
  const Icon = cancelled ? CircleSlash : asks ? CircleHelp : CircleAlert;
  const facts = factsOf(failure);
  const retry = failure.retryable ? onRetry : undefined;
  return (
    <div
      role="alert"
      className={classNames(styles['failure'], cancelled && styles['cancelled'], asks && styles['asks'], className)}
    >
      <Icon size={16} className={styles['icon']} aria-hidden />
      <div className={styles['body']}>
        <p className={styles['title']}>{title ?? failureTitle(failure)}</p>
        <p className={styles['words']}>{failure.message}</p>
        {facts.length > 0 && (
          <dl className={styles['facts']}>
            {facts.map(([name, value]) => (
              <FactRow key={name} name={name} value={value} />
            ))}
          </dl>
        )}
        {(retry !== undefined || actions !== undefined) && (
          <div className={styles['actions']}>
            {retry !== undefined && (
              <Button size="small" icon={RotateCw} onClick={retry}>
                Try again
              </Button>
            )}
            {actions}
          </div>
        )}
      </div>
    </div>
  );
}

function FactRow({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function factsOf(failure: Failure): (readonly [string, string])[] {
  const { postgres } = failure;
  const facts: (readonly [string, string | undefined])[] = [
    ['Detail', postgres?.detail],
    ['Hint', postgres?.hint],
    ['What to do', failure.hint === postgres?.hint ? undefined : failure.hint],
    ['SQLSTATE', postgres?.sqlstate],
    ['Where', postgres?.where],
    ['Constraint', postgres?.constraint],
  ];
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]));
}
