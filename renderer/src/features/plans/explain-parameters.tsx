import { useState } from 'react';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { FailureError } from '../../rpc/failure.ts';
import { askUser } from '../../ui/ask-dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';

import styles from './plans.module.css';

/** What stands for `$1`, `$2`, …: values as text, null for NULL; or nothing, for the plan that fits all values. */
export interface ParameterValues {
  readonly parameters: (string | null)[];
  readonly genericPlan: boolean;
}

interface ParameterQuestion {
  readonly sql: string;
  readonly analyze: boolean;
  readonly count: number;
  /** The server can plan it without values. */
  readonly generic: boolean;
}

/** The values that were given for a statement before, while the window is open. */
const given = new Map<string, (string | null)[]>();

/** Whether a statement may need values: `$1` stands somewhere in it. */
export function mentionsParameters(sql: string): boolean {
  return /\$\d/.test(sql);
}

/** Values that are offered when the statement is explained again. */
export function rememberParameters(sql: string, values: readonly (string | null)[]): void {
  given.set(sql, [...values]);
}

/** Asks for the values of a statement's parameters. Throws `cancelled` where the user gives none. */
export async function askParameters(question: ParameterQuestion): Promise<ParameterValues> {
  const before = given.get(question.sql);
  const answer: { parameters: (string | null)[]; genericPlan: boolean } = {
    parameters: Array.from({ length: question.count }, (_, at) => (before === undefined ? '' : (before[at] ?? null))),
    genericPlan: question.generic && before === undefined,
  };
  const agreed = await askUser({
    title: question.analyze ? 'Values to run the statement with' : 'Values to plan the statement for',
    words: <ParameterFields question={question} answer={answer} />,
    action: question.analyze ? 'Explain analyze' : 'Explain',
  });
  if (!agreed) throw new FailureError({ code: 'cancelled', message: 'No values were given.', retryable: true });
  if (!answer.genericPlan) given.set(question.sql, [...answer.parameters]);
  return { parameters: answer.genericPlan ? [] : answer.parameters, genericPlan: answer.genericPlan };
}

/** The fields write into `answer`, which is read when the dialog closes. */
function ParameterFields({
  question,
  answer,
}: {
  readonly question: ParameterQuestion;
  readonly answer: { parameters: (string | null)[]; genericPlan: boolean };
}) {
  const [generic, setGeneric] = useState(answer.genericPlan);
  const [values, setValues] = useState(answer.parameters);
  function put(at: number, value: string | null): void {
    const next = values.with(at, value);
    answer.parameters = next;
    setValues(next);
  }
  return (
    <div className={styles['question']}>
      <SqlBlock sql={question.sql} label="Statement" maxHeight={160} />
      {question.generic && (
        <SwitchField
          label="Generic plan"
          description="The plan that PostgreSQL would keep for any values of a prepared statement"
          checked={generic}
          onCheckedChange={(next) => {
            answer.genericPlan = next;
            setGeneric(next);
          }}
        />
      )}
      {!generic &&
        values.map((value, at) => (
          // Parameters do not change places.
          <div key={at} className={styles['parameter']}>
            <TextField
              label={`$${at + 1}`}
              mono
              value={value ?? ''}
              placeholder={value === null ? 'NULL' : ''}
              disabled={value === null}
              onValueChange={(next) => put(at, next)}
            />
            <SwitchField label="NULL" checked={value === null} onCheckedChange={(next) => put(at, next ? null : '')} />
          </div>
        ))}
      {!generic && (
        <p className={styles['hint']}>As text, without quotes: the server reads them as the types it expects.</p>
      )}
    </div>
  );
}
