import { Finds, type FoundConnections } from './found-connections.ts';
import { looksBinary, withoutByteOrderMark } from './import-text.ts';

/** One line of a password file. A field is undefined where it is `*` and matches anything. */
export interface PassfileEntry {
  /** Counted from 1. */
  readonly line: number;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string;
}

/** Where PostgreSQL's packages put the server's socket; libpq looks there when no host is named. */
const defaultSocketFolders: ReadonlySet<string> = new Set(['/tmp', '/var/run/postgresql', '/run/postgresql']);

/**
 * Reads `host:port:database:user:password` lines. A backslash takes away the meaning of the character behind it, and
 * what stands behind a fifth colon is no part of the password. Lines with too few fields match nothing and are left
 * out, as libpq does. https://www.postgresql.org/docs/current/libpq-pgpass.html, passwordFromFile() in fe-connect.c
 */
export function parsePassfile(text: string): readonly PassfileEntry[] {
  return withoutByteOrderMark(text)
    .split('\n')
    .flatMap((raw, index) => {
      const line = raw.replace(/\r+$/, '');
      if (line === '' || line.startsWith('#')) return [];
      const [host, port, database, user, password] = fieldsOf(line);
      if (host === undefined || port === undefined || database === undefined) return [];
      if (user === undefined || password === undefined) return [];
      return [
        {
          line: index + 1,
          host: host.any ? undefined : host.text,
          port: port.any ? undefined : port.text,
          database: database.any ? undefined : database.text,
          user: user.any ? undefined : user.text,
          password: password.text,
        },
      ];
    });
}

/**
 * The password of the first entry that matches, as libpq finds it. Without a host, or with the socket's default
 * folder, an entry for `localhost` is looked for. Undefined where none matches; a password may be empty.
 */
export function findPassword(
  entries: readonly PassfileEntry[],
  sought: { readonly host: string; readonly port: number; readonly database: string; readonly user: string },
): string | undefined {
  const host = sought.host === '' || defaultSocketFolders.has(sought.host) ? 'localhost' : sought.host;
  return entries.find(
    (entry) =>
      (entry.host ?? host) === host &&
      (entry.port ?? String(sought.port)) === String(sought.port) &&
      (entry.database ?? sought.database) === sought.database &&
      (entry.user ?? sought.user) === sought.user,
  )?.password;
}

/** The connections that a password file knows. Their passwords stay in it: Steward looks there at each new session. */
export function readPassfile(text: string, fileName: string): FoundConnections {
  const finds = new Finds();
  const entries = looksBinary(text) ? [] : parsePassfile(text);
  const written = withoutByteOrderMark(text)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' || line.startsWith('#') ? [] : [index + 1]));
  const understood = new Set(entries.map(({ line }) => line));
  for (const line of written) {
    if (!understood.has(line)) finds.warn(`Line ${line} of ${fileName} is not host:port:database:user:password`);
  }
  for (const entry of entries) {
    const origin = `${fileName}, line ${entry.line}`;
    const port = entry.port === undefined ? 5432 : Number(entry.port);
    if (entry.host === undefined || entry.user === undefined) {
      const open = entry.host === undefined ? 'host' : 'user';
      finds.warn(`${origin} is for any ${open}, so it is no connection by itself. Its password is found all the same.`);
    } else if (entry.database === 'replication') {
      finds.warn(`${origin} is for replication, which Steward does not speak.`);
    } else {
      finds.add(
        {
          host: entry.host,
          port,
          database: entry.database ?? 'postgres',
          user: entry.user,
          authentication: { kind: 'passfile' },
        },
        origin,
        entry.database === undefined ? ['Good for any database; postgres is taken.'] : [],
      );
    }
  }
  if (finds.result.candidates.length > 0) {
    finds.warn(`The passwords stay in ${fileName}; Steward reads them from there.`);
  }
  return finds.result;
}

interface Field {
  readonly text: string;
  /** It was written as `*`, without a backslash. */
  readonly any: boolean;
}

/** Cuts a line at its colons, as far as anybody looks: five fields. */
function fieldsOf(line: string): readonly Field[] {
  const fields: Field[] = [];
  let text = '';
  let escaped = false;
  for (let at = 0; at < line.length && fields.length < 5; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && at + 1 < line.length) {
      at += 1;
      text += line.charAt(at);
      escaped = true;
    } else if (character === ':') {
      fields.push({ text, any: text === '*' && !escaped });
      text = '';
      escaped = false;
    } else {
      text += character;
    }
  }
  fields.push({ text, any: text === '*' && !escaped });
  return fields;
}
