import { environmentTimeouts } from '#contract/connections.ts';

import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/field.tsx';

import type { ConnectionForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';
import { formatTimeout } from './timeout-text.ts';

/** What every session starts with. */
export function SessionFields({ form, onChange, errors }: FormFieldsProps) {
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  const defaults = environmentTimeouts[form.environment];
  const placeholder = (ms: number) => `${ms === 0 ? 'no limit' : formatTimeout(ms)} (${form.environment})`;
  return (
    <div className={styles['form']}>
      <TextField
        className={styles['span4']}
        label="Statement timeout"
        mono
        value={form.statementTimeout}
        onValueChange={(statementTimeout) => set({ statementTimeout })}
        error={errors.statementTimeout}
        placeholder={placeholder(defaults.statementMs)}
      />
      <TextField
        className={styles['span4']}
        label="Lock timeout"
        mono
        value={form.lockTimeout}
        onValueChange={(lockTimeout) => set({ lockTimeout })}
        error={errors.lockTimeout}
        placeholder={placeholder(defaults.lockMs)}
      />
      <TextField
        className={styles['span4']}
        label="Idle in transaction"
        mono
        value={form.idleTimeout}
        onValueChange={(idleTimeout) => set({ idleTimeout })}
        error={errors.idleTimeout}
        placeholder={placeholder(defaults.idleInTransactionMs)}
      />
      <p className={styles['note']}>
        Left empty, a limit follows the environment. 0 is no limit; else a number with its unit: ms, s, min or h.
      </p>
      <TextField
        className={styles['span12']}
        label="Options"
        mono
        value={form.options}
        onValueChange={(options) => set({ options })}
        placeholder="-c search_path=sales -c work_mem=64MB"
        description="Sent to the server with the login, as libpq’s options and PGOPTIONS are."
      />
      {form.superuserAccepted !== '' && (
        <div className={styles['accepted']}>
          <p>Guarded sessions of a superuser were accepted: “{form.superuserAccepted}”</p>
          <Button size="small" onClick={() => set({ superuserAccepted: '' })}>
            Withdraw
          </Button>
        </div>
      )}
    </div>
  );
}
