import { environmentColors } from '#contract/connections.ts';
import type { Authentication, ConnectionDraft, ConnectionEntry, SshSettings } from '#contract/connections.ts';

import { draftOf } from '../../../workbench/connection-actions.ts';

import { formatTimeout, parseTimeout } from './timeout-text.ts';

/** One more host, as it is typed. */
export interface HostForm {
  readonly host: string;
  readonly port: string;
}

/** The form: every field as it is typed. */
export interface ConnectionForm {
  readonly id?: string | undefined;
  readonly name: string;
  readonly folder: string;
  readonly environment: ConnectionDraft['environment'];
  readonly color: ConnectionDraft['color'];
  readonly host: string;
  readonly port: string;
  readonly otherHosts: readonly HostForm[];
  readonly targetSessionAttrs: NonNullable<ConnectionDraft['targetSessionAttrs']>;
  readonly database: string;
  readonly user: string;
  readonly authentication: Authentication['kind'];
  /** Null: leave the password that is kept as it is. */
  readonly password: string | null;
  readonly rememberPassword: boolean;
  readonly passfile: string;
  readonly passwordCommand: string;
  /** In seconds. */
  readonly passwordExpiry: string;
  readonly sslMode: ConnectionDraft['sslMode'];
  readonly sslRootCert: string;
  readonly sslCert: string;
  readonly sslKey: string;
  readonly sslCrl: string;
  readonly useSsh: boolean;
  readonly sshHost: string;
  readonly sshPort: string;
  readonly sshUser: string;
  readonly sshMethod: SshSettings['method'];
  readonly sshKeyFile: string;
  /** Between commas, the first one first. */
  readonly sshJumpHosts: string;
  readonly options: string;
  readonly statementTimeout: string;
  readonly lockTimeout: string;
  readonly idleTimeout: string;
  readonly readOnly: boolean;
  /** What was written to accept a superuser; empty for nothing. */
  readonly superuserAccepted: string;
}

export type FormErrors = Readonly<Partial<Record<keyof ConnectionForm, string>>>;

export const emptyForm: ConnectionForm = {
  name: '',
  folder: '',
  environment: 'development',
  color: 'blue',
  host: '',
  port: '5432',
  otherHosts: [],
  targetSessionAttrs: 'any',
  database: '',
  user: '',
  authentication: 'password',
  password: '',
  rememberPassword: true,
  passfile: '',
  passwordCommand: '',
  passwordExpiry: '0',
  sslMode: 'prefer',
  sslRootCert: '',
  sslCert: '',
  sslKey: '',
  sslCrl: '',
  useSsh: false,
  sshHost: '',
  sshPort: '',
  sshUser: '',
  sshMethod: 'auto',
  sshKeyFile: '',
  sshJumpHosts: '',
  options: '',
  statementTimeout: '',
  lockTimeout: '',
  idleTimeout: '',
  readOnly: false,
  superuserAccepted: '',
};

/** The form of a saved connection. */
export function formOf(entry: ConnectionEntry): ConnectionForm {
  const { authentication, ssh, timeouts, rememberPassword } = draftOf(entry);
  return {
    ...emptyForm,
    id: entry.id,
    name: entry.name,
    folder: entry.folder,
    environment: entry.environment,
    color: entry.color,
    host: entry.host,
    port: String(entry.port),
    otherHosts: entry.otherHosts.map(({ host, port }) => ({ host, port: String(port) })),
    targetSessionAttrs: entry.targetSessionAttrs,
    database: entry.database,
    user: entry.user,
    ...authenticationForm(authentication),
    password: null,
    rememberPassword: entry.password === 'none' ? true : (rememberPassword ?? false),
    sslMode: entry.sslMode,
    sslRootCert: entry.sslRootCert ?? '',
    sslCert: entry.sslCert ?? '',
    sslKey: entry.sslKey ?? '',
    sslCrl: entry.sslCrl ?? '',
    ...sshForm(ssh),
    options: entry.options ?? '',
    statementTimeout: formatTimeout(timeouts?.statementMs),
    lockTimeout: formatTimeout(timeouts?.lockMs),
    idleTimeout: formatTimeout(timeouts?.idleInTransactionMs),
    readOnly: entry.readOnly,
    superuserAccepted: entry.superuserAccepted ?? '',
  };
}

/** What the form lacks, by field; empty when it can be sent. */
export function errorsOf(form: ConnectionForm): FormErrors {
  const errors: Partial<Record<keyof ConnectionForm, string>> = {};
  if (form.name.trim() === '') errors.name = 'Give the connection a name';
  if (form.host.trim() === '') errors.host = 'Host is empty';
  if (!isPort(form.port)) errors.port = '1 to 65535';
  if (form.otherHosts.some(({ host, port }) => host.trim() === '' || !isPort(port))) {
    errors.otherHosts = 'Each host needs a name, and a port from 1 to 65535';
  }
  if (form.database === '') errors.database = 'Database is empty';
  if (form.user === '') errors.user = 'User is empty';
  if (form.authentication === 'command') {
    if (form.passwordCommand.trim() === '') errors.passwordCommand = 'The command is empty';
    if (!/^\d{1,5}$/.test(form.passwordExpiry) || Number(form.passwordExpiry) > 86_400) {
      errors.passwordExpiry = '0 to 86400';
    }
  }
  if (form.useSsh) {
    if (form.sshHost.trim() === '') errors.sshHost = 'The SSH server is empty';
    if (form.sshPort.trim() !== '' && !isPort(form.sshPort)) errors.sshPort = '1 to 65535';
    if (form.sshMethod === 'key' && form.sshKeyFile.trim() === '') errors.sshKeyFile = 'Name the file of the key';
    if (jumpHosts(form).length > 8) errors.sshJumpHosts = 'At most 8';
  }
  for (const field of ['statementTimeout', 'lockTimeout', 'idleTimeout'] as const) {
    if (parseTimeout(form[field]) === 'invalid') errors[field] = 'A number and a unit: 500 ms, 5 s, 10 min, or 0';
  }
  return errors;
}

/** What is sent. Call it only where `errorsOf` found nothing. */
export function draftFrom(form: ConnectionForm): ConnectionDraft {
  const files = {
    ...filled('sslRootCert', form.sslRootCert),
    ...filled('sslCert', form.sslCert),
    ...filled('sslKey', form.sslKey),
    ...filled('sslCrl', form.sslCrl),
  };
  return {
    ...(form.id === undefined ? {} : { id: form.id }),
    name: form.name.trim(),
    folder: form.folder.trim(),
    environment: form.environment,
    color: form.color,
    host: form.host.trim(),
    port: Number(form.port),
    otherHosts: form.otherHosts.map(({ host, port }) => ({ host: host.trim(), port: Number(port) })),
    targetSessionAttrs: form.targetSessionAttrs,
    database: form.database,
    user: form.user,
    authentication: authenticationFrom(form),
    ...(form.password === null || form.authentication !== 'password' ? {} : { password: form.password }),
    rememberPassword: form.rememberPassword,
    sslMode: form.sslMode,
    ...files,
    ...(form.useSsh ? { ssh: sshFrom(form) } : {}),
    ...filled('options', form.options),
    timeouts: {
      ...timeout('statementMs', form.statementTimeout),
      ...timeout('lockMs', form.lockTimeout),
      ...timeout('idleInTransactionMs', form.idleTimeout),
    },
    readOnly: form.readOnly,
    ...filled('superuserAccepted', form.superuserAccepted),
  };
}

/** The form in another environment: the colour and the guard follow, unless somebody chose otherwise. */
export function withEnvironment(form: ConnectionForm, environment: ConnectionForm['environment']): ConnectionForm {
  const untouched = form.color === environmentColors[form.environment] || form.color === 'blue';
  return {
    ...form,
    environment,
    color: untouched ? environmentColors[environment] : form.color,
    readOnly: environment === 'production' ? true : form.environment === 'production' ? false : form.readOnly,
  };
}

/** What was read from a connection string; what it does not say is left out. */
export type ParsedUrl = { readonly [Key in keyof ConnectionDraft]?: ConnectionDraft[Key] | undefined };

/** The form with what was read from a connection string. The name is filled in only while it is empty. */
export function withParsed(form: ConnectionForm, parsed: ParsedUrl): ConnectionForm {
  const name = form.name.trim() === '' ? (parsed.name ?? parsed.database ?? '') : form.name;
  const named = parsed.authentication !== undefined && parsed.authentication.kind !== 'password';
  return {
    ...form,
    name,
    host: parsed.host ?? form.host,
    port: parsed.port === undefined ? form.port : String(parsed.port),
    otherHosts: (parsed.otherHosts ?? []).map(({ host, port }) => ({ host, port: String(port) })),
    targetSessionAttrs: parsed.targetSessionAttrs ?? form.targetSessionAttrs,
    database: parsed.database ?? form.database,
    user: parsed.user ?? form.user,
    password: parsed.password ?? form.password,
    ...(named ? authenticationForm(parsed.authentication) : {}),
    ...(parsed.password === undefined ? {} : { authentication: 'password' as const }),
    sslMode: parsed.sslMode ?? form.sslMode,
    sslRootCert: parsed.sslRootCert ?? form.sslRootCert,
    sslCert: parsed.sslCert ?? form.sslCert,
    sslKey: parsed.sslKey ?? form.sslKey,
    sslCrl: parsed.sslCrl ?? form.sslCrl,
    options: parsed.options ?? form.options,
  };
}

function authenticationForm(
  authentication: Authentication = { kind: 'password' },
): Pick<ConnectionForm, 'authentication' | 'passfile' | 'passwordCommand' | 'passwordExpiry'> {
  return {
    authentication: authentication.kind,
    passfile: authentication.kind === 'passfile' ? (authentication.file ?? '') : '',
    passwordCommand: authentication.kind === 'command' ? authentication.command : '',
    passwordExpiry: authentication.kind === 'command' ? String(authentication.expirySeconds) : '0',
  };
}

function authenticationFrom(form: ConnectionForm): Authentication {
  switch (form.authentication) {
    case 'password':
      return { kind: 'password' };
    case 'passfile':
      return { kind: 'passfile', ...filled('file', form.passfile) };
    case 'command':
      return {
        kind: 'command',
        command: form.passwordCommand.trim(),
        expirySeconds: Number(form.passwordExpiry),
      };
  }
}

function sshForm(ssh: SshSettings | undefined): Partial<ConnectionForm> {
  if (ssh === undefined) return {};
  return {
    useSsh: true,
    sshHost: ssh.host,
    sshPort: ssh.port === undefined ? '' : String(ssh.port),
    sshUser: ssh.user ?? '',
    sshMethod: ssh.method,
    sshKeyFile: ssh.keyFile ?? '',
    sshJumpHosts: ssh.jumpHosts.join(', '),
  };
}

function sshFrom(form: ConnectionForm): SshSettings {
  return {
    host: form.sshHost.trim(),
    ...(form.sshPort.trim() === '' ? {} : { port: Number(form.sshPort) }),
    ...filled('user', form.sshUser),
    method: form.sshMethod,
    ...(form.sshMethod === 'key' ? filled('keyFile', form.sshKeyFile) : {}),
    jumpHosts: jumpHosts(form),
  };
}

function jumpHosts(form: ConnectionForm): string[] {
  return form.sshJumpHosts
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}

function timeout<Key extends string>(key: Key, text: string): { [K in Key]?: number } {
  const ms = parseTimeout(text);
  return (typeof ms === 'number' ? { [key]: ms } : {}) as { [K in Key]?: number };
}

function filled<Key extends string>(key: Key, text: string): { [K in Key]?: string } {
  return (text.trim() === '' ? {} : { [key]: text.trim() }) as { [K in Key]?: string };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65_535;
}
