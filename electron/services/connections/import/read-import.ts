import { readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Connection, ImportCandidate, ImportSource } from '#contract/connections.ts';

import { StewardError } from '../../../postgres/failure.ts';
import { readDbeaverFile } from './dbeaver.ts';
import { parseVariables, readEnvironment } from './environment.ts';
import type { FoundConnection, FoundConnections } from './found-connections.ts';
import { decodeText, mostBytes, tooLong } from './import-text.ts';
import { type PassfileEntry, findPassword, parsePassfile, readPassfile } from './passfile.ts';
import { readPgAdminFile } from './pgadmin.ts';
import { type Service, parseServiceFile, readServiceFile } from './service-file.ts';
import { readStewardFile } from './steward.ts';
import { readUrls } from './urls.ts';

/** What is looked at on the host's machine. Tests bring their own. */
export interface ImportMachine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly userName: string;
  readonly platform: NodeJS.Platform;
}

/**
 * What a source holds, compared with what is saved. With `text` nothing of the machine is read.
 * Throws `bad_input` where a file is not what it should be, `not_found` where there is none, `input_output`.
 */
export async function readImport(
  source: ImportSource,
  text: string | undefined,
  saved: readonly Connection[],
  machine: ImportMachine = thisMachine(),
): Promise<{ candidates: ImportCandidate[]; warnings: string[] }> {
  const found = text === undefined ? await readMachine(source, machine) : readText(source, text, machine);
  return {
    candidates: found.candidates.map((candidate) => withExisting(candidate, saved)),
    warnings: [...found.warnings],
  };
}

/** The machine that this process runs on. */
export function thisMachine(): ImportMachine {
  const info = os.userInfo();
  return { environment: process.env, homeDirectory: os.homedir(), userName: info.username, platform: process.platform };
}

/** Where libpq looks for a password file. https://www.postgresql.org/docs/current/libpq-pgpass.html */
export function passfilePath(machine: ImportMachine): string {
  const { environment, homeDirectory } = machine;
  if (environment['PGPASSFILE']) return environment['PGPASSFILE'];
  return machine.platform === 'win32'
    ? path.join(roaming(machine), 'postgresql', 'pgpass.conf')
    : path.join(homeDirectory, '.pgpass');
}

/** Where libpq looks for services, the user's file first. https://www.postgresql.org/docs/current/libpq-pgservice.html */
export function serviceFilePaths(machine: ImportMachine): readonly string[] {
  const { environment, homeDirectory } = machine;
  const own =
    environment['PGSERVICEFILE'] ||
    (machine.platform === 'win32'
      ? path.join(roaming(machine), 'postgresql', '.pg_service.conf')
      : path.join(homeDirectory, '.pg_service.conf'));
  const system = environment['PGSYSCONFDIR'];
  // Where Debian's and Red Hat's packages were told that their system-wide folder is.
  const usual = machine.platform === 'win32' ? [] : ['/etc/postgresql-common', '/etc/sysconfig/pgsql'];
  return [own, ...(system ? [system] : usual).map((folder) => path.join(folder, 'pg_service.conf'))];
}

function readText(source: ImportSource, text: string, machine: ImportMachine): FoundConnections {
  switch (source) {
    case 'pgpass':
      return readPassfile(text, 'the password file');
    case 'service':
      return readServiceFile(text, 'the service file', machine.userName);
    case 'environment':
      return readEnvironment(parseVariables(text), [], machine.userName);
    case 'urls':
      return readUrls(text, machine.userName);
    case 'pgadmin':
      return readPgAdminFile(text, machine.userName);
    case 'dbeaver':
      return readDbeaverFile(text);
    case 'steward':
      return readStewardFile(text);
  }
}

async function readMachine(source: ImportSource, machine: ImportMachine): Promise<FoundConnections> {
  switch (source) {
    case 'pgpass': {
      const file = passfilePath(machine);
      const text = await readIfThere(file);
      if (text === undefined) throw StewardError.of('not_found', `There is no password file ${shown(file, machine)}`);
      const found = readPassfile(text, shown(file, machine));
      return { ...found, warnings: [...(await modeWarnings(file, machine)), ...found.warnings] };
    }
    case 'service': {
      const files = await serviceFiles(machine);
      if (files.length === 0) {
        throw StewardError.of('not_found', 'There is no service file', {
          hint: `Looked for ${serviceFilePaths(machine)
            .map((file) => shown(file, machine))
            .join(', ')}.`,
        });
      }
      const read = files.map(({ file, text }) => readServiceFile(text, shown(file, machine), machine.userName));
      return withPassfile(
        {
          candidates: read.flatMap(({ candidates }) => candidates),
          warnings: read.flatMap(({ warnings }) => warnings),
        },
        await passfileEntries(machine),
        shown(passfilePath(machine), machine),
      );
    }
    case 'environment':
      return withPassfile(
        readEnvironment(machine.environment, await services(machine), machine.userName),
        await passfileEntries(machine),
        shown(passfilePath(machine), machine),
      );
    case 'urls':
    case 'pgadmin':
    case 'dbeaver':
    case 'steward':
      throw StewardError.of('bad_input', 'Choose the file, or paste its text');
  }
}

/** libpq's own words for a file that it ignores. */
async function modeWarnings(file: string, machine: ImportMachine): Promise<readonly string[]> {
  if (machine.platform === 'win32') return [];
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return [];
  return [
    `password file "${shown(file, machine)}" has group or world access; permissions should be u=rw (0600) or less. ` +
      `It is ignored until you run: chmod 0600 ${shown(file, machine)}`,
  ];
}

async function serviceFiles(machine: ImportMachine): Promise<readonly { file: string; text: string }[]> {
  const read = await Promise.all(
    serviceFilePaths(machine).map(async (file) => ({ file, text: await readIfThere(file) })),
  );
  return read.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

/** For looking one up: a file that cannot be read is as good as none. */
async function services(machine: ImportMachine): Promise<readonly Service[]> {
  try {
    return (await serviceFiles(machine)).flatMap(({ text }) => parseServiceFile(text));
  } catch {
    return [];
  }
}

async function passfileEntries(machine: ImportMachine): Promise<readonly PassfileEntry[]> {
  const file = passfilePath(machine);
  try {
    const text = await readIfThere(file);
    return text === undefined || (await modeWarnings(file, machine)).length > 0 ? [] : parsePassfile(text);
  } catch {
    return [];
  }
}

/** What libpq does by itself: a password that the password file has is taken from there. */
function withPassfile(found: FoundConnections, entries: readonly PassfileEntry[], file: string): FoundConnections {
  let any = false;
  const candidates = found.candidates.map((candidate): FoundConnection => {
    if (candidate.draft.authentication.kind !== 'password') return candidate;
    if (findPassword(entries, candidate.draft) === undefined) return candidate;
    any = true;
    return { ...candidate, draft: { ...candidate.draft, authentication: { kind: 'passfile' } } };
  });
  return {
    candidates,
    warnings: any
      ? [...found.warnings, `Passwords that are in ${file} stay there; Steward reads them from it.`]
      : found.warnings,
  };
}

async function readIfThere(file: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw tooLong(file);
    bytes = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  return decodeText(bytes, file);
}

function withExisting(candidate: FoundConnection, saved: readonly Connection[]): ImportCandidate {
  const { draft } = candidate;
  const existing = saved.find(
    (connection) =>
      connection.host.toLowerCase() === draft.host.toLowerCase() &&
      connection.port === draft.port &&
      connection.database === draft.database &&
      connection.user === draft.user &&
      connection.ssh?.host === draft.ssh?.host,
  );
  return existing === undefined ? candidate : { ...candidate, existing: existing.name };
}

function roaming(machine: ImportMachine): string {
  return machine.environment['APPDATA'] || path.join(machine.homeDirectory, 'AppData', 'Roaming');
}

/** A path as people write it, with ~ for the home folder. */
function shown(file: string, machine: ImportMachine): string {
  const relative = path.relative(machine.homeDirectory, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative) ? path.join('~', relative) : file;
}
