import { Plus } from 'lucide-react';

import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { SuggestField } from '../../../ui/suggest-field.tsx';
import { SwitchField } from '../../../ui/switch-field.tsx';

import { AuthenticationFields } from './authentication-fields.tsx';
import { ColorField } from './color-field.tsx';
import { withEnvironment } from './connection-form.ts';
import type { ConnectionForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';
import { OtherHosts } from './other-hosts.tsx';

const environments = [
  { value: 'local', label: 'Local' },
  { value: 'development', label: 'Development' },
  { value: 'staging', label: 'Staging' },
  { value: 'production', label: 'Production' },
] as const;

/** What every connection needs: a name, where it is, and who logs in. */
export function GeneralFields(props: FormFieldsProps & { readonly folders: readonly string[] }) {
  const { form, onChange, errors, folders } = props;
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  return (
    <div className={styles['form']}>
      <TextField
        className={styles['span6']}
        label="Name"
        value={form.name}
        onValueChange={(name) => set({ name })}
        error={errors.name}
        autoFocus={props.entry !== null}
      />
      <SuggestField
        className={styles['span6']}
        label="Folder"
        value={form.folder}
        onValueChange={(folder) => set({ folder })}
        suggestions={folders}
        placeholder="none; Acme/Europe lies in Acme"
      />
      <div className={styles['span8']}>
        <p className={styles['fieldLabel']}>Environment</p>
        <Segmented
          label="Environment"
          options={environments}
          value={form.environment}
          onValueChange={(environment) => onChange((before) => withEnvironment(before, environment))}
        />
      </div>
      <ColorField className={styles['span4']} color={form.color} onColorChange={(color) => set({ color })} />
      <TextField
        className={styles['span8']}
        label="Host"
        mono
        value={form.host}
        onValueChange={(host) => set({ host })}
        error={errors.host}
        placeholder="host name, address or socket folder"
      />
      <TextField
        className={styles['span2']}
        label="Port"
        mono
        inputMode="numeric"
        value={form.port}
        onValueChange={(port) => set({ port })}
        error={errors.port}
      />
      <div className={styles['span2']}>
        <p className={styles['fieldLabel']} aria-hidden>
          &nbsp;
        </p>
        <Button
          icon={Plus}
          className={styles['fill']}
          disabled={form.otherHosts.length >= 15}
          onClick={() => set({ otherHosts: [...form.otherHosts, { host: '', port: form.port }] })}
          aria-label="Add another host"
        >
          Host
        </Button>
      </div>
      {form.otherHosts.length > 0 && <OtherHosts {...props} />}
      <TextField
        className={styles['span6']}
        label="Database"
        mono
        value={form.database}
        onValueChange={(database) => set({ database })}
        error={errors.database}
      />
      <TextField
        className={styles['span6']}
        label="User"
        mono
        value={form.user}
        onValueChange={(user) => set({ user })}
        error={errors.user}
      />
      <AuthenticationFields {...props} />
      <div className={styles['span12']}>
        <SwitchField
          label="Read-only"
          description="Each statement runs alone, in a transaction that the server holds to reading."
          checked={form.readOnly}
          onCheckedChange={(readOnly) => set({ readOnly })}
        />
      </div>
    </div>
  );
}
