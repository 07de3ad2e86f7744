import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

import type pg from 'pg';

import { catalogTypes } from './value-types.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Settings that a session starts with. They travel in the startup packet, so that no statement can slip in before them. */
export type SessionSettings = Readonly<Record<string, string>>;

/** All that is needed to open a session. Never logged, never sent to the renderer. */
export interface ConnectParameters {
  /** Host name, address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string | undefined;
  readonly sslMode: SslMode;
  readonly sslRootCert?: string | undefined;
  readonly settings: SessionSettings;
  readonly connectTimeoutMs: number;
  readonly applicationName?: string;
}

/** One way of speaking TLS, or none: what is tried for an sslmode, in order. */
export type SslAttempt = false | TlsOptions;

/**
 * What libpq tries for each sslmode, in order. `allow` and `prefer` have two attempts; a unix socket never uses TLS.
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS
 */
export function sslAttempts(
  parameters: Pick<ConnectParameters, 'host' | 'sslMode' | 'sslRootCert'>,
): readonly SslAttempt[] {
  if (parameters.host.startsWith('/')) return [false];
  const unverified: TlsOptions = { rejectUnauthorized: false };
  switch (parameters.sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, unverified];
    case 'prefer':
      return [unverified, false];
    case 'require': {
      // With a root certificate at hand, libpq's "require" verifies the authority as "verify-ca" does.
      const authority = rootCertificate(parameters.sslRootCert, false);
      return [authority ? verifiedByAuthority(authority) : unverified];
    }
    case 'verify-ca':
      return [verifiedByAuthority(rootCertificate(parameters.sslRootCert, true))];
    case 'verify-full':
      return [{ ca: rootCertificate(parameters.sslRootCert, true), rejectUnauthorized: true }];
  }
}

function verifiedByAuthority(ca: string | undefined): TlsOptions {
  return { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function rootCertificate(file: string | undefined, required: boolean): string | undefined {
  const location = file ?? path.join(os.homedir(), '.postgresql', 'root.crt');
  try {
    return readFileSync(location, 'utf8');
  } catch (error) {
    if (file === undefined && !required) return undefined;
    throw new Error(
      `The root certificate ${location} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}). ` +
        'Name the file that holds the authority of the server’s certificate, or choose sslmode "require".',
      { cause: error },
    );
  }
}

/** The `pg` client configuration for one TLS attempt. */
export function clientConfig(parameters: ConnectParameters, ssl: SslAttempt): pg.ClientConfig {
  return {
    host: parameters.host,
    port: parameters.port,
    database: parameters.database,
    user: parameters.user,
    // Never undefined: pg would then look at PGPASSWORD and ~/.pgpass on its own.
    password: parameters.password ?? '',
    ssl: ssl === false ? false : { ...ssl, ...(isAddress(parameters.host) ? {} : { servername: parameters.host }) },
    application_name: parameters.applicationName ?? 'steward',
    connectionTimeoutMillis: parameters.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: catalogTypes,
    ...(Object.keys(parameters.settings).length > 0 ? { options: startupOptions(parameters.settings) } : {}),
  };
}

/** `-c name=value …` with the escapes that the server undoes: backslash before space and backslash. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, String.raw`\$&`)}`)
    .join(' ');
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}
