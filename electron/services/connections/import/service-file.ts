import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { isLibpqKeyword, libpqFields } from '../libpq-parameters.ts';
import { Finds, type FoundConnections } from './found-connections.ts';
import { looksBinary, withoutByteOrderMark } from './import-text.ts';

/** One service of a connection service file, and what libpq would object to. */
export interface Service {
  readonly name: string;
  /** Of its heading, counted from 1. */
  readonly line: number;
  readonly parameters: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/**
 * Reads a connection service file as libpq does: `[name]` up to the first bracket, `keyword=value` without blanks
 * around the equals sign, comments on lines of their own. Of two sections of one name, and of two values for one
 * keyword, the first counts. Throws `bad_input` where there are lines but no section.
 * https://www.postgresql.org/docs/current/libpq-pgservice.html, parseServiceFile() in fe-connect.c
 */
export function parseServiceFile(text: string): readonly Service[] {
  const services = new Map<string, { line: number; parameters: Map<string, string>; warnings: string[] }>();
  let current: { line: number; parameters: Map<string, string>; warnings: string[] } | undefined;
  let firstStray: number | undefined;
  const lines = looksBinary(text) ? [text] : withoutByteOrderMark(text).split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    const number = index + 1;
    if (line === '' || line.startsWith('#')) continue;
    const heading = /^\[(?<name>[^\]]*)\]/.exec(line)?.groups?.['name'];
    if (line.startsWith('[')) {
      current = { line: number, parameters: new Map(), warnings: [] };
      if (heading === undefined || heading === '') firstStray ??= number;
      else if (!services.has(heading)) services.set(heading, current);
    } else if (current === undefined) {
      firstStray ??= number;
    } else {
      readParameter(line, number, current);
    }
  }
  if (services.size === 0 && firstStray !== undefined) {
    throw StewardError.of('bad_input', `Line ${firstStray} does not belong to a service file`, {
      hint: 'It has sections such as [orders], and lines such as host=db.example under each.',
    });
  }
  return Array.from(services, ([name, service]) => ({ name, ...service }));
}

function readParameter(
  line: string,
  number: number,
  service: { readonly parameters: Map<string, string>; readonly warnings: string[] },
): void {
  const equals = line.indexOf('=');
  const name = line.slice(0, Math.max(0, equals));
  if (line.startsWith('ldap')) {
    service.warnings.push(`Line ${number}: services in LDAP are not looked up.`);
  } else if (equals < 0) {
    service.warnings.push(`Line ${number} has no =. libpq refuses this service because of it.`);
  } else if (name === 'service' || name === 'servicefile') {
    service.warnings.push(`Line ${number}: a service within a service. libpq refuses it.`);
  } else if (!isLibpqKeyword(name)) {
    service.warnings.push(
      `Line ${number}: libpq does not know “${name.trim().slice(0, 40)}” and refuses this service.`,
    );
  } else if (!service.parameters.has(name)) {
    service.parameters.set(name, line.slice(equals + 1));
  }
}

/** The connections of a service file. `systemUser` is who libpq logs in as where none is named. */
export function readServiceFile(text: string, fileName: string, systemUser: string): FoundConnections {
  const finds = new Finds();
  for (const service of parseServiceFile(text)) {
    addService(finds, service, `${fileName}, [${service.name}]`, systemUser);
  }
  return finds.result;
}

function addService(finds: Finds, service: Service, origin: string, systemUser: string): void {
  const warnings = [...service.warnings];
  try {
    const read = libpqFields(service.parameters);
    const { password, ...fields } = read.fields;
    warnings.push(...read.warnings);
    if (password !== undefined) warnings.push('Its password stays in the file. Steward asks for it when it opens.');
    const user = fields.user ?? systemUser;
    finds.add({ ...fields, user, database: fields.database ?? user, name: service.name }, origin, warnings);
  } catch (error) {
    finds.warn(`${origin} is left out: ${toFailure(error).message}`);
  }
}
