import { sslModes, targetSessionAttributes } from '#contract/connections.ts';
import type { ConnectionDraft } from '#contract/connections.ts';

import { StewardError } from '../../postgres/failure.ts';

/** What libpq's keywords say, as the fields of a connection. */
export interface LibpqFields {
  readonly fields: { -readonly [Key in keyof ConnectionDraft]?: ConnectionDraft[Key] };
  /** What could not be carried over, in words. Never with a value that may be a secret. */
  readonly warnings: readonly string[];
}

/**
 * Every keyword of a connection string, and what becomes of it.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS (read for 9.6 to 18)
 */
const keywords = new Map<string, 'taken' | 'needless' | 'unused'>([
  ...[
    'host',
    'hostaddr',
    'port',
    'dbname',
    'user',
    'password',
    'passfile',
    'sslmode',
    'requiressl',
    'sslcert',
    'sslkey',
    'sslrootcert',
    'sslcrl',
    'options',
    'target_session_attrs',
    'service',
    'connect_timeout',
    'sslpassword',
  ].map((name) => [name, 'taken'] as const),
  // Steward sets these itself, or they change nothing for it.
  ...['application_name', 'fallback_application_name', 'client_encoding', 'sslcompression', 'sslsni'].map(
    (name) => [name, 'needless'] as const,
  ),
  ...[
    'channel_binding',
    'gssdelegation',
    'gssencmode',
    'gsslib',
    'keepalives',
    'keepalives_count',
    'keepalives_idle',
    'keepalives_interval',
    'krbsrvname',
    'load_balance_hosts',
    'max_protocol_version',
    'min_protocol_version',
    'oauth_client_id',
    'oauth_client_secret',
    'oauth_issuer',
    'oauth_scope',
    'replication',
    'require_auth',
    'requirepeer',
    'scram_client_key',
    'scram_server_key',
    'servicefile',
    'ssl_max_protocol_version',
    'ssl_min_protocol_version',
    'sslcertmode',
    'sslcrldir',
    'sslkeylogfile',
    'sslnegotiation',
    'tcp_user_timeout',
  ].map((name) => [name, 'unused'] as const),
]);

/** Whether libpq knows a keyword. It refuses a service file or a string with one that it does not know. */
export function isLibpqKeyword(name: string): boolean {
  return keywords.has(name);
}

/**
 * Reads libpq's keywords, as a URL, a `key=value` string, a service file or the environment give them. Empty values
 * are as good as none. Throws `bad_input` naming the keyword whose value cannot be.
 */
export function libpqFields(parameters: ReadonlyMap<string, string>): LibpqFields {
  const warnings: string[] = [];
  const fields: LibpqFields['fields'] = {};
  const value = (name: string) => parameters.get(name) || undefined;

  const hosts = hostsOf(value('host'), value('hostaddr'), value('port'), warnings);
  const [first, ...others] = hosts;
  if (first !== undefined) Object.assign(fields, first);
  if (others.length > 15) warnings.push(`Only the first 16 of ${hosts.length} hosts are taken.`);
  if (others.length > 0) fields.otherHosts = others.slice(0, 15);

  const texts = [
    ['database', value('dbname')],
    ['user', value('user')],
    ['password', value('password')],
    ['sslRootCert', value('sslrootcert')],
    ['sslCert', value('sslcert')],
    ['sslKey', value('sslkey')],
    ['sslCrl', value('sslcrl')],
    ['options', value('options')],
  ] as const;
  for (const [field, text] of texts) if (text !== undefined) fields[field] = text;

  const sslMode = value('sslmode') ?? (value('requiressl') === '1' ? 'require' : undefined);
  if (sslMode !== undefined) fields.sslMode = oneOf('sslmode', sslMode, sslModes);
  const attributes = value('target_session_attrs');
  if (attributes !== undefined) {
    fields.targetSessionAttrs = oneOf('target_session_attrs', attributes, targetSessionAttributes);
  }
  const passfile = value('passfile');
  if (passfile !== undefined) fields.authentication = { kind: 'passfile', file: passfile };

  if (value('service') !== undefined) {
    warnings.push(`The service ${value('service')} is not looked up here. Import it from the service file instead.`);
  }
  if (value('connect_timeout') !== undefined) {
    warnings.push('connect_timeout is not kept with a connection. It is one of Steward’s settings.');
  }
  if (value('sslpassword') !== undefined) {
    warnings.push('The passphrase of the client’s key is not taken. Steward asks for it when it is needed.');
  }
  for (const name of parameters.keys()) {
    if (!keywords.has(name)) warnings.push(`libpq does not know the parameter ${name}. It is not used.`);
    else if (keywords.get(name) === 'unused') warnings.push(`The parameter ${name} is not used.`);
  }
  return { fields, warnings };
}

/**
 * Pairs hosts with ports as libpq does: one port stands for all hosts, else there are as many ports as hosts. With
 * both, `hostaddr` only saves looking a name up, and the name is what a certificate is checked against: the name wins.
 */
function hostsOf(
  host: string | undefined,
  address: string | undefined,
  port: string | undefined,
  warnings: string[],
): readonly { readonly host: string; readonly port: number }[] {
  if (host === undefined && address === undefined) {
    return port === undefined ? [] : [{ host: 'localhost', port: portNumber(port.split(',')[0]) }];
  }
  if (host !== undefined && address !== undefined) {
    warnings.push('hostaddr is not used: the host name is looked up instead.');
  }
  const names = (host ?? address ?? '').split(',');
  const ports = port?.split(',') ?? [''];
  if (ports.length !== 1 && ports.length !== names.length) {
    throw StewardError.of('bad_input', `There are ${names.length} hosts and ${ports.length} ports`, {
      hint: 'Give one port for all hosts, or one for each.',
    });
  }
  return names.map((name, index) => ({
    host: name || 'localhost',
    port: portNumber(ports.length === 1 ? ports[0] : ports[index]),
  }));
}

/** Never repeats what it was given: in a URL with an unescaped @ or / that may be a piece of the password. */
function portNumber(text: string | undefined): number {
  if (text === undefined || text === '') return 5432;
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw StewardError.of('bad_input', 'The port is not a number from 1 to 65535', {
    hint: 'Where a password has one of @ : / ? # in it, write that as %40 %3A %2F %3F %23.',
  });
}

function oneOf<const Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw StewardError.of('bad_input', `${name} “${text.slice(0, 40)}” does not exist`, {
    hint: `It is one of ${values.join(', ')}.`,
  });
}
