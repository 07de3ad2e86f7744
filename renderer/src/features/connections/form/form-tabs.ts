import type { TabItem } from '../../../ui/tabs.tsx';

import type { ConnectionForm, FormErrors } from './connection-form.ts';

export type FormTab = 'general' | 'security' | 'ssh' | 'session';

const tabOf: Readonly<Partial<Record<keyof ConnectionForm, FormTab>>> = {
  sslMode: 'security',
  sshHost: 'ssh',
  sshPort: 'ssh',
  sshKeyFile: 'ssh',
  sshJumpHosts: 'ssh',
  statementTimeout: 'session',
  lockTimeout: 'session',
  idleTimeout: 'session',
};

/** The tabs of the form; each says in a word what is set in it, or that something is missing. */
export function formTabs(form: ConnectionForm, errors: FormErrors): readonly TabItem<FormTab>[] {
  const timeouts = [form.statementTimeout, form.lockTimeout, form.idleTimeout].filter((text) => text.trim() !== '');
  const session = timeouts.length + (form.options.trim() === '' ? 0 : 1);
  const words: Readonly<Record<FormTab, string | undefined>> = {
    general: undefined,
    security: form.sslMode,
    ssh: form.useSsh ? form.sshHost.trim() || 'on' : undefined,
    session: session === 0 ? undefined : String(session),
  };
  const labels: readonly (readonly [FormTab, string])[] = [
    ['general', 'General'],
    ['security', 'Security'],
    ['ssh', 'SSH'],
    ['session', 'Session'],
  ];
  return labels.map(([value, label]) => ({
    value,
    label,
    count: tabOfError(errors, value) === null ? words[value] : 'incomplete',
  }));
}

/** The first tab with an error, or whether that tab has one. */
export function tabOfError(errors: FormErrors, only?: FormTab): FormTab | null {
  for (const field of Object.keys(errors)) {
    const tab = tabOf[field as keyof ConnectionForm] ?? 'general';
    if (only === undefined || tab === only) return tab;
  }
  return null;
}
