import { StewardError } from '../../postgres/failure.ts';
import { type LibpqFields, libpqFields } from './libpq-parameters.ts';
import { looksLikeConninfo, parseConninfo } from './parse-conninfo.ts';

export type ParsedConnectionUrl = LibpqFields;

/**
 * Reads a connection string of libpq: a URI with any number of hosts, or `key=value` pairs. What is not said is left
 * out, except for the host and the port. Throws `bad_input`; passwords are never part of its words.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
 */
export function parseConnectionUrl(text: string): ParsedConnectionUrl {
  const source = text.trim();
  const parameters = looksLikeConninfo(source) ? parseConninfo(source) : uriParameters(source);
  const { fields, warnings } = libpqFields(parameters);
  const database = fields.database ?? fields.user;
  return {
    fields: { host: 'localhost', port: 5432, ...fields, ...(database === undefined ? {} : { database }) },
    warnings,
  };
}

/** The keywords of a URI. What stands behind the question mark wins over what stands before it, as in libpq. */
function uriParameters(source: string): ReadonlyMap<string, string> {
  const groups = /^(?:postgresql|postgres):\/\/(?<authority>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s.exec(
    source,
  )?.groups;
  if (groups === undefined) {
    throw StewardError.of('bad_input', 'This is not a PostgreSQL connection string', {
      hint: 'It looks like postgresql://user:password@host:5432/database?sslmode=require, or like host=… dbname=… user=…',
    });
  }
  const authority = groups['authority'] ?? '';
  // The last @ ends the user and the password, so that an @ that somebody forgot to escape does no harm.
  const at = authority.lastIndexOf('@');
  const [user = '', ...password] = authority.slice(0, Math.max(0, at)).split(':');
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(hostAndPort);

  const parameters = new Map<string, string>();
  const set = (name: string, value: string) => {
    if (value !== '') parameters.set(name, value);
  };
  set('user', decode(user));
  set('password', decode(password.join(':')));
  if (hosts.some(({ host }) => host !== '')) set('host', hosts.map(({ host }) => host).join(','));
  if (hosts.some(({ port }) => port !== '')) set('port', hosts.map(({ port }) => port).join(','));
  set('dbname', decode(groups['database'] ?? ''));
  for (const pair of (groups['query'] ?? '').split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals)).slice(0, 80);
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    // What the JDBC driver takes, libpq takes too.
    if (name === 'ssl') set('sslmode', value === 'true' ? 'require' : value === 'false' ? 'disable' : value);
    else parameters.set(name, value);
  }
  return parameters;
}

function hostAndPort(text: string): { readonly host: string; readonly port: string } {
  const bracketed = /^\[(?<host>[^\]]+)\](?::(?<port>.*))?$/s.exec(text)?.groups;
  if (bracketed) return { host: bracketed['host'] ?? '', port: bracketed['port'] ?? '' };
  const colon = text.lastIndexOf(':');
  return colon < 0
    ? { host: decode(text), port: '' }
    : { host: decode(text.slice(0, colon)), port: text.slice(colon + 1) };
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
