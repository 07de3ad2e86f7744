import type { ConnectionDraft, ConnectionEntry } from '#contract/connections.ts';

import { draftOf } from '../../workbench/connection-actions.ts';

/** The form: every field as it is typed. */
export interface ConnectionForm {
  readonly id?: string | undefined;
  readonly name: string;
  readonly environment: ConnectionDraft['environment'];
  readonly color: ConnectionDraft['color'];
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
  /** Null: leave the password that is kept as it is. */
  readonly password: string | null;
  readonly rememberPassword: boolean;
  readonly sslMode: ConnectionDraft['sslMode'];
  readonly sslRootCert: string;
  readonly readOnly: boolean;
}

export type FormErrors = Readonly<Partial<Record<keyof ConnectionForm, string>>>;

export const emptyForm: ConnectionForm = {
  name: '',
  environment: 'development',
  color: 'blue',
  host: '',
  port: '5432',
  database: '',
  user: '',
  password: '',
  rememberPassword: true,
  sslMode: 'prefer',
  sslRootCert: '',
  readOnly: false,
};

/** The colour that goes with an environment until another one is chosen. */
export const colorOfEnvironment: Readonly<Record<ConnectionDraft['environment'], ConnectionDraft['color']>> = {
  local: 'grey',
  development: 'green',
  staging: 'amber',
  production: 'red',
};

/** The form of a saved connection. */
export function formOf(entry: ConnectionEntry): ConnectionForm {
  const { password: _password, port, sslRootCert, rememberPassword = false, ...rest } = draftOf(entry);
  return { ...rest, port: String(port), sslRootCert: sslRootCert ?? '', password: null, rememberPassword };
}

/** What the form lacks, by field; empty when it can be sent. */
export function errorsOf(form: ConnectionForm): FormErrors {
  const port = Number(form.port);
  const errors: Partial<Record<keyof ConnectionForm, string>> = {};
  if (form.name.trim() === '') errors.name = 'Give the connection a name';
  if (form.host.trim() === '') errors.host = 'Host is empty';
  if (!Number.isInteger(port) || port < 1 || port > 65_535) errors.port = '1 to 65535';
  if (form.database === '') errors.database = 'Database is empty';
  if (form.user === '') errors.user = 'User is empty';
  if (form.sslMode.startsWith('verify') && form.sslRootCert.trim() === '')
    errors.sslRootCert = 'Needed to verify the server';
  return errors;
}

/** What is sent. Call it only where `errorsOf` found nothing. */
export function draftFrom(form: ConnectionForm): ConnectionDraft {
  const { id, port, password, sslRootCert, ...rest } = form;
  return {
    ...rest,
    name: form.name.trim(),
    host: form.host.trim(),
    port: Number(port),
    ...(id === undefined ? {} : { id }),
    ...(password === null ? {} : { password }),
    ...(sslRootCert.trim() === '' ? {} : { sslRootCert: sslRootCert.trim() }),
  };
}

/** What was read from a URL; what the URL does not say is left out. */
export type ParsedUrl = { readonly [Key in keyof ConnectionDraft]?: ConnectionDraft[Key] | undefined };

/** The form with what was read from a URL. The name is filled in only while it is empty. */
export function withParsed(form: ConnectionForm, parsed: ParsedUrl): ConnectionForm {
  const name = form.name.trim() === '' ? (parsed.name ?? parsed.database ?? '') : form.name;
  return {
    ...form,
    name,
    host: parsed.host ?? form.host,
    port: parsed.port === undefined ? form.port : String(parsed.port),
    database: parsed.database ?? form.database,
    user: parsed.user ?? form.user,
    password: parsed.password ?? form.password,
    sslMode: parsed.sslMode ?? form.sslMode,
    sslRootCert: parsed.sslRootCert ?? form.sslRootCert,
    environment: parsed.environment ?? form.environment,
    color: parsed.color ?? form.color,
  };
}
