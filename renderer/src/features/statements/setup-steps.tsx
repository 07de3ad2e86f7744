import { Check, CircleDashed, CircleHelp, RotateCw } from 'lucide-react';

import type { SetupStep, StatementsState } from '#contract/statements.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';

import styles from './statements.module.css';

export interface SetupGuideProps {
  readonly state: StatementsState;
  readonly connectionId: string;
  readonly checking: boolean;
  readonly onCheck: () => void;
}

/** What is to be done before statements can be read, in order, with the SQL for each. */
export function SetupGuide({ state, connectionId, checking, onCheck }: SetupGuideProps) {
  const first = state.steps.findIndex((step) => step.state === 'todo');
  const needed = state.steps.filter((step) => step.state === 'done' || step.state === 'todo');
  const useful = state.steps.filter((step) => step.state === 'optional' || step.state === 'unknown');
  return (
    <div className={styles['guide']}>
      <div className={styles['guideHead']}>
        <div>
          <h2>Statements are not counted here yet</h2>
          <p>
            pg_stat_statements counts calls, time, blocks and WAL of every statement. Steward looks at its counters and
            shows what happened in between.
          </p>
        </div>
        <Button look="primary" icon={RotateCw} disabled={checking} onClick={onCheck}>
          Check again
        </Button>
      </div>
      {state.managed !== null && (
        <p className={styles['managed']} role="note">
          {state.managed}
        </p>
      )}
      <ol className={styles['steps']} aria-label="Steps">
        {needed.map((step) => (
          <Step key={step.id} step={step} connectionId={connectionId} isNext={state.steps.indexOf(step) === first} />
        ))}
      </ol>
      {useful.length > 0 && (
        <>
          <h3>Worth having</h3>
          <ol className={styles['steps']} aria-label="Worth having">
            {useful.map((step) => (
              <Step key={step.id} step={step} connectionId={connectionId} isNext={false} />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

const needsWords: Readonly<Record<SetupStep['needs'], string | null>> = {
  nothing: null,
  reload: null,
  restart: 'needs a restart',
};

function Step({
  step,
  connectionId,
  isNext,
}: {
  readonly step: SetupStep;
  readonly connectionId: string;
  readonly isNext: boolean;
}) {
  const isDone = step.state === 'done';
  const Icon = isDone ? Check : step.state === 'unknown' ? CircleHelp : CircleDashed;
  const needs = isDone ? null : needsWords[step.needs];
  return (
    <li className={styles['step']} data-state={step.state} data-next={isNext ? '' : undefined}>
      <Icon size={16} className={styles['stepIcon']} aria-hidden />
      <div className={styles['stepBody']}>
        <p className={styles['stepTitle']}>
          {step.title}
          <span className="visually-hidden">{isDone ? ' (done)' : ''}</span>
          {needs !== null && <Badge tone="warning">{needs}</Badge>}
        </p>
        <p className={styles['stepWhy']}>{step.why}</p>
        {step.sql !== null && <SqlBlock sql={step.sql} label={step.title} connectionId={connectionId} />}
        {!isDone && <p className={styles['stepWho']}>Who: {lowerFirst(step.who)}.</p>}
      </div>
    </li>
  );
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
