import type pg from 'pg';

import { quoteLiteral } from './quote-identifier.ts';
import type { SslAttempt, SslParameters } from './tls-options.ts';
import { catalogTypes } from './value-types.ts';

/** Settings that a session starts with. They travel in the startup packet, so that no statement can slip in before them. */
export type SessionSettings = Readonly<Record<string, string>>;

export type TargetSessionAttributes = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

/** A server that may be asked for a session. */
export interface Endpoint {
  /** Host name, address, or the folder of a unix socket: the name that its certificate must carry. */
  readonly host: string;
  readonly port: number;
  /** Where to knock instead: the near end of a tunnel. */
  readonly address?: { readonly host: string; readonly port: number } | undefined;
  readonly password?: string | undefined;
}

/**
 * All that is needed to open a session: a plain value, so that it reaches workers and sub-processes.
 * Never logged, never sent to the renderer.
 */
export interface ConnectParameters extends Endpoint, Omit<SslParameters, 'host'> {
  readonly database: string;
  readonly user: string;
  /** Tried in turn after the first. */
  readonly otherEndpoints?: readonly Endpoint[] | undefined;
  readonly targetSessionAttrs?: TargetSessionAttributes | undefined;
  /** As libpq's `options`; before the settings, which win. */
  readonly options?: string | undefined;
  readonly settings: SessionSettings;
  /** A pooler refuses or drops settings at the start: they go first in each transaction instead. */
  readonly pooled?: boolean | undefined;
  readonly connectTimeoutMs: number;
  readonly applicationName?: string;
}

/** Where the socket goes. */
export function socketAddress({ host, port, address }: Endpoint): { readonly host: string; readonly port: number } {
  return address ?? { host, port };
}

/** The `pg` client configuration for one endpoint and one TLS attempt. */
export function clientConfig(parameters: ConnectParameters, ssl: SslAttempt): pg.ClientConfig {
  const { host, port } = socketAddress(parameters);
  return {
    host,
    port,
    database: parameters.database,
    user: parameters.user,
    // Never undefined: pg would then look at PGPASSWORD and ~/.pgpass on its own.
    password: parameters.password ?? '',
    ssl,
    application_name: parameters.applicationName ?? 'steward',
    connectionTimeoutMillis: parameters.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: catalogTypes,
    ...(parameters.pooled ? {} : { options: startupOptions(parameters.settings, parameters.options) }),
  };
}

/** A setting that every session of ours starts with: where it is missing, something in between dropped the options. */
export const startedSetting = 'steward.session';

/** Libpq's options, then `-c name=value …` with the escapes that the server undoes: backslash before space and backslash. */
export function startupOptions(settings: SessionSettings, before?: string): string {
  return [
    ...(before ? [before] : []),
    ...[...Object.entries(settings), [startedSetting, 'on'] as const].map(
      ([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, String.raw`\$&`)}`,
    ),
  ].join(' ');
}

/**
 * The settings as one statement for the start of a transaction behind a pooler: they hold for this transaction only and
 * reach nobody else's session. Libpq's options of the form `-c name=value` go the same way. Empty where there are none.
 */
export function transactionSettings(parameters: Pick<ConnectParameters, 'settings' | 'options'>): string {
  const calls = [...Object.entries(optionSettings(parameters.options ?? '')), ...Object.entries(parameters.settings)]
    .filter(([name]) => name !== 'default_transaction_read_only')
    .map(([name, value]) => `pg_catalog.set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, true)`);
  return calls.length > 0 ? `select ${calls.join(', ')}` : '';
}

/** Reads `-c name=value` and `--name=value` as the server does: blanks divide, a backslash keeps the next character. */
export function optionSettings(options: string): Record<string, string> {
  const words = [...options.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) => word.replaceAll(/\\(.)/gs, '$1'));
  const settings: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const text = word === '-c' ? (words[(index += 1)] ?? '') : /^(?:-c|--)(.+)$/s.exec(word)?.[1];
    const parts = /^(?<name>[\w.-]+)=(?<value>.*)$/s.exec(text ?? '')?.groups;
    if (parts?.['name']) settings[parts['name'].replaceAll('-', '_')] = parts['value'] ?? '';
  }
  return settings;
}
