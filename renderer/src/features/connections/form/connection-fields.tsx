import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { useEffect, useState } from 'react';

import type { ConnectionDraft, ConnectionEntry } from '#contract/connections.ts';

import { useLatest } from '../../lib/use-latest.ts';
import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';

import { colorOfEnvironment, withParsed } from './connection-form.ts';
import type { ConnectionForm, FormErrors } from './connection-form.ts';
import styles from './connections.module.css';
import { UrlWarnings } from './url-warnings.tsx';

const environments = [
  { value: 'local', label: 'Local' },
  { value: 'development', label: 'Development' },
  { value: 'staging', label: 'Staging' },
  { value: 'production', label: 'Production' },
] as const;

const colors = ['grey', 'green', 'blue', 'purple', 'amber', 'red'] as const;

const sslModes: readonly { readonly value: ConnectionDraft['sslMode']; readonly label: string }[] = [
  { value: 'disable', label: 'disable: never encrypted' },
  { value: 'allow', label: 'allow: encrypted if the server insists' },
  { value: 'prefer', label: 'prefer: encrypted if the server can' },
  { value: 'require', label: 'require: encrypted, certificate not checked' },
  { value: 'verify-ca', label: 'verify-ca: encrypted, certificate checked' },
  { value: 'verify-full', label: 'verify-full: certificate and host name checked' },
];

export interface ConnectionFieldsProps {
  readonly form: ConnectionForm;
  readonly onChange: (change: (before: ConnectionForm) => ConnectionForm) => void;
  readonly errors: FormErrors;
  readonly entry: ConnectionEntry | null;
}

/** The fields of a connection, with a URL above them that fills them in while it is pasted or typed. */
export function ConnectionFields({ form, onChange, errors, entry }: ConnectionFieldsProps) {
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  const verifies = form.sslMode.startsWith('verify');
  return (
    <div className={styles['form']}>
      {entry === null && <UrlField onChange={onChange} />}
      <TextField
        className={styles['span3']}
        label="Name"
        value={form.name}
        onValueChange={(name) => set({ name })}
        error={errors.name}
      />
      <ColorField color={form.color} onColorChange={(color) => set({ color })} />
      <div className={styles['span6']}>
        <p className={styles['fieldLabel']}>Environment</p>
        <Segmented
          label="Environment"
          options={environments}
          value={form.environment}
          onValueChange={(environment) =>
            onChange((before) => ({
              ...before,
              environment,
              color:
                before.color === colorOfEnvironment[before.environment] || before.color === 'blue'
                  ? colorOfEnvironment[environment]
                  : before.color,
              readOnly:
                environment === 'production' ? true : before.environment === 'production' ? false : before.readOnly,
            }))
          }
        />
      </div>
      <TextField
        className={styles['span4']}
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
      <TextField
        className={styles['span3']}
        label="Database"
        mono
        value={form.database}
        onValueChange={(database) => set({ database })}
        error={errors.database}
      />
      <TextField
        className={styles['span3']}
        label="User"
        mono
        value={form.user}
        onValueChange={(user) => set({ user })}
        error={errors.user}
      />
      <TextField
        className={styles['span3']}
        label="Password"
        type="password"
        autoComplete="new-password"
        value={form.password ?? ''}
        onValueChange={(password) => set({ password })}
        placeholder={form.password === null && entry?.password !== 'none' ? 'unchanged' : ''}
      />
      <Select
        className={styles['span3']}
        label="TLS"
        options={sslModes}
        value={form.sslMode}
        onValueChange={(sslMode) => set({ sslMode })}
      />
      {verifies && (
        <TextField
          className={styles['span6']}
          label="Root certificate file"
          mono
          value={form.sslRootCert}
          onValueChange={(sslRootCert) => set({ sslRootCert })}
          error={errors.sslRootCert}
          placeholder="/path/to/root.crt"
        />
      )}
      <div className={styles['span3']}>
        <SwitchField
          label="Remember the password"
          description="In the secret store; else only until Steward quits."
          checked={form.rememberPassword}
          onCheckedChange={(rememberPassword) => set({ rememberPassword })}
        />
      </div>
      <div className={styles['span3']}>
        <SwitchField
          label="Read-only"
          description="Sessions start with default_transaction_read_only."
          checked={form.readOnly}
          onCheckedChange={(readOnly) => set({ readOnly })}
        />
      </div>
    </div>
  );
}

function UrlField({ onChange }: { readonly onChange: ConnectionFieldsProps['onChange'] }) {
  const [url, setUrl] = useState('');
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [error, setError] = useState<string | null>(null);
  const latest = useLatest(onChange);

  useEffect(() => {
    setWarnings([]);
    setError(null);
    if (url.trim() === '') return;
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      client.connections.parseUrl({ url: url.trim() }, { signal: controller.signal }).then(
        ({ warnings: found, ...parsed }) => {
          if (controller.signal.aborted) return;
          setWarnings(found);
          latest.current((before) => withParsed(before, parsed));
        },
        (thrown: unknown) => {
          if (!controller.signal.aborted) setError(failureOf(thrown).message);
        },
      );
    }, 150);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [url, latest]);

  return (
    <div className={styles['span6']}>
      <TextField
        label="Connection URL"
        mono
        autoFocus
        value={url}
        onValueChange={setUrl}
        error={error}
        placeholder="postgresql://user:password@host:5432/database?sslmode=require"
        description="Paste one to fill in the fields below, or leave it empty."
      />
      <UrlWarnings warnings={warnings} />
    </div>
  );
}

interface ColorFieldProps {
  readonly color: ConnectionDraft['color'];
  readonly onColorChange: (color: ConnectionDraft['color']) => void;
}

function ColorField({ color, onColorChange }: ColorFieldProps) {
  return (
    <div className={styles['span3']}>
      <p className={styles['fieldLabel']}>Colour</p>
      <RadioGroup
        aria-label="Colour"
        className={styles['colors']}
        value={color}
        onValueChange={(next: ConnectionDraft['color']) => onColorChange(next)}
      >
        {colors.map((name) => (
          <Radio.Root key={name} value={name} aria-label={name} className={styles['color']}>
            <span style={{ background: `var(--connection-${name})` }} />
          </Radio.Root>
        ))}
      </RadioGroup>
    </div>
  );
}
