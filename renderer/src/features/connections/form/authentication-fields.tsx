import { TextField } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { SwitchField } from '../../../ui/switch-field.tsx';

import type { ConnectionForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';

const kinds: readonly { readonly value: ConnectionForm['authentication']; readonly label: string }[] = [
  { value: 'password', label: 'Password' },
  { value: 'passfile', label: 'Password file' },
  { value: 'command', label: 'Command' },
];

/** Where the password comes from. */
export function AuthenticationFields({ form, onChange, errors, entry }: FormFieldsProps) {
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  return (
    <>
      <Select
        className={styles['span4']}
        label="Authentication"
        options={kinds}
        value={form.authentication}
        onValueChange={(authentication) => set({ authentication })}
      />
      {form.authentication === 'password' && (
        <>
          <TextField
            className={styles['span5']}
            label="Password"
            type="password"
            autoComplete="new-password"
            value={form.password ?? ''}
            onValueChange={(password) => set({ password })}
            placeholder={form.password === null && entry !== null && entry.password !== 'none' ? 'unchanged' : ''}
          />
          <div className={styles['beside']}>
            <SwitchField
              label="Remember"
              checked={form.rememberPassword}
              onCheckedChange={(rememberPassword) => set({ rememberPassword })}
            />
          </div>
        </>
      )}
      {form.authentication === 'passfile' && (
        <TextField
          className={styles['span8']}
          label="Password file"
          mono
          value={form.passfile}
          onValueChange={(passfile) => set({ passfile })}
          placeholder="PGPASSFILE, or ~/.pgpass"
        />
      )}
      {form.authentication === 'command' && (
        <>
          <TextField
            className={styles['span6']}
            label="Command"
            mono
            value={form.passwordCommand}
            onValueChange={(passwordCommand) => set({ passwordCommand })}
            error={errors.passwordCommand}
            placeholder="prints the password on its first line"
          />
          <TextField
            className={styles['span2']}
            label="Good for (s)"
            mono
            inputMode="numeric"
            value={form.passwordExpiry}
            onValueChange={(passwordExpiry) => set({ passwordExpiry })}
            error={errors.passwordExpiry}
          />
        </>
      )}
    </>
  );
}
