import { statSync } from 'node:fs';
import os from 'node:os';

import { type ConnectionDraft, type ConnectionEntry, sslModes } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { toFailure } from '../../postgres/failure.ts';
import { defaultPassfile, parseConnectionUrl } from '../../services/connections/index.ts';
import type { CommandContext } from './command-context.ts';
import { answerHint } from './answer-hint.ts';
import { CliEnd, type ExitCode, exitCodes } from './exit-codes.ts';
import { type PassphraseOptions, passphraseHint } from './given-passphrase.ts';

export interface TargetOptions extends PassphraseOptions {
  /** `env:NAME`: the password is in that variable. */
  readonly password?: string | undefined;
  readonly readOnly?: boolean | undefined;
  /** Why a superuser's read-only session is acceptable. */
  readonly acceptSuperuser?: string | undefined;
}

/**
 * Opens what a command was given: the name of a saved connection, a URL, or `env:NAME` with a URL in that variable.
 * The password comes from --password env:NAME, the URL, PGPASSWORD or the pgpass file, in this order.
 * Ends with 2 for what cannot be read, 3 when the server cannot be reached, and 4 when the password is locked away.
 */
export async function openTarget(
  context: CommandContext,
  target: string,
  options: TargetOptions = {},
): Promise<ConnectionEntry> {
  const text = target.startsWith('env:') ? fromEnvironment(target) : target;
  const saved = context.services.connections.list.value.find((entry) => entry.name === text);
  const { id } = saved ? await savedTarget(context, saved, options) : await urlTarget(context, text, options);
  try {
    return await context.services.connections.open(id);
  } catch (error) {
    const failure = toFailure(error);
    if (saved && options.password === undefined) refuseLocked(context, saved, failure);
    throw new CliEnd(
      openExitCode(failure),
      failure.message,
      failure.question ? answerHint(failure.question) : failure.hint,
    );
  }
}

function openExitCode({ code }: Failure): ExitCode {
  if (code === 'bad_input') return exitCodes.usage;
  return code === 'needs_answer' || code === 'refused' ? exitCodes.failed : exitCodes.unreachable;
}

/** A password that is asked for, or that the server missed, may be in the secrets file that nobody has opened. */
function refuseLocked({ services }: CommandContext, saved: ConnectionEntry, failure: Failure): void {
  const { locked, damage, file } = services.secrets.state.value;
  const asked = failure.code === 'needs_answer' && failure.question?.kind === 'unlock';
  if (!asked && (failure.code !== 'auth_failed' || saved.managedBy === 'local-server')) return;
  if (damage !== null) throw new CliEnd(exitCodes.failed, `${failure.message}\n${damage}: ${file}`, failure.hint);
  if (!locked) return;
  throw new CliEnd(
    exitCodes.failed,
    asked
      ? `The password of “${saved.name}” is in the secrets file, which is locked`
      : `${failure.message}\nIf the password of “${saved.name}” is stored: the secrets file is locked`,
    passphraseHint,
  );
}

/** A saved connection as the command changes it: another password, or held to reading. Its secrets go with it. */
async function savedTarget(
  { services }: CommandContext,
  saved: ConnectionEntry,
  options: TargetOptions,
): Promise<ConnectionEntry> {
  const password = options.password === undefined ? undefined : passwordOption(options.password);
  const fromVariable =
    saved.password === 'none' && saved.authentication.kind === 'password' ? process.env['PGPASSWORD'] : undefined;
  const given = password ?? fromVariable;
  if (saved.managedBy === 'local-server' || (given === undefined && !options.readOnly && !options.acceptSuperuser))
    return saved;
  const { id, state: _state, password: _password, managedBy: _managedBy, ...fields } = saved;
  return services.connections.addTemporary(
    {
      ...fields,
      ...(given === undefined ? {} : { authentication: { kind: 'password' }, password: given }),
      ...guardOptions(options, saved.readOnly),
    },
    id,
  );
}

/** What a URL or connection string says, with libpq's environment variables for what it leaves out. */
async function urlTarget({ services }: CommandContext, text: string, options: TargetOptions): Promise<ConnectionEntry> {
  const { password: inUrl, ...fields } = urlFields(text);
  const user = fields.user ?? process.env['PGUSER'] ?? os.userInfo().username;
  const host = fields.host ?? process.env['PGHOST'] ?? 'localhost';
  const database = fields.database ?? process.env['PGDATABASE'] ?? user;
  const password = givenPassword(inUrl, options);
  return services.connections.addTemporary({
    ...fields,
    name: `${user}@${host}/${database}`,
    environment: 'development',
    color: 'grey',
    user,
    host,
    database,
    port: fields.port ?? portFromEnvironment(),
    sslMode: fields.sslMode ?? sslModeFromEnvironment(),
    ...(password === undefined ? passfileAuthentication(fields.authentication) : { password }),
    ...guardOptions(options, false),
  });
}

function guardOptions(options: TargetOptions, readOnly: boolean): { readOnly: boolean; superuserAccepted?: string } {
  return {
    readOnly: options.readOnly ?? readOnly,
    ...(options.acceptSuperuser ? { superuserAccepted: options.acceptSuperuser } : {}),
  };
}

/** As psql: what nobody has typed is looked up in the password file, unless others can read that. */
function passfileAuthentication(chosen: ConnectionDraft['authentication']): Pick<ConnectionDraft, 'authentication'> {
  if (chosen) return { authentication: chosen };
  const file = defaultPassfile();
  if (process.platform !== 'win32' && ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0) {
    process.stderr.write(
      `Warning: the password file ${file} is not used, since others can read it (chmod 600 ${file}).\n`,
    );
    return {};
  }
  return { authentication: { kind: 'passfile' } };
}

function urlFields(text: string): ReturnType<typeof parseConnectionUrl>['fields'] {
  if (!/^postgres(?:ql)?:\/\//.test(text)) {
    throw new CliEnd(
      exitCodes.usage,
      `There is no saved connection named “${text}”, and it is no URL`,
      'A URL looks like postgresql://user@host:5432/database',
    );
  }
  try {
    const { fields, warnings } = parseConnectionUrl(text);
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
    return fields;
  } catch (error) {
    const failure = toFailure(error);
    throw new CliEnd(exitCodes.usage, failure.message, failure.hint);
  }
}

function givenPassword(inUrl: string | undefined, options: TargetOptions): string | undefined {
  if (options.password !== undefined) return passwordOption(options.password);
  if (inUrl?.startsWith('env:')) return fromEnvironment(inUrl);
  if (inUrl !== undefined) {
    process.stderr.write(
      'Warning: a password in a URL is seen by everybody who may list processes here. Use PGPASSWORD, ~/.pgpass or --password env:NAME.\n',
    );
    return inUrl;
  }
  return process.env['PGPASSWORD'];
}

function passwordOption(option: string): string {
  if (option.startsWith('env:')) return fromEnvironment(option);
  throw new CliEnd(
    exitCodes.usage,
    '--password takes env:NAME: a password itself would be seen in the list of processes',
  );
}

function fromEnvironment(reference: string): string {
  const name = reference.slice('env:'.length);
  const value = process.env[name];
  if (value === undefined) throw new CliEnd(exitCodes.usage, `The environment variable ${name} is not set`);
  return value;
}

function portFromEnvironment(): number {
  const port = Number(process.env['PGPORT'] || 5432);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CliEnd(exitCodes.usage, `PGPORT "${process.env['PGPORT']}" is not a port`);
}

function sslModeFromEnvironment(): ConnectionEntry['sslMode'] {
  const wanted = process.env['PGSSLMODE'] || 'prefer';
  const mode = sslModes.find((known) => known === wanted);
  if (!mode)
    throw new CliEnd(exitCodes.usage, `PGSSLMODE "${wanted}" does not exist`, `It is one of ${sslModes.join(', ')}.`);
  return mode;
}
