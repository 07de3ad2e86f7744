import { toFailure } from '../../../postgres/failure.ts';
import { libpqFields } from '../libpq-parameters.ts';
import { parseConnectionUrl } from '../parse-connection-url.ts';
import { Finds, type FoundConnections } from './found-connections.ts';
import { withoutByteOrderMark } from './import-text.ts';
import type { Service } from './service-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** https://www.postgresql.org/docs/current/libpq-envars.html; what is not here changes nothing for Steward. */
const variables: readonly (readonly [string, string])[] = [
  ['PGHOST', 'host'],
  ['PGHOSTADDR', 'hostaddr'],
  ['PGPORT', 'port'],
  ['PGDATABASE', 'dbname'],
  ['PGUSER', 'user'],
  ['PGSSLMODE', 'sslmode'],
  ['PGREQUIRESSL', 'requiressl'],
  ['PGSSLCERT', 'sslcert'],
  ['PGSSLKEY', 'sslkey'],
  ['PGSSLROOTCERT', 'sslrootcert'],
  ['PGSSLCRL', 'sslcrl'],
  ['PGOPTIONS', 'options'],
  ['PGTARGETSESSIONATTRS', 'target_session_attrs'],
  ['PGCONNECT_TIMEOUT', 'connect_timeout'],
];

/** These say where a server is. The others alone, PGSSLMODE say, are no connection. */
const places = ['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGUSER', 'PGSERVICE'];

/**
 * The connections that the environment names: any variable that holds a PostgreSQL URL, DATABASE_URL first, and what
 * libpq's own variables make together. As in libpq, what PGSERVICE says wins over the variables beside it.
 */
export function readEnvironment(
  environment: Environment,
  services: readonly Service[],
  systemUser: string,
): FoundConnections {
  const finds = new Finds();
  const urls = Object.entries(environment)
    .filter(([name, value]) => /^postgres(?:ql)?:\/\//.test(value?.trim() ?? '') && !name.startsWith('STEWARD_'))
    .toSorted(([a], [b]) => Number(b === 'DATABASE_URL') - Number(a === 'DATABASE_URL') || a.localeCompare(b));
  for (const [name, value] of urls) addUrl(finds, name.slice(0, 80), value?.trim() ?? '', systemUser);
  if (places.some((name) => environment[name])) addVariables(finds, environment, services, systemUser);
  return finds.result;
}

/** Lines as a `.env` file has them: `NAME=value`, with `export` and quotes where somebody wrote them. */
export function parseVariables(text: string): Environment {
  const found = new Map<string, string>();
  for (const line of withoutByteOrderMark(text).split('\n')) {
    const groups = /^\s*(?:export\s+)?(?<name>[A-Za-z_]\w*)=(?<value>.*)$/.exec(line.trimEnd())?.groups;
    if (groups === undefined) continue;
    const value = (groups['value'] ?? '').trim();
    const quoted = /^(?<quote>["'])(?<inside>.*)\k<quote>$/.exec(value)?.groups?.['inside'];
    found.set(groups['name'] ?? '', quoted ?? value);
  }
  return Object.fromEntries(found);
}

function addUrl(finds: Finds, name: string, url: string, systemUser: string): void {
  try {
    const { fields, warnings } = parseConnectionUrl(url.slice(0, 4096));
    const { password, ...rest } = fields;
    const user = rest.user ?? systemUser;
    finds.add({ ...rest, user, database: rest.database ?? user }, name, [
      ...warnings,
      ...(password === undefined ? [] : [`Its password stays in ${name}. Steward asks for it when it opens.`]),
    ]);
  } catch (error) {
    finds.warn(`${name} is left out: ${toFailure(error).message}`);
  }
}

function addVariables(finds: Finds, environment: Environment, services: readonly Service[], systemUser: string): void {
  const wanted = environment['PGSERVICE'] || undefined;
  const service = services.find(({ name }) => name === wanted);
  const parameters = new Map(service?.parameters);
  for (const [variable, keyword] of variables) {
    const value = environment[variable];
    if (value && !parameters.has(keyword)) parameters.set(keyword, value);
  }
  const named = variables.map(([variable]) => variable).filter((variable) => environment[variable]);
  const origin = [...(wanted === undefined ? [] : ['PGSERVICE']), ...named].join(', ');
  try {
    const read = libpqFields(parameters);
    const { password, ...fields } = read.fields;
    const user = fields.user ?? systemUser;
    const secret = password !== undefined || environment['PGPASSWORD'];
    finds.add({ ...fields, user, database: fields.database ?? user }, origin, [
      ...(service?.warnings ?? []),
      ...read.warnings,
      ...(wanted !== undefined && service === undefined ? [`There is no service ${wanted} in the service file.`] : []),
      ...(secret ? ['Its password stays where it is. Steward asks for it when it opens.'] : []),
    ]);
  } catch (error) {
    finds.warn(`${origin} is left out: ${toFailure(error).message}`);
  }
}
