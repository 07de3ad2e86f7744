import { sslModes } from '#contract/connections.ts';

import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { parseConnectionUrl } from '../parse-connection-url.ts';
import { Finds, type FoundConnections, type FoundFields } from './found-connections.ts';
import { guessEnvironment } from './guess-environment.ts';
import { type JsonRecord, isTrue, parseJsonRecord, recordOf, textOf, wholeNumberOf } from './import-text.ts';
import { nearestColor } from './nearest-color.ts';

/** Drivers of DBeaver that speak to PostgreSQL itself. The others speak its protocol to something else. */
const realDrivers: ReadonlySet<string> = new Set(['postgres-jdbc', 'postgres-timescale-jdbc', 'postgres-edb-jdbc']);

/** DBeaver's own types of connections. A person can make more, in `connection-types`. */
const environments: ReadonlyMap<string, FoundFields['environment']> = new Map([
  ['dev', 'development'],
  ['test', 'staging'],
  ['prod', 'production'],
]);

/** The JDBC driver's words for target_session_attrs. */
const targetServerTypes: ReadonlyMap<string, FoundFields['targetSessionAttrs']> = new Map([
  ['primary', 'primary'],
  ['master', 'primary'],
  ['secondary', 'standby'],
  ['slave', 'standby'],
  ['preferSecondary', 'prefer-standby'],
  ['preferSlave', 'prefer-standby'],
]);

/**
 * Reads a data-sources.json of DBeaver, from a workspace (`…/.dbeaver/data-sources.json`) or from an exported project.
 * Throws `bad_input`. The shape is that of DataSourceSerializerModern.java and of the handlers `ssh_tunnel` and
 * `postgre_ssl`, read for 21 to 25. Users and passwords lie beside it in an encrypted file.
 */
export function readDbeaverFile(text: string): FoundConnections {
  const file = parseJsonRecord(text, 'The file');
  const connections = recordOf(file.get('connections'));
  if (connections === undefined) {
    throw StewardError.of(
      'bad_input',
      'There is no “connections” in this file, so it is not DBeaver’s data-sources.json',
      {
        hint: 'It lies in the workspace, under General/.dbeaver.',
      },
    );
  }
  const finds = new Finds();
  let others = 0;
  let withoutUser = 0;
  for (const [key, value] of connections) {
    const source = recordOf(value);
    const configuration = recordOf(source?.get('configuration'));
    const name = textOf(source?.get('name')) ?? key;
    if (source === undefined || configuration === undefined || !isPostgres(source, configuration)) {
      others += 1;
      continue;
    }
    try {
      const { fields, warnings } = fieldsOf(source, configuration, file);
      if (fields.user === undefined) withoutUser += 1;
      finds.add({ user: 'postgres', ...defined(fields), name }, `“${name}” in DBeaver`, warnings);
    } catch (error) {
      finds.warn(`“${name.slice(0, 120)}” in DBeaver is left out: ${toFailure(error).message}`);
    }
  }
  if (others > 0) finds.warn(`${others} for other databases than PostgreSQL ${others === 1 ? 'is' : 'are'} left out`);
  if (finds.result.candidates.length > 0) {
    const users = withoutUser === 0 ? 'Passwords' : 'User names and passwords';
    finds.warn(`${users} lie encrypted in DBeaver’s credentials-config.json and are not read.`);
  }
  return finds.result;
}

function isPostgres(source: JsonRecord, configuration: JsonRecord): boolean {
  const url = textOf(configuration.get('url')) ?? '';
  return textOf(source.get('provider')) === 'postgresql' || url.startsWith('jdbc:postgresql:');
}

function fieldsOf(
  source: JsonRecord,
  configuration: JsonRecord,
  file: JsonRecord,
): { readonly fields: FoundFields; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const driver = textOf(source.get('driver')) ?? '';
  if (driver !== '' && !realDrivers.has(driver)) {
    warnings.push(`Made for ${driver}, which only resembles PostgreSQL. Not everything will work.`);
  }
  const fromUrl = urlFields(textOf(configuration.get('url')), warnings);
  const host = textOf(configuration.get('host'));
  const several = (fromUrl.otherHosts?.length ?? 0) > 0 || (host?.includes(',') ?? false);
  // What is typed into the form stands in host, port and database; with URL as the type, or several hosts, in the URL.
  const typed =
    textOf(configuration.get('configurationType')) === 'URL' || several
      ? {}
      : defined({
          host,
          port: wholeNumberOf(configuration.get('port')),
          database: textOf(configuration.get('database')),
        });
  const user = textOf(configuration.get('user')) ?? textOf(recordOf(configuration.get('credentials'))?.get('user'));
  if (user === undefined && fromUrl.user === undefined)
    warnings.push('Its user is not in the file; postgres is assumed.');
  const folder = folderOf(textOf(source.get('folder')), file);
  const name = textOf(source.get('name')) ?? '';
  const environment = environmentOf(textOf(configuration.get('type')), file, `${name} ${folder}`, host ?? fromUrl.host);
  const color = nearestColor(textOf(configuration.get('color')));
  if (textOf(configuration.get('config-profile')) !== undefined) warnings.push('Its network profile is not taken.');
  if (recordOf(configuration.get('bootstrap'))?.has('query')) warnings.push('Its SQL after connecting is not taken.');
  const fields: FoundFields = {
    ...fromUrl,
    ...typed,
    ...(user === undefined ? {} : { user }),
    ...propertyFields(recordOf(configuration.get('properties'))),
    ...tlsFields(recordOf(recordOf(configuration.get('handlers'))?.get('postgre_ssl')), warnings),
    ...sshFields(recordOf(recordOf(configuration.get('handlers'))?.get('ssh_tunnel')), warnings),
    ...(textOf(configuration.get('auth-model')) === 'postgres_pgpass' ? { authentication: { kind: 'passfile' } } : {}),
    ...(color === undefined ? {} : { color }),
    ...(isTrue(source.get('read-only')) || environment === 'production' ? { readOnly: true } : {}),
    folder,
    environment,
  };
  return { fields, warnings };
}

/** `jdbc:postgresql://host:port,host:port/database?name=value`, or `jdbc:postgresql:database`. */
function urlFields(url: string | undefined, warnings: string[]): FoundFields {
  if (url === undefined || !url.startsWith('jdbc:postgresql:')) return {};
  const rest = url.slice('jdbc:postgresql:'.length);
  const [address = '', query = ''] = rest.split('?', 2);
  // DBeaver leaves the braces of a host or database that nobody filled in.
  if (/[{}]/.test(address)) {
    warnings.push('Its URL has a variable in it. Fill in what is missing.');
    return {};
  }
  const parameters = new URLSearchParams(query);
  const { password: _, ...fields } = parseConnectionUrl(
    `postgresql:${address.startsWith('//') ? '' : '///'}${address}`,
  ).fields;
  return { ...fields, ...propertyFields(new Map(parameters)) };
}

/** The properties of the JDBC driver that mean something here. */
function propertyFields(properties: JsonRecord | undefined): FoundFields {
  const text = (name: string) => textOf(properties?.get(name));
  const sslMode = sslModes.find((mode) => mode === text('sslmode'));
  const ssl = text('ssl') === 'true' && sslMode === undefined ? 'verify-full' : sslMode;
  const schema = text('currentSchema');
  const options = [
    text('options'),
    schema === undefined ? undefined : `-c search_path=${schema.replaceAll(/\s/g, '')}`,
  ];
  return defined({
    user: text('user'),
    sslMode: ssl,
    sslRootCert: text('sslrootcert'),
    sslCert: text('sslcert'),
    sslKey: text('sslkey'),
    targetSessionAttrs: targetServerTypes.get(text('targetServerType') ?? ''),
    options: options.filter((part) => part !== undefined).join(' ') || undefined,
  });
}

function tlsFields(handler: JsonRecord | undefined, warnings: string[]): FoundFields {
  if (handler === undefined || !isTrue(handler.get('enabled'))) return {};
  const properties = recordOf(handler.get('properties'));
  const text = (...names: string[]) => names.map((name) => textOf(properties?.get(name))).find((value) => value);
  if (text('ssl.method') === 'KEYSTORE') warnings.push('Its certificates lie in a Java key store, which is not read.');
  const sslMode = sslModes.find((mode) => mode === text('sslMode')) ?? 'require';
  return defined({
    sslMode,
    sslRootCert: text('ssl.ca.cert', 'rootCert'),
    sslCert: text('ssl.client.cert', 'clientCert'),
    sslKey: text('ssl.client.key', 'clientKey'),
  });
}

function sshFields(handler: JsonRecord | undefined, warnings: string[]): FoundFields {
  const properties = recordOf(handler?.get('properties'));
  if (handler === undefined || !isTrue(handler.get('enabled'))) return {};
  const host = textOf(properties?.get('host'));
  if (properties === undefined || host === undefined) {
    warnings.push('Its SSH tunnel names no host. Fill it in under SSH.');
    return {};
  }
  const user = textOf(handler.get('user')) ?? textOf(recordOf(handler.get('credentials'))?.get('user'));
  if (user === undefined) warnings.push('The user of its SSH tunnel is not in the file. Fill it in under SSH.');
  const keyFile = textOf(properties.get('keyPath'));
  const type = textOf(properties.get('authType'));
  const method = type === 'PUBLIC_KEY' && keyFile !== undefined ? 'key' : type === 'AGENT' ? 'agent' : 'password';
  return {
    ssh: {
      host,
      ...defined({ port: wholeNumberOf(properties.get('port')), user }),
      method: type === 'PUBLIC_KEY' && keyFile === undefined ? 'auto' : method,
      ...(method === 'key' ? defined({ keyFile }) : {}),
      jumpHosts: jumpHostsOf(properties),
    },
  };
}

/** `jumpServer0.enabled`, `jumpServer0.host` and so on, the first one first. */
function jumpHostsOf(properties: JsonRecord): string[] {
  const hosts: string[] = [];
  for (let index = 0; index < 8 && isTrue(properties.get(`jumpServer${index}.enabled`)); index += 1) {
    const host = textOf(properties.get(`jumpServer${index}.host`));
    const port = wholeNumberOf(properties.get(`jumpServer${index}.port`));
    const user = textOf(properties.get(`jumpServer${index}.name`));
    if (host === undefined) break;
    hosts.push(`${user === undefined ? '' : `${user}@`}${host}${port === undefined || port === 22 ? '' : `:${port}`}`);
  }
  return hosts;
}

/** The path of a folder: as it is written, or with the parents that the file names. */
function folderOf(folder: string | undefined, file: JsonRecord): string {
  if (folder === undefined || folder.includes('/')) return folder ?? '';
  const folders = recordOf(file.get('folders'));
  const path = [folder];
  for (let depth = 0; depth < 10; depth += 1) {
    const parent = textOf(recordOf(folders?.get(path[0] ?? ''))?.get('parent'));
    if (parent === undefined) break;
    path.unshift(parent);
  }
  return path.join('/');
}

function environmentOf(
  type: string | undefined,
  file: JsonRecord,
  words: string,
  host = '',
): NonNullable<FoundFields['environment']> {
  const known = environments.get(type ?? '');
  // Every new connection is of type dev, so that alone says less than a name does.
  if (known !== undefined && known !== 'development') return known;
  const typeName = textOf(recordOf(recordOf(file.get('connection-types'))?.get(type ?? ''))?.get('name')) ?? '';
  return guessEnvironment(`${typeName} ${words} ${host}`, host);
}

function defined<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
