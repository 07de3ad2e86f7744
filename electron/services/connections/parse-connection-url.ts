import type { ConnectionDraft } from '#contract/connections.ts';
import { sslModes } from '#contract/connections.ts';

import { StewardError } from '../../postgres/failure.ts';

export interface ParsedConnectionUrl {
  readonly fields: { -readonly [Key in keyof ConnectionDraft]?: ConnectionDraft[Key] };
  readonly warnings: readonly string[];
}

/**
 * Reads a libpq connection URI. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 * Several hosts, services and options are answered with a warning: the first host is taken.
 */
export function parseConnectionUrl(text: string): ParsedConnectionUrl {
  const source = text.trim();
  const match =
    /^(?:postgresql|postgres):\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@]*))?@)?(?<hosts>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s.exec(
      source,
    );
  const groups = match?.groups;
  if (!groups) {
    throw StewardError.of('bad_input', 'This is not a PostgreSQL connection URL', {
      hint: 'It looks like postgresql://user:password@host:5432/database?sslmode=require',
    });
  }
  const warnings: string[] = [];
  const fields: ParsedConnectionUrl['fields'] = {};
  const query = new URLSearchParams(groups['query'] ?? '');
  const hosts = (groups['hosts'] ?? '').split(',');
  if (hosts.length > 1) warnings.push(`Several hosts are named; only the first, ${hosts[0]}, is taken.`);
  const { host, port } = hostAndPort(hosts[0] ?? '');
  const user = decode(groups['user'] ?? '') || query.get('user');
  const password = decode(groups['password'] ?? '') || query.get('password');
  fields.host = query.get('host') ?? (host || 'localhost');
  fields.port = Number(query.get('port') ?? port ?? 5432);
  if (!Number.isInteger(fields.port) || fields.port < 1 || fields.port > 65_535) {
    throw StewardError.of('bad_input', `${query.get('port') ?? port} is not a port`, {
      hint: 'A port is a number from 1 to 65535.',
    });
  }
  if (user) fields.user = user;
  if (password) fields.password = password;
  const database = decode(groups['database'] ?? '') || query.get('dbname') || user;
  if (database) fields.database = database;
  const sslMode = query.get('sslmode');
  if (sslMode !== null) {
    const known = sslModes.find((mode) => mode === sslMode);
    if (!known)
      throw StewardError.of('bad_input', `sslmode "${sslMode}" does not exist`, {
        hint: `It is one of ${sslModes.join(', ')}.`,
      });
    fields.sslMode = known;
  }
  const rootCert = query.get('sslrootcert');
  if (rootCert) fields.sslRootCert = rootCert;
  for (const key of query.keys()) {
    if (!['user', 'password', 'host', 'port', 'dbname', 'sslmode', 'sslrootcert', 'application_name'].includes(key)) {
      warnings.push(`The parameter ${key} is not used.`);
    }
  }
  return { fields, warnings };
}

function hostAndPort(text: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] || undefined };
  const colon = text.lastIndexOf(':');
  return colon < 0
    ? { host: decode(text), port: undefined }
    : { host: decode(text.slice(0, colon)), port: text.slice(colon + 1) || undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw StewardError.of('bad_input', 'The URL has a % that is not followed by two hexadecimal digits', {
      hint: 'Write a % in a name or password as %25.',
    });
  }
}
