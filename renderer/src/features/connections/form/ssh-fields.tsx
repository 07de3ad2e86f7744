import { TextField } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { SwitchField } from '../../../ui/switch-field.tsx';

import type { ConnectionForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';

const methods: readonly { readonly value: ConnectionForm['sshMethod']; readonly label: string }[] = [
  { value: 'auto', label: 'Automatic: agent, then keys, then a password' },
  { value: 'agent', label: 'SSH agent' },
  { value: 'key', label: 'Key file' },
  { value: 'password', label: 'Password' },
];

/** The way through an SSH server. What is left empty follows ~/.ssh/config. */
export function SshFields({ form, onChange, errors }: FormFieldsProps) {
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  const disabled = !form.useSsh;
  return (
    <div className={styles['form']}>
      <div className={styles['span12']}>
        <SwitchField
          label="Go through an SSH server"
          description="Host and port under General are then as that server sees them."
          checked={form.useSsh}
          onCheckedChange={(useSsh) => set({ useSsh })}
        />
      </div>
      <TextField
        className={styles['span8']}
        label="SSH server"
        mono
        disabled={disabled}
        value={form.sshHost}
        onValueChange={(sshHost) => set({ sshHost })}
        error={errors.sshHost}
        placeholder="host name, or a Host of ~/.ssh/config"
      />
      <TextField
        className={styles['span4']}
        label="Port"
        mono
        inputMode="numeric"
        disabled={disabled}
        value={form.sshPort}
        onValueChange={(sshPort) => set({ sshPort })}
        error={errors.sshPort}
        placeholder="22"
      />
      <TextField
        className={styles['span6']}
        label="SSH user"
        mono
        disabled={disabled}
        value={form.sshUser}
        onValueChange={(sshUser) => set({ sshUser })}
        placeholder="as in ~/.ssh/config, else yours"
      />
      <Select
        className={styles['span6']}
        label="Method"
        options={methods}
        disabled={disabled}
        value={form.sshMethod}
        onValueChange={(sshMethod) => set({ sshMethod })}
      />
      {form.sshMethod === 'key' && (
        <TextField
          className={styles['span12']}
          label="Key file"
          mono
          disabled={disabled}
          value={form.sshKeyFile}
          onValueChange={(sshKeyFile) => set({ sshKeyFile })}
          error={errors.sshKeyFile}
          placeholder="~/.ssh/id_ed25519"
        />
      )}
      <TextField
        className={styles['span12']}
        label="Jump hosts"
        mono
        disabled={disabled}
        value={form.sshJumpHosts}
        onValueChange={(sshJumpHosts) => set({ sshJumpHosts })}
        error={errors.sshJumpHosts}
        placeholder="user@first:22, second"
        description="Gone through in this order before the SSH server. Empty: what ProxyJump in ~/.ssh/config says."
      />
    </div>
  );
}
