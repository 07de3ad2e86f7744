import { X } from 'lucide-react';

import { TextField } from '../../../ui/field.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Select } from '../../../ui/select.tsx';

import type { ConnectionForm, HostForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';

const wanted: readonly { readonly value: ConnectionForm['targetSessionAttrs']; readonly label: string }[] = [
  { value: 'any', label: 'any: the first that answers' },
  { value: 'read-write', label: 'read-write: accepts writes' },
  { value: 'read-only', label: 'read-only: accepts none' },
  { value: 'primary', label: 'primary: not in recovery' },
  { value: 'standby', label: 'standby: in recovery' },
  { value: 'prefer-standby', label: 'prefer-standby: a standby, else any' },
];

/** The hosts that are tried after the first, and which of them is wanted. */
export function OtherHosts({ form, onChange, errors }: FormFieldsProps) {
  function setHost(index: number, change: Partial<HostForm>): void {
    onChange((before) => ({
      ...before,
      otherHosts: before.otherHosts.map((host, at) => (at === index ? { ...host, ...change } : host)),
    }));
  }
  return (
    <div className={styles['hosts']} role="group" aria-label="Other hosts">
      {form.otherHosts.map((host, index) => (
        // A host has no identity of its own: it is its place in the order.
        <div key={index} className={styles['hostRow']}>
          <TextField
            label={`Host ${index + 2}`}
            labelHidden
            mono
            placeholder={`host ${index + 2}, tried next`}
            value={host.host}
            onValueChange={(next) => setHost(index, { host: next })}
          />
          <TextField
            label={`Port of host ${index + 2}`}
            labelHidden
            mono
            inputMode="numeric"
            value={host.port}
            onValueChange={(port) => setHost(index, { port })}
          />
          <IconButton
            icon={X}
            label={`Remove host ${index + 2}`}
            onClick={() =>
              onChange((before) => ({
                ...before,
                otherHosts: before.otherHosts.filter((_, at) => at !== index),
              }))
            }
          />
        </div>
      ))}
      {errors.otherHosts !== undefined && <p className={styles['error']}>{errors.otherHosts}</p>}
      <Select
        label="Wanted server (target_session_attrs)"
        options={wanted}
        value={form.targetSessionAttrs}
        onValueChange={(targetSessionAttrs) => onChange((before) => ({ ...before, targetSessionAttrs }))}
      />
    </div>
  );
}
