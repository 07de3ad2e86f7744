import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { libpqFields } from '../libpq-parameters.ts';
import { Finds, type FoundConnections, type FoundFields } from './found-connections.ts';
import { guessEnvironment } from './guess-environment.ts';
import { type JsonRecord, isTrue, parseJsonRecord, recordOf, textOf, wholeNumberOf } from './import-text.ts';
import { nearestColor } from './nearest-color.ts';
import { commandWarnings } from './steward.ts';

/** How versions before 7 wrote what is a connection parameter now. */
const olderKeys: readonly (readonly [string, string])[] = [
  ['SSLMode', 'sslmode'],
  ['SSLCert', 'sslcert'],
  ['SSLKey', 'sslkey'],
  ['SSLRootCert', 'sslrootcert'],
  ['SSLCrl', 'sslcrl'],
  ['PassFile', 'passfile'],
  ['HostAddr', 'hostaddr'],
];

/**
 * Reads what pgAdmin 4 exports with “Import/Export Servers” or `setup.py dump-servers`. It never holds a password.
 * Throws `bad_input`. https://www.pgadmin.org/docs/pgadmin4/latest/import_export_servers.html#json-format
 */
export function readPgAdminFile(text: string, systemUser: string): FoundConnections {
  const servers = recordOf(parseJsonRecord(text, 'The file').get('Servers'));
  if (servers === undefined) {
    throw StewardError.of('bad_input', 'There is no “Servers” in this file, so pgAdmin did not export it', {
      hint: 'In pgAdmin: Tools, Import/Export Servers.',
    });
  }
  const finds = new Finds();
  for (const [key, value] of servers) {
    const server = recordOf(value);
    const origin = `“${textOf(server?.get('Name')) ?? key}” in pgAdmin`;
    if (server === undefined) {
      finds.warn(`Server ${key.slice(0, 40)} is left out: it is not an object`);
      continue;
    }
    try {
      addServer(finds, server, origin, systemUser);
    } catch (error) {
      finds.warn(`${origin} is left out: ${toFailure(error).message}`);
    }
  }
  return finds.result;
}

function addServer(finds: Finds, server: JsonRecord, origin: string, systemUser: string): void {
  const service = textOf(server.get('Service')) ?? textOf(recordOf(server.get('ConnectionParameters'))?.get('service'));
  const host = textOf(server.get('Host'));
  const warnings: string[] = [];
  const parameters = parametersOf(server, warnings);
  if (host === undefined && !parameters.has('hostaddr') && service !== undefined) {
    finds.warn(`${origin} only names the service ${service}. Import that from the service file.`);
    return;
  }
  const read = libpqFields(parameters);
  const { password: _, ...libpq } = read.fields;
  warnings.push(...read.warnings);
  const user = textOf(server.get('Username')) ?? textOf(server.get('SharedUsername')) ?? libpq.user;
  if (user === undefined) warnings.push(`No user is named; ${systemUser}, who runs Steward, is taken.`);
  const group = textOf(server.get('Group'));
  const folder = group === undefined || group === 'Servers' ? '' : group;
  const name = textOf(server.get('Name'));
  const options = [libpq.options, roleOption(textOf(server.get('Role')))]
    .filter((part) => part !== undefined)
    .join(' ');
  const fields: FoundFields = {
    ...libpq,
    name,
    folder,
    database: textOf(server.get('MaintenanceDB')) ?? libpq.database ?? 'postgres',
    user: user ?? systemUser,
    options: options === '' ? undefined : options,
    environment: guessEnvironment(`${name ?? ''} ${folder} ${tagsOf(server)} ${host ?? ''}`, host ?? ''),
    ...colorOf(server),
    ...authenticationOf(server),
    ...sshOf(server, warnings),
  };
  if (isTrue(server.get('KerberosAuthentication'))) warnings.push('Kerberos is not spoken yet: it needs a password.');
  if (textOf(server.get('PostConnectionSQL')) !== undefined) warnings.push('Its SQL after connecting is not taken.');
  if (textOf(server.get('DBRestriction')) !== undefined) warnings.push('Its restriction of databases is not taken.');
  finds.add(fields, origin, [...warnings, ...commandWarnings(fields.authentication ?? { kind: 'password' })]);
}

/** What libpq is told, in its own keywords. pgAdmin's time-out of ten seconds stands in every file and says nothing. */
function parametersOf(server: JsonRecord, warnings: string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [key, keyword] of olderKeys) {
    const value = textOf(server.get(key));
    if (value !== undefined) parameters.set(keyword, value);
  }
  for (const [keyword, value] of recordOf(server.get('ConnectionParameters')) ?? []) {
    const text = textOf(value);
    if (text !== undefined && keyword !== 'connect_timeout' && keyword !== 'service') parameters.set(keyword, text);
  }
  const host = textOf(server.get('Host'));
  const port = textOf(server.get('Port'));
  if (host !== undefined) parameters.set('host', host);
  if (port !== undefined) parameters.set('port', port);
  for (const [keyword, value] of parameters) {
    if (!value.includes('<STORAGE_DIR>')) continue;
    parameters.delete(keyword);
    warnings.push(`The file of ${keyword} lies in pgAdmin’s own folder. Name it again under Security.`);
  }
  return parameters;
}

/** pgAdmin sets the role after the login; the startup packet can say the same. */
function roleOption(role: string | undefined): string | undefined {
  return role === undefined ? undefined : `-c role=${role.replaceAll(/[\\\s]/g, String.raw`\$&`)}`;
}

function colorOf(server: JsonRecord): FoundFields {
  const color = nearestColor(textOf(server.get('BGColor')));
  return color === undefined ? {} : { color };
}

function authenticationOf(server: JsonRecord): FoundFields {
  const command = textOf(server.get('PasswordExecCommand'));
  if (command === undefined) return {};
  const expirySeconds = Math.min(86_400, wholeNumberOf(server.get('PasswordExecExpiration')) ?? 0);
  return { authentication: { kind: 'command', command, expirySeconds } };
}

function sshOf(server: JsonRecord, warnings: string[]): FoundFields {
  const host = textOf(server.get('TunnelHost'));
  if (!isTrue(server.get('UseSSHTunnel')) || host === undefined) return {};
  const withKey = isTrue(server.get('TunnelAuthentication'));
  const keyFile = withKey ? textOf(server.get('TunnelIdentityFile')) : undefined;
  if (keyFile?.endsWith('.pub')) warnings.push('Its SSH key file ends in .pub; the private key beside it is taken.');
  return {
    ssh: {
      host,
      port: wholeNumberOf(server.get('TunnelPort')) ?? 22,
      user: textOf(server.get('TunnelUsername')),
      method: withKey ? (keyFile === undefined ? 'auto' : 'key') : 'password',
      keyFile: keyFile?.replace(/\.pub$/, ''),
      jumpHosts: [],
    },
  };
}

function tagsOf(server: JsonRecord): string {
  const tags = server.get('Tags');
  return Array.isArray(tags) ? tags.map((tag) => textOf(recordOf(tag)?.get('text')) ?? '').join(' ') : '';
}
